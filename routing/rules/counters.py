"""What is known of the moment: loads of staff and seats, turns, queues; and taking a place in them. Pure.

Loaded by each batch anew, changed by its decisions, so that the second scan of a batch sees the first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from routing.rules.snapshot import SeatPlan, Snapshot


class Passed(StrEnum):
    """Why a seat was passed over."""

    PAUSED = "paused"
    STAFF_PAUSED = "staff_paused"
    OFFLINE = "offline"
    OFF_HOURS = "off_hours"
    CODE_HOURS = "code_hours"
    CANNOT_RECEIVE = "cannot_receive"
    SUSPECT = "suspect"
    NO_WAY = "no_way"
    NO_WEIGHT = "no_weight"
    SEAT_CAP = "seat_cap"
    STAFF_CAP = "staff_cap"
    PEAK = "peak"
    SWAPPED = "swapped"
    OVERFLOW_OFF = "overflow_off"


CAPS = frozenset({Passed.SEAT_CAP, Passed.STAFF_CAP})


@dataclass(slots=True)
class StaffLoad:
    """One staff member at this moment. ``used`` = slots of today + late friends of today, over all codes.

    ``peak``: so many people waiting at once are too many. ``suspect``: 疑似已满或异常 (product.md §2.13).
    """

    staff_id: int
    used: int = 0
    cap: int = 100
    receivable: bool = True
    paused_until: float | None = None
    online: bool = True
    peak: int = 50
    suspect: bool = False


@dataclass(slots=True)
class SeatLoad:
    """One seat at this moment. ``ways`` = its live contact ways; ``face_way`` one of them; ``link`` its acquisition
    link while that works; ``owed`` = turns of today that brought no friend and aren't made up for yet.
    """

    used: int = 0
    ways: int = 1
    owed: int = 0
    link: str = ""
    face_way: int | None = None


@dataclass(slots=True)
class Turn:
    """Where a code's turns stand, for the whole roster (key 0) and for the seats of each condition (its key).

    ``cursors``: the position served last. ``credits``: what smooth weighted round robin remembers, by seat.
    """

    cursors: dict[int, int] = field(default_factory=dict)
    credits: dict[int, dict[int, int]] = field(default_factory=dict)
    moved: bool = False


@dataclass(slots=True)
class Counters:
    """What the batch knows of the moment; ``pick`` reads it and :func:`take` changes it.

    ``waits``: (staff, peak window in seconds) → people waiting for that person; ``windows``: the peak windows of the
    codes that are being decided (product.md §2.4).
    """

    staff: dict[int, StaffLoad]
    seats: dict[int, SeatLoad]
    waits: dict[tuple[int, int], int] = field(default_factory=dict)
    windows: tuple[int, ...] = ()


def blocked(seat: SeatPlan, counters: Counters, moment: float) -> Passed | None:
    """Why nobody at all can be led to ``seat`` now, caps aside, or None. Unknown staff or seats can't receive."""
    staff = counters.staff.get(seat.staff_id)
    load = counters.seats.get(seat.seat_id)
    if staff is None or load is None or not staff.receivable:
        return Passed.CANNOT_RECEIVE
    if staff.paused_until is not None and staff.paused_until > moment:
        return Passed.STAFF_PAUSED
    if not staff.online:
        return Passed.OFFLINE
    if load.ways < 1 and not load.link:
        return Passed.NO_WAY
    return None


def take(seat: SeatPlan, counters: Counters, snapshot: Snapshot) -> None:
    """Count one assignment, on the staff member over all codes and on the seat; add one to the queue.

    Through a link nobody waits before WeCom reports the friend request (product.md §2.4).
    """
    _count(seat, counters, snapshot, 1)


def give_back(seat: SeatPlan, counters: Counters, snapshot: Snapshot) -> None:
    """The opposite of :func:`take`."""
    _count(seat, counters, snapshot, -1)


def _count(seat: SeatPlan, counters: Counters, snapshot: Snapshot, number: int) -> None:
    load = counters.seats[seat.seat_id]
    counters.staff[seat.staff_id].used += number
    load.used += number
    if counters.windows and not (snapshot.delivery == "link" and load.link):
        for window in counters.windows:
            key = (seat.staff_id, window)
            counters.waits[key] = counters.waits.get(key, 0) + number


def turn_read(cursor: int | None, turns: dict[str, Any] | None) -> Turn:
    """A code's turns as ``routing_codeturn`` holds them: the roster's cursor, and all else by the key of its seats."""
    turn = Turn()
    if cursor is not None:
        turn.cursors[0] = cursor
    for key, (place, earned) in (turns or {}).items():
        if place is not None:
            turn.cursors[int(key)] = place
        if earned:
            turn.credits[int(key)] = {int(seat_id): credit for seat_id, credit in earned.items()}
    return turn


def turn_written(turn: Turn) -> tuple[int, dict[str, Any] | None]:
    """The two columns of ``routing_codeturn``: the opposite of :func:`turn_read`."""
    keys = {key for key in turn.cursors if key} | {key for key, earned in turn.credits.items() if earned}
    turns = {
        str(key): [turn.cursors.get(key) if key else None, {str(k): v for k, v in turn.credits.get(key, {}).items()}]
        for key in sorted(keys)
    }
    return turn.cursors.get(0, -1), turns or None
