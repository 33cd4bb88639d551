"""Restoring an earlier version (product.md §2.9): its rules, its roster or both, as a new version.

Rules need ``routing.rules``, the roster ``routing.roster``. Whoever has left is named and left out; what the member
may not change stays as it is now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from codes.selectors import LiveCode, code_for, held_on
from codes.services import code_note
from people.selectors import StaffCard, group_members, staff_cards
from permissions.access import Access
from permissions.capabilities import LABELS as CAPABILITY_LABELS
from permissions.capabilities import capability_for
from routing.models import Seat
from routing.rules.ruleset import FIELDS, ConditionRule, RuleChanges, Rules, offered, rules_to_json
from routing.rules.rulewords import LABELS, Change, roster_changes, rule_changes
from routing.rules.snapshot import SeatPlan
from routing.selectors.compiled import rules_of, seat_plan
from routing.selectors.rules import rule_names
from routing.selectors.sources import standing
from routing.selectors.versions import VersionContent, plans_words, version_content
from routing.services.changing import RoutingRefused, publish_lock
from routing.services.roster import KEEP, SeatInput, roster_set
from routing.services.rules import fallback_code_problem, rule_set
from tenants.selectors import tenant_facts

PARTS = ("rules", "roster")
RULES, ROSTER, CAPS = "routing.rules", "routing.roster", "routing.caps"


class RestoreRefused(RoutingRefused):
    """This version can't be restored as it was asked for."""


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """What restoring would do. ``rules`` and ``seats`` None: that part stays. ``left_out``: who or what, and why."""

    version: int
    rules: RuleChanges | None
    seats: tuple[SeatInput, ...] | None
    changes: tuple[Change, ...]
    left_out: tuple[str, ...]


def restorable_parts(access: Access, code_id: int) -> list[str]:
    """The parts that the member may restore on this code, in the order of :data:`PARTS`."""
    held = held_on(access, code_id, (RULES, ROSTER))
    return [part for part, capability in zip(PARTS, (RULES, ROSTER), strict=True) if capability in held]


def restore_plan(*, access: Access, code_id: int, version: int, parts: Sequence[str], now: datetime) -> RestorePlan:
    """What restoring these parts would change and leave out; nothing is written.

    Raises:
        NotFound: not this member's code.
        RestoreRefused: no such version, no part that may be restored, or a roster of which nobody can receive.
    """
    code = code_for(access, code_id)
    content = version_content(access, code_id, version)
    if content is None:
        raise RestoreRefused("没有这个版本")
    wanted = [part for part in restorable_parts(access, code_id) if part in parts]
    if not wanted:
        raise RestoreRefused("请选择要恢复的内容：规则或名单")
    left_out = _parts_left_out(access, content, code_id)
    changes: list[Change] = []
    held = held_on(access, code_id, (RULES, ROSTER, CAPS, "codes.edit"))
    present = list(Seat.objects.filter(code=code_id, removed_at=None).exclude(rung=Seat.Rung.DUTY))
    seats = _seats(content, present, held, left_out, now) if "roster" in wanted else None
    if seats is not None:
        left_out += _fields_left_out(content, {seat.staff_id: seat for seat in present}, held)
        groups = standing(code_id).source_names().values()
        left_out += [f"分组「{name}」：按当时的人员恢复，名单不再随分组变化" for name in groups]
    roster = (
        [seat.staff_id for seat in present if seat.rung == Seat.Rung.ROSTER]
        if seats is None
        else [seat.staff_id for seat in seats if not seat.is_backup]
    )
    rules = None
    if "rules" in wanted:
        before = rules_of(code_id)
        after = _rules(access, code, content, before, frozenset(roster), held, left_out, now)
        changes += rule_changes(before, after, rule_names(before, after))
        stored = rules_to_json(after)
        rules = RuleChanges(**{name: stored[name] for name in before.differing(after)})  # type: ignore[typeddict-item]
    if seats is not None:
        changes += _roster_changes(present, seats)
    return RestorePlan(version, rules, seats, tuple(changes), tuple(dict.fromkeys(left_out)))


@transaction.atomic
def version_restore(*, access: Access, code_id: int, version: int, parts: Sequence[str], now: datetime) -> RestorePlan:
    """Restore parts of an earlier version; the very next scan follows. The plan says what was left out.

    Raises as :func:`restore_plan`, :func:`roster_set` and :func:`rule_set`; nothing is kept when any part is refused.
    """
    publish_lock(code_id)
    plan = restore_plan(access=access, code_id=code_id, version=version, parts=parts, now=now)
    if not plan.changes:
        raise RestoreRefused("与当前内容相同，无需恢复")
    if plan.seats is not None:
        # With rules too, both make one version.
        roster_set(access=access, code_id=code_id, seats=plan.seats, now=now, publish=not plan.rules)
    if plan.rules:
        rule_set(access=access, code_id=code_id, now=now, reason="restore", **plan.rules)
    words: dict[str, object] = {"version": version, "parts": ["规则" if part == "rules" else "名单" for part in parts]}
    code_note(access, code_for(access, code_id), "version_restored", before={}, after=words, now=now)
    return plan


def _parts_left_out(access: Access, content: VersionContent, code_id: int) -> list[str]:
    """The parts that differ from today's and stay, because the member may not restore them."""
    may, found = restorable_parts(access, code_id), []
    if "rules" not in may and rules_of(code_id).differing(content.rules):
        found.append(f"规则：{_missing(RULES)}，保持现状")
    if "roster" not in may and _who(content.frozen.roster, content.frozen.backups) != _who_now(code_id):
        found.append(f"接待名单：{_missing(ROSTER)}，保持现状")
    return found


def _who(roster: Sequence[SeatPlan], backups: Sequence[SeatPlan]) -> list[tuple[object, ...]]:
    """What tells two rosters apart: people in order, with all that is set beside them."""
    return [
        (backup, plan.staff_id, plan.daily_cap, plan.weight, plan.paused_until, plan.hours)
        for backup, plans in ((False, roster), (True, backups))
        for plan in plans
    ]


def _who_now(code_id: int) -> list[tuple[object, ...]]:
    seats = Seat.objects.filter(code=code_id, removed_at=None).exclude(rung=Seat.Rung.DUTY).order_by("position")
    plans = [(seat.is_backup, seat_plan(seat)) for seat in seats]
    return _who([plan for backup, plan in plans if not backup], [plan for backup, plan in plans if backup])


def _fields_left_out(content: VersionContent, known: Mapping[int, Seat], held: frozenset[str]) -> list[str]:
    """What is set beside the names of that version and stays as it is, because the member may not change it."""
    plain = SeatPlan(0, 0, 0)
    pairs = [
        (plan, seat_plan(known[plan.staff_id]) if plan.staff_id in known else plain)
        for plan in (*content.frozen.roster, *content.frozen.backups)
    ]
    differs = {
        ("席位上限", CAPS): any(was.daily_cap != now.daily_cap for was, now in pairs),
        ("权重", RULES): any(was.weight != now.weight for was, now in pairs),
        ("席位的接待时段", RULES): any(was.hours != now.hours for was, now in pairs),
    }
    return [
        f"{label}：{_missing(capability)}，保持现状"
        for (label, capability), differ in differs.items()
        if differ and capability not in held
    ]


def _missing(capability: str) -> str:
    """Why, in words."""
    return f"您没有「{CAPABILITY_LABELS[capability]}」权限"


def _seats(
    content: VersionContent, present: Sequence[Seat], held: frozenset[str], left_out: list[str], now: datetime
) -> tuple[SeatInput, ...]:
    """The seats of the version, without those who can't receive any more."""
    plans = [(plan, False) for plan in content.frozen.roster] + [(plan, True) for plan in content.frozen.backups]
    cards = staff_cards([plan.staff_id for plan, _ in plans])
    known = {seat.staff_id: seat for seat in present}
    seats = []
    for place, (plan, backup) in enumerate(plans):
        card = cards.get(plan.staff_id)
        if card is None or not card.receivable:
            left_out.append(_gone(card))
        else:
            seats.append(_seat(plan, backup, place, known.get(plan.staff_id), held, now))
    if not any(not seat.is_backup for seat in seats):
        raise RestoreRefused("该版本的名单中已没有可接待的客服，无法恢复名单")
    return tuple(seats)


def _seat(
    plan: SeatPlan, backup: bool, place: int, known: Seat | None, held: frozenset[str], now: datetime
) -> SeatInput:
    """One seat of the version; what the member may not change is taken from the present seat."""
    paused = datetime.fromtimestamp(plan.paused_until, UTC) if plan.paused_until is not None else None
    own_cap = known.daily_cap if known is not None else None
    may_rule = RULES in held
    return SeatInput(
        staff_id=plan.staff_id,
        is_backup=backup,
        position=place,
        daily_cap=plan.daily_cap if CAPS in held else own_cap,
        paused_until=paused if paused is not None and paused > now else None,
        weight=plan.weight if may_rule else None,
        hours=plan.hours if may_rule else KEEP,
    )


def _rules(
    access: Access,
    code: LiveCode,
    content: VersionContent,
    before: Rules,
    roster: frozenset[int],
    held: frozenset[str],
    left_out: list[str],
    now: datetime,
) -> Rules:
    """The rules of the version as far as they can be kept today."""
    after = content.rules
    shown = offered(code.delivery)
    for name in before.differing(after):
        if name not in shown:
            after = replace(after, **{name: getattr(before, name)})
        elif capability_for(*FIELDS[name]) not in held:
            after = replace(after, **{name: getattr(before, name)})
            left_out.append(f"{LABELS[name]}：{_missing(capability_for(*FIELDS[name]) or RULES)}，保持现状")
    if after.duty_staff_id not in (None, before.duty_staff_id):
        card = staff_cards([after.duty_staff_id]).get(after.duty_staff_id)
        if card is None or not card.receivable:
            left_out.append(f"值班人 {_gone(card)}")
            after = replace(after, duty_staff_id=before.duty_staff_id)
    target = after.fallback_code_id
    if target not in (None, before.fallback_code_id) and (
        text := fallback_code_problem(access, target, now, own=code.pk)
    ):
        left_out.append(f"兜底活码：{text}")
        after = replace(after, fallback=before.fallback, fallback_code_id=before.fallback_code_id)
    return replace(after, conditions=_conditions(after.conditions, roster, left_out))


def _conditions(
    conditions: Sequence[ConditionRule], roster: frozenset[int], left_out: list[str]
) -> tuple[ConditionRule, ...]:
    """The conditions with those people and groups that are in the roster; without any they go."""
    members = group_members({pk for one in conditions for pk in one.groups})
    cards = staff_cards({pk for one in conditions for pk in one.staff} - roster)
    kept = []
    for one in conditions:
        for pk in one.staff:
            if pk not in roster:
                name = cards[pk].name if pk in cards else "已不存在的客服"
                left_out.append(f"分流条件「{one.name}」中的{name}：不在接待名单中")
        staff = tuple(pk for pk in one.staff if pk in roster)
        groups = tuple(pk for pk in one.groups if not roster.isdisjoint(members.get(pk, ())))
        if staff or groups:
            kept.append(replace(one, staff=staff, groups=groups))
        else:
            left_out.append(f"分流条件「{one.name}」：已没有可接待的客服")
    return tuple(kept)


def _roster_changes(present: Sequence[Seat], seats: Sequence[SeatInput]) -> list[Change]:
    zone = tenant_facts().time_zone
    now_there = sorted(present, key=lambda seat: (seat.rung, seat.position))
    before = plans_words(
        [seat_plan(seat) for seat in now_there if not seat.is_backup],
        [seat_plan(seat) for seat in now_there if seat.is_backup],
        zone,
    )
    known = {seat.staff_id: seat for seat in present}
    after = plans_words(
        [_wanted_plan(seat, known) for seat in seats if not seat.is_backup],
        [_wanted_plan(seat, known) for seat in seats if seat.is_backup],
        zone,
    )
    names = rule_names(staff=[seat.staff_id for seat in (*before, *after)])
    return roster_changes(before, after, names)


def _wanted_plan(seat: SeatInput, known: dict[int, Seat]) -> SeatPlan:
    row = known.get(seat.staff_id)
    plan = seat_plan(row) if row is not None else SeatPlan(0, seat.staff_id, seat.position)
    told: dict[str, Any] = {"position": seat.position, "daily_cap": seat.daily_cap}
    if seat.weight is not None:
        told["weight"] = seat.weight
    if seat.hours is not KEEP:
        told["hours"] = seat.hours
    told["paused_until"] = seat.paused_until.timestamp() if seat.paused_until is not None else None
    return replace(plan, **told)


def _gone(card: StaffCard | None) -> str:
    return "已不存在的客服" if card is None else f"{card.name}：{card.reason}"
