"""Publishing: the snapshot is compiled, stored as a new version, and current from the next scan on."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from codes.services import code_mark_live, code_note
from people.selectors import staff_cards
from permissions.access import Access
from routing.models import CodeRoute, NativeWay, Seat, Snapshot
from routing.rules import snapshot as frozen
from routing.rules.ruleset import rules_to_json
from routing.selectors.compiled import reception_default, rules_of, snapshot_compile
from routing.services.changing import RoutingRefused, code_to_change, publish_lock
from routing.services.native import doors_follow
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
    """A published draft becomes live once one of its seats has a live way, or the code itself has (native).

    False when nothing was to be done.
    """
    ready = (
        Seat.objects.filter(code=code_id, removed_at=None, live_ways__gt=0).exists()
        or NativeWay.objects.filter(code=code_id, status=NativeWay.Status.LIVE).exists()
    )
    if not ready or not CodeRoute.objects.filter(code=code_id).exists():
        return False
    return code_mark_live(access=access, code_id=code_id, now=now)


@transaction.atomic
def snapshot_store(*, access: Access, code_id: int, reason: str, now: datetime) -> int:
    """Store what roster and rules say now as the next version and make it current; the turn goes on where it was."""
    publish_lock(code_id)
    last = Snapshot.objects.filter(code=code_id).aggregate(last=Max("version"))["last"] or 0
    rules = rules_of(code_id)
    compiled_now = snapshot_compile(code_id, last + 1, rules)
    Snapshot.objects.create(
        code_id=code_id,
        version=compiled_now.version,
        data=frozen.to_json(compiled_now),
        rule=rules_to_json(rules),
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
    doors_follow(code_id=code_id, now=now)
    return compiled_now.version


@transaction.atomic
def duty_seat_ensure(code_id: int, now: datetime) -> Seat | None:
    """The code's duty seat, of its own duty person or the company's; None when neither is named."""
    staff_id = rules_of(code_id).duty_staff_id or reception_default().duty_staff_id
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
