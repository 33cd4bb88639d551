"""Publishing: the snapshot is compiled, stored as a new version, and current from the next scan on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from codes.selectors import code_cards
from codes.services import code_mark_live, code_note
from people.selectors import group_members, staff_cards
from permissions.access import Access
from routing import snapshot as frozen
from routing.conditions import Condition, compiled
from routing.hours import hours_from_json
from routing.models import CodeRoute, ReceptionDefault, RoutingRule, Seat, Snapshot
from routing.services.changing import RoutingRefused, code_to_change
from routing.services.ways import ways_order


class PublishRefused(RoutingRefused):
    """The code can't go out as it is; the messages name who or what stands in the way."""


@transaction.atomic
def code_publish(*, access: Access, code_id: int, now: datetime) -> int:
    """Compile and store the next version; contact ways are ordered for seats that have none. Returns the version.

    The code itself goes live with its first live way (:func:`code_go_live`).

    Raises:
        NotFound, Denied: as code_to_change, for ``codes.edit``.
        PublishRefused: an empty roster, somebody in it who can't receive (by name), or a retired code.
    """
    code = code_to_change(access, code_id, "codes.edit")
    if code.state == "retired":
        raise PublishRefused("已归档的活码不能发布")
    seats = list(Seat.objects.filter(code=code_id, removed_at=None).exclude(rung=Seat.Rung.DUTY))
    if not any(seat.rung == Seat.Rung.ROSTER for seat in seats):
        raise PublishRefused("接待名单为空：请至少添加一位客服后再发布")
    cards = staff_cards([seat.staff_id for seat in seats])
    unable = {pk: f"{card.name}无法接待：{card.reason}" for pk, card in cards.items() if not card.receivable}
    if unable:
        raise PublishRefused(*unable.values(), fields=unable)
    duty = duty_seat_ensure(code_id, now)
    ways_order(seats=[*seats, *([duty] if duty else [])], now=now)
    version = snapshot_store(access=access, code_id=code_id, reason="publish", now=now)
    code_note(access, code, "routing_published", before={}, after={"version": version}, now=now)
    if code.state == "draft" and any(seat.live_ways for seat in seats):
        code_go_live(access=access, code_id=code_id, now=now)
    return version


@transaction.atomic
def code_go_live(*, access: Access, code_id: int, now: datetime) -> bool:
    """A published draft becomes live once one of its seats has a live way. False when nothing was to be done."""
    ready = Seat.objects.filter(code=code_id, removed_at=None, live_ways__gt=0).exists()
    if not ready or not CodeRoute.objects.filter(code=code_id).exists():
        return False
    return code_mark_live(access=access, code_id=code_id, now=now)


@transaction.atomic
def snapshot_store(*, access: Access, code_id: int, reason: str, now: datetime) -> int:
    """Store what roster and rules say now as the next version and make it current; the turn goes on where it was."""
    last = Snapshot.objects.filter(code=code_id).aggregate(last=Max("version"))["last"] or 0
    compiled_now = snapshot_compile(code_id, last + 1)
    Snapshot.objects.create(
        code_id=code_id,
        version=compiled_now.version,
        data=frozen.to_json(compiled_now),
        reason=reason,
        published_at=now,
        published_by_id=access.member_id,
    )
    CodeRoute.objects.update_or_create(
        code_id=code_id,
        defaults={
            "version": compiled_now.version,
            "peak_window": compiled_now.peak_window,
            "fallback_code_id": compiled_now.fallback_code,
        },
    )
    return compiled_now.version


def snapshot_compile(code_id: int, version: int) -> frozen.Snapshot:
    """The snapshot that roster and rules make; nothing is stored."""
    rule = RoutingRule.objects.filter(code=code_id).first() or RoutingRule()
    default = ReceptionDefault.objects.first() or ReceptionDefault()
    rungs: dict[int, list[frozen.SeatPlan]] = {1: [], 2: [], 3: []}
    for seat in Seat.objects.filter(code=code_id, removed_at=None).order_by("rung", "position", "id"):
        rungs[seat.rung].append(_seat_plan(seat))
    own = rule.fallback != RoutingRule.Fallback.DEFAULT
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
        hours=hours_from_json(rule.hours),
        conditions=_conditions(rule, rungs[1]),
        fallback=rule.fallback if own else default.fallback,
        fallback_code=_fallback_code(rule if own else default, code_id),
        delivery=code_cards([code_id])[code_id].delivery,
    )


def _seat_plan(seat: Seat) -> frozen.SeatPlan:
    return frozen.SeatPlan(
        seat_id=seat.pk,
        staff_id=seat.staff_id,
        position=seat.position,
        daily_cap=seat.daily_cap,
        weight=seat.weight,
        paused_until=seat.paused_until.timestamp() if seat.paused_until else None,
        hours=hours_from_json(seat.hours),
    )


def _fallback_code(chosen: RoutingRule | ReceptionDefault, code_id: int) -> int | None:
    """The code that scans fall back to; the company's fallback code itself has no other one."""
    other = chosen.fallback_code_id if chosen.fallback == RoutingRule.Fallback.CODE else None
    return None if other == code_id else other


def _conditions(rule: RoutingRule, roster: list[frozen.SeatPlan]) -> tuple[Condition, ...]:
    """The rule's conditions with the seats of the present roster; groups mean those who are in them now."""
    if not rule.conditions:
        return ()
    of_groups = group_members({group_id for raw in rule.conditions for group_id in raw.get("groups", ())})

    def seats_of(staff: Sequence[int], groups: Sequence[int]) -> list[int]:
        wanted = set(staff).union(*(of_groups.get(group_id, ()) for group_id in groups))
        return [seat.seat_id for seat in roster if seat.staff_id in wanted]

    return tuple(compiled(raw, seats_of) for raw in rule.conditions)


@transaction.atomic
def duty_seat_ensure(code_id: int, now: datetime) -> Seat | None:
    """The code's duty seat, of its own duty person or the company's; None when neither is named."""
    rule = RoutingRule.objects.filter(code=code_id).first()
    default = ReceptionDefault.objects.first()
    staff_id = (rule.duty_staff_id if rule else None) or (default.duty_staff_id if default else None)
    current: Seat | None = Seat.objects.filter(code=code_id, rung=Seat.Rung.DUTY, removed_at=None).first()
    if current is not None and current.staff_id == staff_id:
        return current
    if current is not None:
        current.removed_at = now
        current.save(update_fields=["removed_at"])
    if staff_id is None:
        return None
    known: Seat | None = Seat.objects.filter(code=code_id, rung=Seat.Rung.DUTY, staff=staff_id).first()
    seat = known or Seat(code_id=code_id, staff_id=staff_id, rung=Seat.Rung.DUTY, position=1, created_at=now)
    seat.removed_at = None
    seat.save()
    return seat
