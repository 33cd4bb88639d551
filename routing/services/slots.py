"""Slots settled by a friend or given back, under the tenant's lock, so that they and the batch never disagree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import connection, connections, transaction

from livecode_admin.kernel.clock import local_day
from people.selectors import staff_by_userid
from routing.models import ContactWay, SeatDay, Slot, StaffDay
from routing.services.changing import tenant_lock
from tenants.context import require_tenant_id
from tenants.selectors import tenant_facts

LATE_MEMORY = timedelta(days=7)
EXPIRE_AT_ONCE = 5000


class Match(StrEnum):
    """How an add was tied to a scan; the first two are 精确, the others 估算 (product.md §2.12)."""

    EXACT = "exact"
    SOLE = "sole"
    OLDEST = "oldest"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Attribution:
    """Where an add came from. ``code_id`` None: not one of our ways. ``scan_id`` None: no scan could be told.

    ``late``: it came after its slot was given back, and counts to today as 迟到添加. ``day``: the scan's day.
    """

    code_id: int | None
    seat_id: int | None
    scan_id: UUID | None
    sub_channel: str
    match: str
    late: bool
    day: date | None


NOT_OURS = Attribution(None, None, None, "", Match.NONE, False, None)


@transaction.atomic
def friend_added(
    *, state: str, staff_userid: str, customer_id: int, occurred_at: datetime, now: datetime
) -> Attribution:
    """Match a friend-added event to its scan and settle the slot; the counts of the day follow.

    ``state``: as the event gives it. ``customer_id`` is not stored here: a visitor is tied to a customer only by
    reception, and only after an exact match. An add of an unknown state is not ours.
    """
    way = ContactWay.objects.select_related("seat").filter(state=state).first() if state else None
    if way is None:
        return NOT_OURS
    tenant_lock()
    expire_due(min(occurred_at, now))
    seat = way.seat
    slot, match = _match(way, occurred_at)
    late = slot is None or slot.state == Slot.State.RETURNED
    if slot is not None:
        slot.state, slot.settled_at, slot.late = Slot.State.FRIEND, occurred_at, late
        slot.save(update_fields=["state", "settled_at", "late"])
    added_by = staff_by_userid(staff_userid)
    day = local_day(occurred_at, tenant_facts().time_zone)
    _count(added_by.id if added_by else seat.staff_id, seat.pk, day, late=late)
    return Attribution(
        code_id=seat.code_id,
        seat_id=seat.pk,
        scan_id=slot.scan_id if slot else None,
        sub_channel=slot.sub_channel if slot else "",
        match=match,
        late=late,
        day=slot.day if slot else None,
    )


def _match(way: ContactWay, occurred_at: datetime) -> tuple[Slot | None, Match]:
    """The scan of an add through ``way``, among those that were before it.

    Whoever was shown this way comes before whoever merely waits at the seat.
    """
    # WeCom's times are whole seconds: a scan of the same second may well have been before the add.
    by_then = Slot.objects.filter(
        seat_id=way.seat_id, state=Slot.State.WAITING, taken_at__lt=occurred_at + timedelta(seconds=1)
    ).order_by("id")
    at_way = list(by_then.filter(way_id=way.pk))
    if len(at_way) == 1 and at_way[0].leased:
        return at_way[0], Match.EXACT
    if at_way:
        waiting = by_then.count()
        return at_way[0], Match.SOLE if waiting == 1 else Match.OLDEST
    returned = Slot.objects.filter(
        way_id=way.pk, state=Slot.State.RETURNED, taken_at__lte=occurred_at, taken_at__gt=occurred_at - LATE_MEMORY
    )
    slot = returned.order_by("-id").first()
    if slot is not None:
        return slot, Match.OLDEST
    at_seat = list(by_then[:2])
    if not at_seat:
        return None, Match.NONE
    return at_seat[0], Match.SOLE if len(at_seat) == 1 else Match.OLDEST


def _count(staff_id: int, seat_id: int, day: date, *, late: bool) -> None:
    """One more friend of the day; a late one also takes room under today's caps (product.md §2.2)."""
    staff_day, _ = StaffDay.objects.get_or_create(staff_id=staff_id, day=day)
    seat_day, _ = SeatDay.objects.get_or_create(seat_id=seat_id, day=day)
    for row in (staff_day, seat_day):
        row.added += 1
        row.late += late
        row.save(update_fields=["added", "late"])


@transaction.atomic
def slots_expire(*, now: datetime) -> int:
    """Give back the slots of the current tenant whose time has passed; returns how many."""
    tenant_lock()
    return expire_due(now)


def expire_due(moment: datetime) -> int:
    """Inside the tenant's lock: the same SQL function that each batch begins with."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT routing_expire(%s, %s, %s)", [require_tenant_id(), moment, EXPIRE_AT_ONCE])
        return int(cursor.fetchone()[0])


def tenants_with_due_slots(now: datetime) -> list[int]:
    """The tenants that have slots to give back; read as ``livecode_ops``."""
    with connections["ops"].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tenant_id FROM routing_slot WHERE state = 'waiting' AND held_until <= %s", [now]
        )
        return [int(row[0]) for row in cursor.fetchall()]
