"""Codes, loads and scans for the engine by itself: no database, no clock."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from routing.rules.conditions import Condition, Visitor
from routing.rules.counters import Counters, SeatLoad, StaffLoad, Turn
from routing.rules.engine import Decision, pick, plan
from routing.rules.hours import Hours, LocalTime, Window, local_time
from routing.rules.snapshot import SeatPlan, Snapshot

# Friday, 15 January 2027, 16:00 in Shanghai.
NOON = 1_800_000_000.0
ZONE = "Asia/Shanghai"
AT = local_time(NOON, ZONE, {})


def snapshot(
    roster: int, backups: int = 0, *, duty: bool = False, first: SeatPlan | None = None, **rule: Any
) -> Snapshot:
    """A code whose seats 1..n belong to staff 101.., backups follow, the duty person is last; ``first`` is seat 1."""
    seats = [SeatPlan(n, 100 + n, position=n) for n in range(1, roster + backups + 2)]
    if first is not None:
        seats[0] = first
    return Snapshot(
        code_id=1,
        version=1,
        roster=tuple(seats[:roster]),
        backups=tuple(seats[roster : roster + backups]),
        duty=seats[roster + backups] if duty else None,
        **rule,
    )


def seat_one(**facts: Any) -> SeatPlan:
    """Seat 1 of staff 101, with what a test says of it."""
    return SeatPlan(1, 101, 1, **facts)


def weighing(weights: list[int], **rule: Any) -> Snapshot:
    """A code with weights: seats 1.. in order."""
    snap = snapshot(len(weights), strategy="weighted", **rule)
    roster = tuple(replace(seat, weight=weight) for seat, weight in zip(snap.roster, weights, strict=True))
    return replace(snap, roster=roster)


def counters(snap: Snapshot, cap: int = 100, *, peak: int = 50) -> Counters:
    """Everybody free and able, nobody waiting."""
    return Counters(
        staff={seat.staff_id: StaffLoad(seat.staff_id, cap=cap, peak=peak) for seat in snap.seats()},
        seats={seat.seat_id: SeatLoad() for seat in snap.seats()},
        windows=() if snap.peak_window is None else (snap.peak_window,),
    )


def waiting(load: Counters, snap: Snapshot, seat_id: int, number: int) -> None:
    """So many people wait for the person of a seat."""
    found = snap.seat(seat_id)
    assert found is not None
    assert snap.peak_window is not None
    load.waits[found[0].staff_id, snap.peak_window] = number


def scans(
    snap: Snapshot,
    load: Counters,
    number: int,
    turn: Turn | None = None,
    *,
    at: LocalTime = AT,
    visitor: Visitor | None = None,
) -> list[Decision]:
    """``number`` scans of new visitors, one after the other."""
    turn = turn or Turn()
    ladder = plan(snap, at, visitor or Visitor())
    return [pick(ladder, load, turn) for _ in range(number)]


def seat_ids(decisions: list[Decision]) -> list[int | None]:
    """The seat of each decision, None for the fallback page."""
    return [decision.seat.seat_id if decision.seat else None for decision in decisions]


def condition(key: int, seats: set[int], **criteria: Any) -> Condition:
    """A condition that chooses those seats."""
    return Condition(key, f"条件{key}", tuple(sorted(seats)), **criteria)


def week(windows: list[Window], *, rows: range | list[int] = range(8)) -> Hours:
    """The same windows on each of those rows (0 Monday … 7 holidays), none on the others."""
    return tuple(tuple(windows) if row in rows else () for row in range(8))


def clock(day: str, time: str, calendar: dict[str, int] | None = None) -> LocalTime:
    """A wall time in Shanghai."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    moment = datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=ZoneInfo(ZONE))
    return local_time(moment.timestamp(), ZONE, calendar or {})
