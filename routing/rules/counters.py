"""What is known of the moment: loads of staff and seats, turns, queues; and taking a place in them. Pure.

Loaded by each batch anew, changed by its decisions, so that the second scan of a batch sees the first.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    codes that are being decided (product.md §2.4). ``memo``: what was found out of the seats at one moment, while
    nobody but :func:`take` and :func:`give_back` changes the loads, as in a batch.
    """

    staff: dict[int, StaffLoad]
    seats: dict[int, SeatLoad]
    waits: dict[tuple[int, int], int] = field(default_factory=dict)
    windows: tuple[int, ...] = ()
    memo: Reasons | None = None


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


def reason_of(seat: SeatPlan, counters: Counters, moment: float, window: int | None) -> Passed | None:
    """Why ``seat`` can't take a scan now, or None; ``window``: its code's peak window, if that rule is on."""
    reason = blocked(seat, counters, moment)
    if reason is not None:
        return reason
    staff = counters.staff[seat.staff_id]
    if staff.suspect:
        return Passed.SUSPECT
    if seat.daily_cap is not None and counters.seats[seat.seat_id].used >= seat.daily_cap:
        return Passed.SEAT_CAP
    if staff.used >= staff.cap:
        return Passed.STAFF_CAP
    if window is not None and counters.waits.get((seat.staff_id, window), 0) >= staff.peak:
        return Passed.PEAK
    return None


class Reasons:
    """Why each seat can't take a scan, remembered for one moment: a roster of a hundred is asked once for a batch."""

    __slots__ = ("_counters", "_known", "_moment", "_of_staff", "_rosters")

    def __init__(self, counters: Counters, moment: float) -> None:
        self._counters = counters
        self._moment = moment
        self._known: dict[int, tuple[SeatPlan, int | None, Passed | None]] = {}
        self._of_staff: dict[int, list[int]] = {}
        self._rosters: dict[int, tuple[Sequence[SeatPlan], list[Passed | None]]] = {}

    def of(self, seat: SeatPlan, window: int | None) -> Passed | None:
        """What :func:`reason_of` says."""
        known = self._known.get(seat.seat_id)
        if known is not None:
            return known[2]
        reason = reason_of(seat, self._counters, self._moment, window)
        self._known[seat.seat_id] = (seat, window, reason)
        self._of_staff.setdefault(seat.staff_id, []).append(seat.seat_id)
        return reason

    def of_all(self, seats: Sequence[SeatPlan], window: int | None) -> list[Passed | None]:
        """The reasons of seats of one code, in their order; not to be changed."""
        known = self._rosters.get(id(seats))
        if known is None:  # the seats are kept with it, so that the id stays theirs
            known = self._rosters[id(seats)] = (seats, [self.of(seat, window) for seat in seats])
        return known[1]

    def count_changed(self, staff_id: int) -> None:
        """A person was given somebody, or one went back."""
        for seat_id in self._of_staff.get(staff_id, ()):
            seat, window, before = self._known[seat_id]
            reason = reason_of(seat, self._counters, self._moment, window)
            if reason is not before:
                self._known[seat_id] = (seat, window, reason)
                self._rosters.clear()


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
    if counters.memo is not None:
        counters.memo.count_changed(seat.staff_id)


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
