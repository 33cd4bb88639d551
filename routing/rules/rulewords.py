"""Rules and rosters in words: for those who may only see them, for the audit log, and for what changed. Pure.

People, groups and codes are named, never numbered; a name that is gone says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from routing.rules.hours import Hours, hours_text
from routing.rules.ruleset import ConditionRule, Rules

STRATEGIES = {"in_turn": "平均分配(按序号轮询)", "weighted": "按权重分配", "least_loaded": "最少接待优先"}
TURNS = {"assignments": "按分配计轮次", "adds": "按添加计轮次"}
FALLBACKS = {"": "按企业设置", "page": "企业兜底页", "duty": "值班人", "code": "另一个活码"}
VISITORS = {"new": "新访客", "returning": "回访访客"}
LABELS = {
    "strategy": "分流方式",
    "turns_count": "轮次计算",
    "overflow": "溢出自动切换",
    "peak_overflow": "峰值溢出自动转接",
    "peak_window_seconds": "峰值窗口",
    "pending_seconds": "等待添加",
    "sticky_seconds": "回访",
    "hours": "接待时段",
    "conditions": "分流条件",
    "duty_staff_id": "值班人",
    "fallback": "兜底",
    "fallback_code_id": "兜底活码",
    "skip_verify": "免验证",
    "verify_hours": "需验证时段",
}


@dataclass(frozen=True, slots=True)
class Names:
    """What the ids of rules stand for."""

    staff: Mapping[int, str] = field(default_factory=dict)
    groups: Mapping[int, str] = field(default_factory=dict)
    codes: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a diff: 「权重 林晓彤」 ``3`` → ``5``."""

    label: str
    before: str
    after: str


JOINED, LEFT = "加入", "移出"


def span_text(seconds: int) -> str:
    """A length of time in whole units: 90 → 90 秒, 1800 → 30 分钟, 86400 → 24 小时, 172800 → 2 天."""
    for size, unit in ((86_400, "天"), (3600, "小时"), (60, "分钟")):
        if seconds % size == 0 and seconds >= size and not (unit == "天" and seconds == 86_400):
            return f"{seconds // size} {unit}"
    return f"{seconds} 秒"


def rule_words(rules: Rules, names: Names) -> dict[str, str]:
    """Each field of the rules in words, by its name in the order of the editor; conditions joined by ；."""
    return {
        "strategy": STRATEGIES.get(rules.strategy, rules.strategy),
        "turns_count": TURNS.get(rules.turns_count, rules.turns_count),
        "overflow": on_off(rules.overflow),
        "peak_overflow": on_off(rules.peak_overflow),
        "peak_window_seconds": span_text(rules.peak_window_seconds),
        "pending_seconds": f"{span_text(rules.pending_seconds)}未添加则退回名额",
        "sticky_seconds": f"{span_text(rules.sticky_seconds)}内仍由同一位接待" if rules.sticky_seconds else "不保留",
        "hours": hours_text(rules.hours),
        "conditions": "；".join(condition_words(one, names) for one in rules.conditions) or "无，使用整个名单",
        "duty_staff_id": named(names.staff, rules.duty_staff_id, "按企业设置"),
        "fallback": FALLBACKS.get(rules.fallback, rules.fallback),
        "fallback_code_id": named(names.codes, rules.fallback_code_id, "无"),
        "skip_verify": on_off(rules.skip_verify),
        "verify_hours": hours_text(rules.verify_hours) if rules.verify_hours else "无",
    }


def condition_words(condition: ConditionRule, names: Names) -> str:
    """「夜间：周一至周五 18:00–22:00，点位 m2 → 林晓彤、二组」."""
    asked = [
        "、".join(condition.regions),
        hours_text(condition.hours) if condition.hours is not None else "",
        f"点位 {'、'.join(condition.subs)}" if condition.subs else "",
        VISITORS.get(condition.visitor, ""),
    ]
    people = [named(names.groups, pk) for pk in condition.groups] + [named(names.staff, pk) for pk in condition.staff]
    return f"{condition.name}：{'，'.join(part for part in asked if part)} → {'、'.join(people)}"


def rule_changes(before: Rules, after: Rules, names: Names) -> list[Change]:
    """What differs, field by field; conditions one by one, by their keys."""
    old, new = rule_words(before, names), rule_words(after, names)
    found: list[Change] = []
    for name in before.differing(after):
        if name == "conditions":
            found += _condition_changes(before.conditions, after.conditions, names)
        else:
            found.append(Change(LABELS[name], old[name], new[name]))
    return found


def _condition_changes(before: Sequence[ConditionRule], after: Sequence[ConditionRule], names: Names) -> list[Change]:
    found: list[Change] = []
    old = {one.key: (place, one) for place, one in enumerate(before, start=1)}
    kept = [one.key for one in after if one.key in old]
    order = [one.key for one in before if one.key in kept]
    for place, one in enumerate(after, start=1):
        known = old.get(one.key)
        if known is None:
            found.append(Change(f"分流条件 {place}", "（新增）", condition_words(one, names)))
        elif known[1] != one:
            found.append(Change(f"分流条件 {place}", condition_words(known[1], names), condition_words(one, names)))
    for place, one in old.values():
        if one.key not in kept:
            found.append(Change(f"分流条件 {place}", condition_words(one, names), "（删除）"))
    if kept != order:
        titles = {one.key: one.name for one in after}
        found.append(
            Change("分流条件顺序", "、".join(titles[key] for key in order), "、".join(titles[key] for key in kept))
        )
    return found


def on_off(value: bool) -> str:
    """开 or 关."""
    return "开" if value else "关"


def named(names: Mapping[int, str], pk: int | None, nobody: str = "无") -> str:
    """The name of an id; ``nobody`` for None, and that it is gone for an id without a name."""
    return nobody if pk is None else names.get(pk, "（已不存在）")


@dataclass(frozen=True, slots=True)
class SeatWords:
    """One seat of a version, for its diff; ``rung`` 接待, 备用 or 值班."""

    staff_id: int
    rung: str
    place: int
    cap: int | None
    weight: int
    paused: str
    hours: Hours | None


def roster_changes(before: Sequence[SeatWords], after: Sequence[SeatWords], names: Names) -> list[Change]:
    """What differs between two rosters: who came and went, order, caps, weights, pauses, hours."""
    old = {seat.staff_id: seat for seat in before}
    new = {seat.staff_id: seat for seat in after}
    found: list[Change] = []
    for staff_id, seat in new.items():
        who, known = named(names.staff, staff_id), old.get(staff_id)
        if known is None:
            found.append(Change(f"{seat.rung} {who}", "（不在名单）", JOINED))
            continue
        for label, was, is_ in _seat_pairs(known, seat):
            if was != is_:
                found.append(Change(f"{label} {who}", was, is_))
    for staff_id, seat in old.items():
        if staff_id not in new:
            found.append(Change(f"{seat.rung} {named(names.staff, staff_id)}", "在名单", LEFT))
    orders = []
    both = old.keys() & new.keys()
    for seats in (before, after):
        kept = sorted((s for s in seats if s.staff_id in both and s.rung == "接待"), key=lambda s: s.place)
        orders.append("、".join(named(names.staff, seat.staff_id) for seat in kept))
    if orders[0] != orders[1] and sorted(orders[0].split("、")) == sorted(orders[1].split("、")):
        found.append(Change("接待顺序", *orders))
    return found


def brief(change: Change) -> str:
    """A change in one line: 「加 吴梓涵」, 「何嘉怡 暂停至 2027-01-22」, 「峰值窗口 5 分钟 → 10 分钟」."""
    first, _, who = change.label.partition(" ")
    if change.after == JOINED:
        return f"加{'' if first == '接待' else first} {who}"
    if change.after == LEFT:
        return f"移出 {who}"
    if first == "暂停" and who:
        return f"{who} 暂停{change.after}" if change.after != "无" else f"{who} 恢复接待"
    return f"{who or change.label} {first if who else ''} {change.before} → {change.after}".replace("  ", " ")


def _seat_pairs(old: SeatWords, new: SeatWords) -> list[tuple[str, str, str]]:
    return [
        ("位置", old.rung, new.rung),
        ("席位上限", cap_text(old.cap), cap_text(new.cap)),
        ("权重", str(old.weight), str(new.weight)),
        ("暂停", old.paused or "无", new.paused or "无"),
        ("接待时段", hours_text(old.hours), hours_text(new.hours)),
    ]


def cap_text(cap: int | None) -> str:
    """A seat's cap; 不限 without one."""
    return "不限" if cap is None else str(cap)
