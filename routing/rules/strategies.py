"""How turns are given among the people of a roster (product.md §2.1). Pure; one function per strategy.

Each is asked for the next person and answers (seat, None), or (seat, limit) when the turn falls to somebody whose limit
must stop the walk, or None when nobody can. It leaves those passed over in ``walk.passed`` and moves the turn.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Protocol

from routing.rules.counters import Counters, Passed, Turn
from routing.rules.snapshot import SeatPlan


class Walk(Protocol):
    """What a strategy may see and touch of the walk up the ladder."""

    counters: Counters
    turn: Turn
    passed: list[tuple[int, Passed]]
    stops: frozenset[Passed]

    def reason(self, seat: SeatPlan) -> Passed | None:
        """Why ``seat`` can't take this scan, or None."""

    def reasons(self, seats: Sequence[SeatPlan]) -> Sequence[Passed | None]:
        """The same of all ``seats``, in their order."""


Chosen = tuple[SeatPlan, Passed | None]


def in_turn(seats: Sequence[SeatPlan], key: int, walk: Walk) -> Chosen | None:
    """平均分配(按序号轮询): the first that can, after the position served last, then around."""
    after = walk.turn.cursors.get(key, -1)
    start = bisect_right(seats, after, key=_position)
    for index in (*range(start, len(seats)), *range(start)):
        seat = seats[index]
        reason = walk.reason(seat)
        if reason is None or reason in walk.stops:
            walk.turn.cursors[key] = seat.position
            walk.turn.moved = True
            return seat, reason
        walk.passed.append((seat.seat_id, reason))
    return None


def weighted(seats: Sequence[SeatPlan], key: int, walk: Walk) -> Chosen | None:
    """Smooth weighted round robin: 5:3:2 gives exactly that of every ten, spread evenly.

    Everybody who can gets their weight in credit, the richest is served and pays the sum. Who can't right now earns
    nothing, and so doesn't come back to a burst.
    """
    earned = walk.turn.credits.setdefault(key, {})
    if len(earned) > len(seats):
        present = {seat.seat_id for seat in seats}
        for seat_id in [seat_id for seat_id in earned if seat_id not in present]:
            del earned[seat_id]
    best: Chosen | None = None
    most, total = 0, 0
    stops, passed = walk.stops, walk.passed
    for seat, limit in zip(seats, walk.reasons(seats), strict=True):
        reason = limit if seat.weight > 0 else Passed.NO_WEIGHT
        if reason is not None and reason not in stops:
            passed.append((seat.seat_id, reason))
            continue
        credit = earned.get(seat.seat_id, 0) + seat.weight
        earned[seat.seat_id] = credit
        total += seat.weight
        if best is None or credit > most:
            best, most = (seat, reason), credit
    if best is not None:
        earned[best[0].seat_id] -= total
        walk.turn.moved = True
    return best


def least_loaded(seats: Sequence[SeatPlan], key: int, walk: Walk) -> Chosen | None:
    """The one with the least of today's cap used, over all codes; the first in order among equals."""
    best: Chosen | None = None
    least = 0.0
    for seat, reason in zip(seats, walk.reasons(seats), strict=True):
        if reason is not None and reason not in walk.stops:
            walk.passed.append((seat.seat_id, reason))
            continue
        staff = walk.counters.staff[seat.staff_id]
        load = staff.used / staff.cap if staff.cap else float(staff.used + 1)
        if best is None or load < least:
            best, least = (seat, reason), load
    return best


def made_up(seats: Sequence[SeatPlan], walk: Walk) -> SeatPlan | None:
    """The first who can among those whose turns of today brought no friend, where turns count adds."""
    for seat in seats:
        load = walk.counters.seats.get(seat.seat_id)
        if load is not None and load.owed > 0 and walk.reason(seat) is None:
            load.owed -= 1
            return seat
    return None


def _position(seat: SeatPlan) -> int:
    return seat.position


STRATEGIES: dict[str, Callable[[Sequence[SeatPlan], int, Walk], Chosen | None]] = {
    "in_turn": in_turn,
    "weighted": weighted,
    "least_loaded": least_loaded,
}
