"""What the batch would load at this moment, read without the tenant's lock: for the dry run and the live page."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta

from django.db.models import Count, Q

from livecode_admin.kernel import clock
from people.selectors import StaffCard, staff_cards
from routing.models import (
    CalendarDay,
    CodeTurn,
    Seat,
    SeatDay,
    Slot,
    StaffDay,
    StaffLimit,
    StaffSuspect,
)
from routing.rules.counters import Counters, SeatLoad, StaffLoad, Turn, turn_read
from routing.rules.hours import HOLIDAY, LocalTime, local_time
from routing.rules.snapshot import Snapshot
from routing.selectors.compiled import reception_default
from tenants.selectors import tenant_facts


def local_now(at: datetime) -> LocalTime:
    """A moment in the company's zone and calendar, as the batch sees it."""
    zone = tenant_facts().time_zone
    day = clock.local_day(at, zone)
    rows = CalendarDay.objects.filter(day__range=(day - timedelta(days=1), day + timedelta(days=1)))
    calendar = {one.isoformat(): HOLIDAY if row is None else row for one, row in rows.values_list("day", "works_as")}
    return local_time(at.timestamp(), zone, calendar)


def turn_now(code_id: int) -> Turn:
    """Where the code's turns stand."""
    row = CodeTurn.objects.filter(code=code_id).values_list("cursor", "credits").first()
    return turn_read(*row) if row is not None else Turn()


def counters_now(snapshot: Snapshot, *, now: datetime, at: datetime | None = None) -> Counters:
    """The load of everybody in ``snapshot``: caps and leaves as they stand, counts of the local day of ``at``.

    ``at`` (default ``now``) on another day than ``now``'s begins with no load. Slots that are due to go back at ``now``
    count as given back.
    """
    zone = tenant_facts().time_zone
    today = clock.local_day(now, zone)
    day = today if at is None or clock.local_day(at, zone) == today else None
    seats = [seat.seat_id for seat in snapshot.seats()]
    people = {seat.staff_id for seat in snapshot.seats()}
    due_staff, due_seats = _due(day, people, now) if day else ({}, {})
    windows = () if snapshot.peak_window is None else (snapshot.peak_window,)
    return Counters(
        staff=_staff(people, day, at or now, due_staff),
        seats=_seats(seats, day, due_seats),
        waits={key: n for window in windows for key, n in _waits(people, window, now).items()} if day else {},
        windows=windows,
    )


def staff_load(card: StaffCard, limit: StaffLimit, today: StaffDay, *, due: int, suspect: bool) -> StaffLoad:
    """One person as the engine sees them; ``due``: slots of ``today`` that go back with the next batch."""
    return StaffLoad(
        card.id,
        used=today.assigned + today.late - due,
        cap=limit.daily_cap,
        receivable=card.receivable,
        paused_until=limit.paused_until.timestamp() if limit.paused_until else None,
        online=limit.online,
        peak=limit.peak_threshold,
        suspect=suspect,
    )


def _staff(people: set[int], day: date | None, at: datetime, due: dict[int, int]) -> dict[int, StaffLoad]:
    """``day`` None: a day on which nobody has received anybody yet, and nobody is suspected."""
    limits = {row.staff_id: row for row in StaffLimit.objects.filter(staff__in=people)}
    days: dict[int, StaffDay] = {}
    suspects: set[int] = set()
    if day is not None:
        days = {row.staff_id: row for row in StaffDay.objects.filter(staff__in=people, day=day)}
        suspects = set(StaffSuspect.objects.filter(staff__in=people, until__gt=at).values_list("staff_id", flat=True))
    return {
        staff_id: staff_load(
            card,
            limits.get(staff_id, StaffLimit()),
            days.get(staff_id, StaffDay()),
            due=due.get(staff_id, 0),
            suspect=staff_id in suspects,
        )
        for staff_id, card in staff_cards(people).items()
    }


def _seats(seats: list[int], day: date | None, due: dict[int, int]) -> dict[int, SeatLoad]:
    links_off = reception_default().links_exhausted_at is not None
    days = {row.seat_id: row for row in SeatDay.objects.filter(seat__in=seats, day=day)} if day else {}
    return {
        row.pk: SeatLoad(
            used=today.assigned + today.late - due.get(row.pk, 0),
            ways=row.live_ways,
            owed=today.owed + due.get(row.pk, 0),
            link="" if links_off else row.link_url,
            face_way=row.face_way_id,
        )
        for row in Seat.objects.filter(pk__in=seats, removed_at=None)
        for today in [days.get(row.pk, SeatDay())]
    }


def _due(day: date, people: set[int], now: datetime) -> tuple[dict[int, int], dict[int, int]]:
    """Slots of the day whose time has passed but that nobody has given back yet, by staff and by seat."""
    of_staff: dict[int, int] = defaultdict(int)
    of_seats: dict[int, int] = defaultdict(int)
    late = Slot.objects.filter(state=Slot.State.WAITING, held_until__lte=now, day=day, staff_id__in=people)
    for staff_id, seat_id, number in late.values_list("staff_id", "seat_id").annotate(n=Count("id")):
        of_staff[staff_id] += number
        of_seats[seat_id] += number
    return of_staff, of_seats


def _waits(people: set[int], window: int, now: datetime) -> dict[tuple[int, int], int]:
    """How many wait for each person, as ``routing_batch_load`` counts them (product.md §2.4)."""
    since = now - timedelta(seconds=window)
    waiting = Slot.objects.filter(
        Q(link=True, requested_at__isnull=False) | Q(link=False, taken_at__gt=since),
        state=Slot.State.WAITING,
        held_until__gt=now,
        staff_id__in=people,
    )
    counts = waiting.values_list("staff_id").annotate(n=Count("id"))
    return {(staff_id, window): number for staff_id, number in counts}
