"""Who receives: ``plan`` and ``pick``, pure functions (product.md §2; no I/O, no clock, no Django).

``plan`` answers what depends on the snapshot and the time alone; ``pick`` walks the ladder with the counters of
the moment: roster → backups → duty person → fallback page. Each seat that was passed over leaves its reason, so that
「为什么分给了她」 can be answered from the stored scan. The same code serves real scans, tests and, later, the dry run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from routing.snapshot import Rung, SeatPlan, Snapshot


class Passed(StrEnum):
    """Why a seat was passed over."""

    PAUSED = "paused"
    STAFF_PAUSED = "staff_paused"
    OFFLINE = "offline"
    CANNOT_RECEIVE = "cannot_receive"
    NO_WAY = "no_way"
    SEAT_CAP = "seat_cap"
    STAFF_CAP = "staff_cap"
    OVERFLOW_OFF = "overflow_off"


class Outcome(StrEnum):
    """How a scan ended. The first four are assignments of a slot."""

    ASSIGNED = "assigned"
    OVERFLOW = "overflow"
    DUTY = "duty"
    RETURNING = "returning"
    FALLBACK = "fallback"
    NO_SLOT = "no_slot"


CAPS = frozenset({Passed.SEAT_CAP, Passed.STAFF_CAP})
OUTCOME_OF_RUNG = {Rung.ROSTER: Outcome.ASSIGNED, Rung.BACKUP: Outcome.OVERFLOW, Rung.DUTY: Outcome.DUTY}
TRACE_LIMIT = 40


@dataclass(slots=True)
class StaffLoad:
    """One staff member at this moment. ``used`` = slots of today + late friends of today, over all codes."""

    staff_id: int
    used: int = 0
    cap: int = 100
    receivable: bool = True
    paused_until: float | None = None
    online: bool = True


@dataclass(slots=True)
class SeatLoad:
    """One seat at this moment. ``ways`` = its live contact ways."""

    used: int = 0
    ways: int = 1


@dataclass(slots=True)
class Turn:
    """Where a code's turn stands: the position served last, and what other strategies remember between scans."""

    cursor: int = -1
    credits: dict[int, int] = field(default_factory=dict)
    moved: bool = False


@dataclass(slots=True)
class Counters:
    """What the batch knows of the moment; ``pick`` reads it and :func:`take` changes it."""

    staff: dict[int, StaffLoad]
    seats: dict[int, SeatLoad]


@dataclass(frozen=True, slots=True)
class Plan:
    """The ladder of one code at one time: seats that may receive, rung after rung, and those excluded by time."""

    snapshot: Snapshot
    rungs: tuple[tuple[Rung, tuple[SeatPlan, ...]], ...]
    excluded: tuple[tuple[int, Passed], ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """Where one scan goes. ``seat`` None is the fallback page. ``passed`` = (seat id, reason) in the order tried."""

    outcome: Outcome
    rung: Rung
    seat: SeatPlan | None
    passed: tuple[tuple[int, Passed], ...] = ()
    takes_slot: bool = False


def plan(snapshot: Snapshot, moment: float) -> Plan:
    """The ladder of ``snapshot`` at ``moment`` (epoch seconds). Conditions and weekly hours choose seats here too."""
    excluded: list[tuple[int, Passed]] = []
    roster = _awake(snapshot.roster, moment, excluded)
    backups = _awake(snapshot.backups, moment, excluded)
    duty = _awake((snapshot.duty,) if snapshot.duty else (), moment, excluded)
    rungs = ((Rung.ROSTER, roster), (Rung.BACKUP, backups), (Rung.DUTY, duty))
    return Plan(snapshot, rungs, tuple(excluded))


def _awake(seats: tuple[SeatPlan, ...], moment: float, excluded: list[tuple[int, Passed]]) -> tuple[SeatPlan, ...]:
    for seat in seats:
        if seat.paused_until is not None and seat.paused_until > moment:
            break
    else:
        return seats
    awake = []
    for seat in seats:
        if seat.paused_until is not None and seat.paused_until > moment:
            excluded.append((seat.seat_id, Passed.PAUSED))
        else:
            awake.append(seat)
    return tuple(awake)


def pick(plan_: Plan, counters: Counters, turn: Turn, moment: float) -> Decision:
    """Walk the ladder and take a slot in ``counters``; the same input always gives the same answer.

    With 溢出自动切换 off, a cap that is reached leads straight to the duty person or the fallback page
    (product.md §2.3); seats that are away are passed over all the same.
    """
    snapshot = plan_.snapshot
    passed = list(plan_.excluded)
    capped = False
    for rung, seats in plan_.rungs:
        if capped and rung is Rung.BACKUP and not snapshot.overflow:
            passed.extend((seat.seat_id, Passed.OVERFLOW_OFF) for seat in seats)
            continue
        order = STRATEGIES[snapshot.strategy] if rung is Rung.ROSTER else _by_position
        for seat in order(seats, turn):
            reason = blocked(seat, counters, moment, ignore_caps=rung is Rung.DUTY)
            if reason is None:
                if rung is Rung.ROSTER:
                    SERVED[snapshot.strategy](seat, seats, turn)
                take(seat, counters)
                return Decision(OUTCOME_OF_RUNG[rung], rung, seat, tuple(passed[:TRACE_LIMIT]), takes_slot=True)
            passed.append((seat.seat_id, reason))
            if reason in CAPS and rung is Rung.ROSTER and not snapshot.overflow:
                SERVED[snapshot.strategy](seat, seats, turn)
                capped = True
                break
    return Decision(Outcome.FALLBACK, Rung.FALLBACK, None, tuple(passed[:TRACE_LIMIT]))


def keep(plan_: Plan, counters: Counters, seat_id: int, moment: float, *, holds_slot: bool) -> Decision | None:
    """The returning visitor's own person (product.md §2.6), or None when that person can't receive now.

    ``holds_slot``: the earlier slot still counts, so none is taken. Otherwise it was given back, and the person is
    kept only with room under the caps: a cap is exact for returning visitors too.
    """
    found = plan_.snapshot.seat(seat_id)
    if found is None:
        return None
    seat, rung = found
    if seat.paused_until is not None and seat.paused_until > moment:
        return None
    if blocked(seat, counters, moment, ignore_caps=holds_slot or rung is Rung.DUTY) is not None:
        return None
    if not holds_slot:
        take(seat, counters)
    return Decision(Outcome.RETURNING, rung, seat, takes_slot=not holds_slot)


def blocked(seat: SeatPlan, counters: Counters, moment: float, *, ignore_caps: bool) -> Passed | None:
    """Why ``seat`` can't receive at this moment, or None. Unknown staff or seats can't receive."""
    staff = counters.staff.get(seat.staff_id)
    load = counters.seats.get(seat.seat_id)
    if staff is None or load is None or not staff.receivable:
        return Passed.CANNOT_RECEIVE
    if staff.paused_until is not None and staff.paused_until > moment:
        return Passed.STAFF_PAUSED
    if not staff.online:
        return Passed.OFFLINE
    if load.ways < 1:
        return Passed.NO_WAY
    if ignore_caps:
        return None
    if seat.daily_cap is not None and load.used >= seat.daily_cap:
        return Passed.SEAT_CAP
    if staff.used >= staff.cap:
        return Passed.STAFF_CAP
    return None


def take(seat: SeatPlan, counters: Counters) -> None:
    """Count one assignment, on the staff member over all codes and on the seat."""
    counters.staff[seat.staff_id].used += 1
    counters.seats[seat.seat_id].used += 1


# --- Strategies: an order of trying, and what to remember after one was served ---------------------------------------
Order = Callable[[Sequence[SeatPlan], Turn], Iterator[SeatPlan]]
Served = Callable[[SeatPlan, Sequence[SeatPlan], Turn], None]


def _by_position(seats: Sequence[SeatPlan], turn: Turn) -> Iterator[SeatPlan]:
    return iter(seats)


def _in_turn(seats: Sequence[SeatPlan], turn: Turn) -> Iterator[SeatPlan]:
    """平均分配(按序号轮询): first the one after the position served last, then around."""
    start = 0
    for start, seat in enumerate(seats):  # noqa: B007  # the index outlives the loop on purpose
        if seat.position > turn.cursor:
            break
    else:
        start = 0
    for index in range(start, len(seats)):
        yield seats[index]
    for index in range(start):
        yield seats[index]


def _in_turn_served(seat: SeatPlan, seats: Sequence[SeatPlan], turn: Turn) -> None:
    turn.cursor = seat.position
    turn.moved = True


STRATEGIES: dict[str, Order] = {"in_turn": _in_turn}
SERVED: dict[str, Served] = {"in_turn": _in_turn_served}
