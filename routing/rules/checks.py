"""Whether rules can be kept: each rule of product.md §2 that bounds a field. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from routing.rules.conditions import CONDITIONS_MAX
from routing.rules.ruleset import ConditionRule, Rules, offered

SUB_CHANNEL = re.compile(r"[A-Za-z0-9_-]{1,64}")
NAME_MAX = 20
VALUES_MAX = 40
CHOICES: Mapping[str, frozenset[str]] = {
    "strategy": frozenset({"in_turn", "weighted", "least_loaded"}),
    "turns_count": frozenset({"assignments", "adds"}),
    "fallback": frozenset({"", "page", "duty", "code"}),
}
# Field → (least, most, label), in seconds.
RANGES: Mapping[str, tuple[int, int, str]] = {
    "pending_seconds": (60, 86_400, "等待添加时间应在 1 分钟到 24 小时之间"),
    "sticky_seconds": (0, 30 * 86_400, "回访时间应在 0 到 30 天之间"),
    "peak_window_seconds": (60, 3600, "峰值窗口应在 1 到 60 分钟之间"),
}
FLAGS = ("overflow", "peak_overflow", "skip_verify")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known around the rules. ``roster``: staff with a seat on the roster; ``groups``: those with somebody of
    the roster in them; ``unable``: why the duty person can't receive.
    """

    delivery: str = "hosted"
    roster: frozenset[int] = frozenset()
    groups: frozenset[int] = frozenset()
    regions_known: bool = False
    duty_known: bool = False
    unable: str = ""


def problems(before: Rules, after: Rules, known: Known) -> dict[str, str]:
    """What is wrong with the changed fields, by field; ``conditions.2.name`` is the third condition's name."""
    changed = before.differing(after)
    found: dict[str, str] = {}
    for name in changed:
        if name not in offered(known.delivery):
            found[name] = "原生活码由企业微信分配，不支持此项"
    for name in changed:
        value = getattr(after, name)
        if name in CHOICES and value not in CHOICES[name]:
            found[name] = "请选择列出的一项"
        if name in FLAGS and not isinstance(value, bool):
            found[name] = "请选择开或关"
        if name in RANGES:
            low, high, text = RANGES[name]
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                found[name] = text
    if "hours" in changed and after.hours is not None and not any(after.hours):
        found["hours"] = "请至少填写一个接待时段，或选择全天接待"
    if "conditions" in changed:
        found |= _conditions(before, after, known)
    if "duty_staff_id" in changed and known.unable:
        found["duty_staff_id"] = known.unable
    return found | _fallback(after, changed, known)


def _fallback(after: Rules, changed: list[str], known: Known) -> dict[str, str]:
    if not {"fallback", "fallback_code_id", "duty_staff_id"} & set(changed):
        return {}
    if after.fallback == "code" and after.fallback_code_id is None:
        return {"fallback_code_id": "请选择兜底活码"}
    if after.fallback == "duty" and not known.duty_known:
        return {"fallback": "尚未设置值班人：请先指定值班人，或选择其他兜底方式"}
    return {}


def _conditions(before: Rules, after: Rules, known: Known) -> dict[str, str]:
    found: dict[str, str] = {}
    if len(after.conditions) > CONDITIONS_MAX:
        found["conditions"] = f"最多 {CONDITIONS_MAX} 条分流条件"
    names: set[str] = set()
    keys: set[int] = set()
    for place, condition in enumerate(after.conditions[:CONDITIONS_MAX]):
        if condition.name in names:
            found[f"conditions.{place}.name"] = f"条件名称「{condition.name}」重复"
        if condition.key and condition.key in keys:
            found[f"conditions.{place}.name"] = "同一条件出现了两次"
        names.add(condition.name)
        keys.add(condition.key)
        if condition not in before.conditions:
            kept = next((one for one in before.conditions if one.key == condition.key), None)
            for part, text in _condition(condition, kept, known).items():
                found.setdefault(f"conditions.{place}.{part}", text)
    return found


def _condition(condition: ConditionRule, before: ConditionRule | None, known: Known) -> dict[str, str]:
    found: dict[str, str] = {}
    if not condition.name or len(condition.name) > NAME_MAX:
        found["name"] = f"请填写条件名称，最多 {NAME_MAX} 个字"
    if not condition.asks:
        found["asks"] = "请至少设置一项：地区、时段、点位或访客"
    if condition.hours is not None and not any(condition.hours):
        found["hours"] = "请至少填写一个时段，或选择不限时段"
    if condition.visitor not in ("", "new", "returning"):
        found["visitor"] = "请选择列出的一项"
    if bad := [sub for sub in condition.subs if not SUB_CHANNEL.fullmatch(sub)]:
        found["subs"] = f"点位「{bad[0]}」应为 1–64 个字母、数字、- 或 _"
    if bad := [region for region in condition.regions if not 2 <= len(region) <= 12]:
        found["regions"] = f"地区「{bad[0]}」应为省份或城市名"
    if max(len(condition.subs), len(condition.regions)) > VALUES_MAX:
        found["subs" if len(condition.subs) > VALUES_MAX else "regions"] = f"最多 {VALUES_MAX} 个"
    if condition.regions and not known.regions_known and (before is None or before.regions != condition.regions):
        found["regions"] = "尚未提供 IP 属地数据，暂不能按地区分流"
    if not condition.staff and not condition.groups:
        found["seats"] = "请选择由哪些客服或分组接待"
    elif not known.roster.issuperset(condition.staff) or not known.groups.issuperset(condition.groups):
        found["seats"] = "只能选择接待名单中的客服，或有人在接待名单中的分组"
    return found
