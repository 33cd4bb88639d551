"""The state of many codes and people at this moment, in a fixed number of queries: what the live page is made of.

The same figures as ``routing_batch_load`` gives a batch, for all codes at once and without the tenant's lock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery

from livecode_admin.kernel.clock import local_day
from people.selectors import StaffCard, staff_cards
from routing.models import (
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
from routing.rules import snapshot as frozen
from routing.rules.counters import Counters, SeatLoad
from routing.rules.hours import LocalTime, hours_from_json
from routing.selectors.compiled import reception_default
from routing.selectors.moments import local_now, staff_load
from tenants.selectors import tenant_facts

PEAK_WINDOW = 300


class CodeRef(NamedTuple):
    """A code as the live page needs it."""

    id: int
    name: str
    delivery: str


class SeatRef(NamedTuple):
    """A present seat with its code; models would cost more than all the rest of the page."""

    id: int
    code_id: int
    code_name: str
    delivery: str
    staff_id: int
    rung: int
    position: int
    daily_cap: int | None
    weight: int
    paused_until: datetime | None
    hours: dict[str, Any] | None
    live_ways: int
    link_url: str

    @property
    def code(self) -> CodeRef:
        """The seat's code."""
        return CodeRef(self.code_id, self.code_name, self.delivery)

    @property
    def plan(self) -> frozen.SeatPlan:
        """The seat as the engine sees it."""
        return frozen.SeatPlan(
            seat_id=self.id,
            staff_id=self.staff_id,
            position=self.position,
            daily_cap=self.daily_cap,
            weight=self.weight,
            paused_until=self.paused_until.timestamp() if self.paused_until else None,
            hours=hours_from_json(self.hours),
        )


def seat_refs(seats: QuerySet[Seat]) -> list[SeatRef]:
    """Those of the seats that are present, by code, rung and position."""
    rows = seats.filter(removed_at=None).order_by("code", "rung", "position", "id")
    fields = ("staff_id", "rung", "position", "daily_cap", "weight", "paused_until", "hours", "live_ways", "link_url")
    return [SeatRef(*row) for row in rows.values_list("id", "code_id", "code__name", "code__delivery", *fields)]


@dataclass(slots=True)
class Now:
    """One reading: people by id with their cards, limits and day, each code's snapshot, and the engine's counters.

    ``window``: in how many seconds an assignment of a person counts as waiting.
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


def now_of(codes: Iterable[CodeRef], seats: list[SeatRef], *, now: datetime) -> Now:
    """Everything about these seats and their people at ``now``; the same number of queries for 2 and 2,000 seats.

    ``seats``: as :func:`seat_refs` gives them; ``codes``: theirs, and codes without any.
    """
    day = local_day(now, tenant_facts().time_zone)
    people = {seat.staff_id for seat in seats}
    default = reception_default()
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
    no_limit, no_day = StaffLimit(), StaffDay()
    staff = {
        staff_id: staff_load(
            card,
            limits.get(staff_id, no_limit),
            days.get(staff_id, no_day),
            due=due_staff[staff_id],
            suspect=staff_id in suspects,
        )
        for staff_id, card in cards.items()
    }
    seat_loads = _seat_loads(seats, day, due_seats, links_off=default.links_exhausted_at is not None)
    return Now(
        at=local_now(now),
        day=day,
        cards=cards,
        limits=limits,
        days=days,
        suspects=suspects,
        counters=Counters(staff, seat_loads, waits, windows),
        snapshots=snapshots,
        window=window,
    )


def _snapshots(
    codes: Iterable[CodeRef], seats: Iterable[SeatRef], default: ReceptionDefault
) -> dict[int, frozen.Snapshot]:
    """What the present rosters and rules compile to, conditions left out: they choose by visitor, not by the moment."""
    of_code: dict[int, dict[int, list[frozen.SeatPlan]]] = defaultdict(lambda: {1: [], 2: [], 3: []})
    for seat in seats:
        of_code[seat.code_id][seat.rung].append(seat.plan)
    rules = {row.code_id: row for row in RoutingRule.objects.filter(code__in=list(of_code))}
    found, no_rule = {}, RoutingRule()
    for code in codes:
        rule, rungs = rules.get(code.id, no_rule), of_code[code.id]
        found[code.id] = frozen.Snapshot(
            code_id=code.id,
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
    """Waiting slots by person and seat: ``w<seconds>`` in each window, ``due`` to go back but not yet."""
    counts: dict[str, Count] = {
        f"w{seconds}": Count(
            "id",
            filter=Q(held_until__gt=now)
            & (Q(link=True, requested_at__isnull=False) | Q(link=False, taken_at__gt=now - timedelta(seconds=seconds))),
        )
        for seconds in windows
    }
    rows = Slot.objects.filter(state=Slot.State.WAITING, staff_id__in=people).values("staff_id", "seat_id")
    return list(rows.annotate(due=Count("id", filter=Q(held_until__lte=now, day=day)), **counts))


def _seat_loads(seats: Iterable[SeatRef], day: date, due: dict[int, int], *, links_off: bool) -> dict[int, SeatLoad]:
    counted = [seat.id for seat in seats if seat.daily_cap is not None]
    days = {row.seat_id: row for row in SeatDay.objects.filter(seat__in=counted, day=day)}
    none = SeatDay()
    return {
        seat.id: SeatLoad(
            used=today.assigned + today.late - due.get(seat.id, 0),
            ways=seat.live_ways,
            link="" if links_off else seat.link_url,
        )
        for seat in seats
        for today in [days.get(seat.id, none)]
    }


def last_slots(seats: Iterable[SeatRef], people: Iterable[int]) -> dict[int, datetime]:
    """The newest assignment of each of these people, whenever it was: of each of their contact ways the last slot, and
    of those through links what still waits.
    """
    wanted = set(people)
    newest = Slot.objects.filter(way_id=OuterRef("pk")).order_by("-id").values("taken_at")[:1]
    theirs = [seat.id for seat in seats if seat.staff_id in wanted]
    ways = ContactWay.objects.filter(seat__in=theirs).annotate(newest=Subquery(newest))
    waiting = Slot.objects.filter(state=Slot.State.WAITING, link=True, staff_id__in=wanted)
    found: dict[int, datetime] = {}
    for staff_id, moment in (
        *ways.values_list("seat__staff_id").annotate(last=Max("newest")),
        *waiting.values_list("staff_id").annotate(last=Max("taken_at")),
    ):
        if moment is not None and (staff_id not in found or moment > found[staff_id]):
            found[staff_id] = moment
    return found
