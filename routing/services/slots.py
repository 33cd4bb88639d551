"""Slots settled by a friend or given back, under the tenant's lock, so that they and the batch never disagree."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db import connection, connections, transaction

from livecode_admin.kernel.clock import local_day
from people.selectors import staff_by_userid
from routing.models import (
    ContactWay,
    NativeWay,
    ReceptionDefault,
    Seat,
    SeatDay,
    Slot,
    StaffDay,
    StaffSuspect,
    VisitorFriend,
)
from routing.rules.links import scan_of
from routing.services.changing import tenant_lock
from routing.services.matching import NOT_OURS, Attribution, Match, match_way
from tenants.context import require_tenant_id
from tenants.selectors import tenant_facts
from tenants.tasks import enqueue_on_commit

__all__ = ["Attribution", "Match", "friend_added", "friendship_ended", "slots_expire", "tenants_with_due_slots"]
EXPIRE_AT_ONCE = 5000
# A scan answered while PostgreSQL was away is written when it is back: an add may overtake it by seconds.
SCAN_MAY_FOLLOW = timedelta(minutes=2)


class ScanNotHereYet(LookupError):
    """An add names a scan that this database doesn't hold yet: the event has to wait."""


@transaction.atomic
def friend_added(
    *, state: str, staff_userid: str, customer_id: int, occurred_at: datetime, now: datetime, accepted: bool = True
) -> Attribution:
    """Match a friend-added event to its scan and settle the slot; the counts of the day follow.

    ``state``: as the event gives it. ``accepted`` False: the customer has asked and the colleague has not confirmed.
    After an exact match the visitor's cookie is tied to the friend (product.md §2.6). An add of an unknown state is
    not ours; it counts to the caps where the company wants that (名片, 搜索; product.md §2.2).

    Raises:
        ScanNotHereYet: the state names a scan that is still to be written.
    """
    tenant_lock()
    expire_due(min(occurred_at, now))
    staff = staff_by_userid(staff_userid)
    staff_id = staff.id if staff else None
    found, slot = _through_our_doors(state, staff_id, occurred_at, now)
    added_by = staff_id or (Seat.objects.filter(pk=found.seat_id).values_list("staff_id", flat=True).first())
    if added_by is None:
        return found
    day = local_day(occurred_at, tenant_facts().time_zone)
    if slot is not None:
        _settle(slot, occurred_at, late=found.late)
    if found.match == Match.EXACT and slot is not None and slot.visitor:
        VisitorFriend.objects.update_or_create(
            visitor=slot.visitor, staff_id=added_by, defaults={"customer_id": customer_id, "tied_at": occurred_at}
        )
    if found.code_id is not None:
        native = slot is None and found.match == Match.EXACT
        _count(added_by, found.seat_id, day, late=found.late, assigned=native)
        if native:
            # Not here: nobody may wait for a native code's row while the company's scans wait for this lock.
            enqueue_on_commit(
                "routing.tasks.native.look_at_native_of", tenant_id=require_tenant_id(), staff_id=added_by
            )
    elif accepted and ReceptionDefault.objects.filter(outside_count=True).exists():
        _count(added_by, None, day, late=True, assigned=False)
    _seen_adding(added_by, day, occurred_at)
    return found


def _through_our_doors(
    state: str, staff_id: int | None, occurred_at: datetime, now: datetime
) -> tuple[Attribution, Slot | None]:
    """The scan by the link's token or by the contact way; of a native code only the code and who received."""
    if not state:
        return NOT_OURS, None
    scan_id = scan_of(state)
    if scan_id is not None:
        slot = Slot.objects.filter(scan_id=scan_id).first()
        if slot is None and now - occurred_at < SCAN_MAY_FOLLOW:
            raise ScanNotHereYet(str(scan_id))
        return (_origin(slot, Match.EXACT), slot) if slot is not None else (NOT_OURS, None)
    way = ContactWay.objects.select_related("seat").filter(state=state).first()
    if way is not None:
        slot, match = match_way(way, occurred_at)
        if slot is not None:
            return _origin(slot, match), slot
        return replace(NOT_OURS, code_id=way.seat.code_id, seat_id=way.seat_id, late=True), None
    native = NativeWay.objects.filter(state=state).first()
    if native is None:
        return NOT_OURS, None
    seats = Seat.objects.filter(code=native.code_id, staff=staff_id, removed_at=None).order_by("rung")
    seat_id = seats.values_list("id", flat=True).first()
    return replace(NOT_OURS, code_id=native.code_id, seat_id=seat_id, match=Match.EXACT), None


def _origin(slot: Slot, match: Match) -> Attribution:
    late = slot.state == Slot.State.RETURNED
    return Attribution(slot.code_id, slot.seat_id, slot.scan_id, slot.sub_channel, match, late, slot.day)


def _settle(slot: Slot, occurred_at: datetime, *, late: bool) -> None:
    """The slot has its friend. A turn that was given back and is still owed need not be made up for any more."""
    slot.state, slot.settled_at, slot.late = Slot.State.FRIEND, occurred_at, late
    slot.save(update_fields=["state", "settled_at", "late"])
    if late:
        row = SeatDay.objects.filter(seat=slot.seat_id, day=slot.day, owed__gt=0).first()
        if row is not None:
            row.owed -= 1
            row.save(update_fields=["owed"])


def _count(staff_id: int, seat_id: int | None, day: date, *, late: bool, assigned: bool) -> None:
    """One more friend of the day; a late one also takes room under today's caps (product.md §2.2).

    ``assigned``: WeCom assigned the customer itself (native codes): add and assignment are one.
    """
    rows: list[StaffDay | SeatDay] = [StaffDay.objects.get_or_create(staff_id=staff_id, day=day)[0]]
    if seat_id is not None:
        rows.append(SeatDay.objects.get_or_create(seat_id=seat_id, day=day)[0])
    for row in rows:
        row.added += 1
        row.late += late
        row.assigned += assigned
        row.save(update_fields=["added", "late", "assigned"])


def _seen_adding(staff_id: int, day: date, occurred_at: datetime) -> None:
    """Whoever is added isn't full: a suspicion ends at once (product.md §2.13)."""
    row, _ = StaffDay.objects.get_or_create(staff_id=staff_id, day=day)
    if row.last_add_at is None or row.last_add_at < occurred_at:
        row.last_add_at = occurred_at
        row.save(update_fields=["last_add_at"])
    StaffSuspect.objects.filter(staff=staff_id).delete()


@transaction.atomic
def friendship_ended(*, customer_id: int, staff_id: int) -> None:
    """The customer is no friend of this colleague any more: the cookie leads to them no longer (product.md §2.6)."""
    VisitorFriend.objects.filter(customer_id=customer_id, staff_id=staff_id).delete()


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
