"""The state of many codes and people at this moment, in a fixed number of queries: what the live page is made of.

The same figures as ``routing_batch_load`` gives a batch, for all codes at once and without the tenant's lock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, Subquery

from codes.selectors import LiveCode
from livecode_admin.kernel.clock import local_day
from people.selectors import StaffCard, staff_cards
from routing import snapshot as frozen
from routing.counters import Counters, SeatLoad, StaffLoad
from routing.hours import HOLIDAY, LocalTime, hours_from_json, local_time
from routing.models import (
    CalendarDay,
    ContactWay,
    ReceptionDefault,
    RoutingRule,
    Seat,
    SeatDay,
    Slot,
    StaffDay,
    StaffLimit,
    StaffSuspect,
)
from routing.selectors.compiled import seat_plan
from tenants.selectors import tenant_facts

PEAK_WINDOW = 300


@dataclass(slots=True)
class Now:
    """One reading: people by id with their cards, limits and day, each code's snapshot, and the engine's counters.

    ``window``: in how many seconds an assignment of a person counts as waiting. ``last``: the newest assignment.
    """

    at: LocalTime
    day: date
    cards: dict[int, StaffCard]
    limits: dict[int, StaffLimit]
    days: dict[int, StaffDay]
    suspects: dict[int, StaffSuspect]
    counters: Counters
    snapshots: dict[int, frozen.Snapshot] = field(default_factory=dict)
    window: dict[int, int] = field(default_factory=dict)
    last: dict[int, datetime] = field(default_factory=dict)


def now_of(codes: Iterable[LiveCode], seats: list[Seat], *, now: datetime) -> Now:
    """Everything about these seats and their people at ``now``; the same number of queries for 2 and 2,000 seats.

    ``seats``: present ones, in order of rung and position; ``codes``: theirs.
    """
    day = local_day(now, tenant_facts().time_zone)
    people = {seat.staff_id for seat in seats}
    default = ReceptionDefault.objects.first() or ReceptionDefault()
    snapshots = _snapshots(codes, seats, default)
    window = _windows(snapshots)
    windows = tuple(sorted({one.peak_window for one in snapshots.values() if one.peak_window} | set(window.values())))
    waiting = _waiting(people, windows, day, now)
    cards = staff_cards(people)
    limits = {row.staff_id: row for row in StaffLimit.objects.filter(staff__in=people)}
    days = {row.staff_id: row for row in StaffDay.objects.filter(staff__in=people, day=day)}
    suspects = {row.staff_id: row for row in StaffSuspect.objects.filter(staff__in=people, until__gt=now)}
    due_staff: dict[int, int] = defaultdict(int)
    due_seats: dict[int, int] = defaultdict(int)
    waits: dict[tuple[int, int], int] = defaultdict(int)
    for row in waiting:
        due_staff[row["staff_id"]] += row["due"]
        due_seats[row["seat_id"]] += row["due"]
        for seconds in windows:
            waits[row["staff_id"], seconds] += row[f"w{seconds}"]
    staff = {}
    for staff_id, card in cards.items():
        limit, today = limits.get(staff_id, StaffLimit()), days.get(staff_id, StaffDay())
        staff[staff_id] = StaffLoad(
            staff_id,
            used=today.assigned + today.late - due_staff[staff_id],
            cap=limit.daily_cap,
            receivable=card.receivable,
            paused_until=limit.paused_until.timestamp() if limit.paused_until else None,
            online=limit.online,
            peak=limit.peak_threshold,
            suspect=staff_id in suspects,
        )
    seat_loads = _seat_loads(seats, day, due_seats, links_off=default.links_exhausted_at is not None)
    return Now(
        at=_local(now),
        day=day,
        cards=cards,
        limits=limits,
        days=days,
        suspects=suspects,
        counters=Counters(staff, seat_loads, waits, windows),
        snapshots=snapshots,
        window=window,
        last=_last(seats, waiting),
    )


def _local(now: datetime) -> LocalTime:
    zone = tenant_facts().time_zone
    day = local_day(now, zone)
    rows = CalendarDay.objects.filter(day__range=(day - timedelta(days=1), day + timedelta(days=1)))
    calendar = {one.isoformat(): HOLIDAY if row is None else row for one, row in rows.values_list("day", "works_as")}
    return local_time(now.timestamp(), zone, calendar)


def _snapshots(
    codes: Iterable[LiveCode], seats: Iterable[Seat], default: ReceptionDefault
) -> dict[int, frozen.Snapshot]:
    """What the present rosters and rules compile to, conditions left out: they choose by visitor, not by the moment."""
    of_code: dict[int, dict[int, list[frozen.SeatPlan]]] = defaultdict(lambda: {1: [], 2: [], 3: []})
    for seat in seats:
        of_code[seat.code_id][seat.rung].append(seat_plan(seat))
    rules = {row.code_id: row for row in RoutingRule.objects.filter(code__in=list(of_code))}
    found = {}
    for code in codes:
        rule, rungs = rules.get(code.pk, RoutingRule()), of_code[code.pk]
        found[code.pk] = frozen.Snapshot(
            code_id=code.pk,
            version=0,
            roster=tuple(rungs[1]),
            backups=tuple(rungs[2]),
            duty=rungs[3][0] if rungs[3] else None,
            strategy=rule.strategy,
            overflow=rule.overflow,
            turns_count=rule.turns_count,
            peak_window=rule.peak_window_seconds if rule.peak_overflow else None,
            hours=hours_from_json(rule.hours),
            fallback=rule.fallback or default.fallback,
            delivery=code.delivery,
        )
    return found


def _windows(snapshots: dict[int, frozen.Snapshot]) -> dict[int, int]:
    """For each person the longest peak window of their codes; the usual one where none is on (product.md §2.4)."""
    found: dict[int, int] = {}
    for snapshot in snapshots.values():
        for seat in snapshot.seats():
            found[seat.staff_id] = max(found.get(seat.staff_id, 0), snapshot.peak_window or 0)
    return {staff_id: seconds or PEAK_WINDOW for staff_id, seconds in found.items()}


def _waiting(people: set[int], windows: tuple[int, ...], day: date, now: datetime) -> list[dict[str, Any]]:
    """Waiting slots by person and seat: ``w<seconds>`` in each window, ``due`` to go back but not yet, the newest."""
    counts: dict[str, Count] = {
        f"w{seconds}": Count(
            "id",
            filter=Q(held_until__gt=now)
            & (Q(link=True, requested_at__isnull=False) | Q(link=False, taken_at__gt=now - timedelta(seconds=seconds))),
        )
        for seconds in windows
    }
    rows = Slot.objects.filter(state=Slot.State.WAITING, staff_id__in=people).values("staff_id", "seat_id")
    due = Count("id", filter=Q(held_until__lte=now, day=day))
    return list(rows.annotate(due=due, newest=Max("taken_at"), **counts))


def _seat_loads(seats: Iterable[Seat], day: date, due: dict[int, int], *, links_off: bool) -> dict[int, SeatLoad]:
    counted = [seat.pk for seat in seats if seat.daily_cap is not None]
    days = {row.seat_id: row for row in SeatDay.objects.filter(seat__in=counted, day=day)}
    return {
        seat.pk: SeatLoad(
            used=today.assigned + today.late - due.get(seat.pk, 0),
            ways=seat.live_ways,
            link="" if links_off else seat.link_url,
        )
        for seat in seats
        for today in [days.get(seat.pk, SeatDay())]
    }


def _last(seats: Iterable[Seat], waiting: Iterable[dict[str, Any]]) -> dict[int, datetime]:
    """The newest assignment of each person: of each contact way the last slot, and those through links that wait."""
    newest = Slot.objects.filter(way_id=OuterRef("pk")).order_by("-id").values("taken_at")[:1]
    ways = ContactWay.objects.filter(seat__in=[seat.pk for seat in seats]).annotate(newest=Subquery(newest))
    found: dict[int, datetime] = {}
    of_ways = ways.values_list("seat__staff_id").annotate(last=Max("newest"))
    of_slots = ((row["staff_id"], row["newest"]) for row in waiting)
    for staff_id, moment in (*of_ways, *of_slots):
        if moment is not None and (staff_id not in found or moment > found[staff_id]):
            found[staff_id] = moment
    return found
