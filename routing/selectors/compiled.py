"""The snapshot that roster and rules make, of what is stored or of rules that are only tried out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from codes.selectors import code_cards
from people.selectors import group_members
from routing.models import ReceptionDefault, RoutingRule, Seat
from routing.rules import snapshot as frozen
from routing.rules.conditions import Condition, compiled
from routing.rules.hours import hours_from_json
from routing.rules.ruleset import FIELDS, Rules, condition_to_json, rules_from_json


def rules_of(code_id: int) -> Rules:
    """The code's rules as they are stored; the defaults for a code that has none yet."""
    return rules_from_row(RoutingRule.objects.filter(code=code_id).first())


def rules_from_row(row: RoutingRule | None) -> Rules:
    """A stored row as one value."""
    return Rules() if row is None else rules_from_json({name: getattr(row, name) for name in FIELDS})


def reception_default() -> ReceptionDefault:
    """What holds for all codes of the company; the defaults of the defaults while nobody has set any."""
    return ReceptionDefault.objects.first() or ReceptionDefault()


def snapshot_compile(code_id: int, version: int, rules: Rules | None = None) -> frozen.Snapshot:
    """The snapshot that the present roster makes with the stored rules, or with ``rules``; nothing is stored.

    The duty seat is the stored one: :func:`routing.services.publish.duty_seat_ensure` makes it fit the rules.
    """
    rule = rules_of(code_id) if rules is None else rules
    default = reception_default()
    rungs: dict[int, list[frozen.SeatPlan]] = {1: [], 2: [], 3: []}
    for seat in Seat.objects.filter(code=code_id, removed_at=None).order_by("rung", "position", "id"):
        rungs[seat.rung].append(seat_plan(seat))
    own = rule.fallback != RoutingRule.Fallback.DEFAULT
    chosen, other = (rule.fallback, rule.fallback_code_id) if own else (default.fallback, default.fallback_code_id)
    return frozen.Snapshot(
        code_id=code_id,
        version=version,
        roster=tuple(rungs[1]),
        backups=tuple(rungs[2]),
        duty=rungs[3][0] if rungs[3] else None,
        strategy=rule.strategy,
        overflow=rule.overflow,
        pending_seconds=rule.pending_seconds,
        sticky_seconds=rule.sticky_seconds,
        turns_count=rule.turns_count,
        peak_window=rule.peak_window_seconds if rule.peak_overflow else None,
        hours=rule.hours,
        conditions=_conditions(rule, rungs[1]),
        fallback=chosen,
        # The company's fallback code itself has no other one.
        fallback_code=other if chosen == RoutingRule.Fallback.CODE and other != code_id else None,
        delivery=code_cards([code_id])[code_id].delivery,
    )


def seat_plan(seat: Seat) -> frozen.SeatPlan:
    """One stored seat as routing sees it."""
    return frozen.SeatPlan(
        seat_id=seat.pk,
        staff_id=seat.staff_id,
        position=seat.position,
        daily_cap=seat.daily_cap,
        weight=seat.weight,
        paused_until=seat.paused_until.timestamp() if seat.paused_until else None,
        hours=hours_from_json(seat.hours),
    )


def _conditions(rule: Rules, roster: Iterable[frozen.SeatPlan]) -> tuple[Condition, ...]:
    """The rule's conditions with the seats of the present roster; groups mean those who are in them now."""
    if not rule.conditions:
        return ()
    of_groups = group_members({group_id for condition in rule.conditions for group_id in condition.groups})

    def seats_of(staff: Sequence[int], groups: Sequence[int]) -> list[int]:
        wanted = set(staff).union(*(of_groups.get(group_id, ()) for group_id in groups))
        return [seat.seat_id for seat in roster if seat.staff_id in wanted]

    return tuple(compiled(condition_to_json(condition), seats_of) for condition in rule.conditions)
