"""Who receives: ``plan`` and ``pick``, pure functions (product.md §2; no I/O, no clock, no Django).

``plan`` answers what depends on the snapshot, the local time and the visitor: which condition holds, whose hours are
open. ``pick`` walks the ladder with the counters of the moment: rule → roster → backups → duty person → fallback page.
Each seat that was passed over leaves its reason, so that 「为什么分给了她」 can be answered from the stored scan. The
same code serves real scans, the dry run, the rosters of native codes and the tests.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf

from routing.rules.conditions import Condition, Visitor, matching
from routing.rules.counters import CAPS, Counters, Passed, Turn, blocked, reason_of, take
from routing.rules.hours import LocalTime, is_open
from routing.rules.snapshot import Rung, SeatPlan, Snapshot
from routing.rules.strategies import STRATEGIES, made_up


class Outcome(StrEnum):
    """How a scan ended. The first four are with a person."""

    ASSIGNED = "assigned"
    OVERFLOW = "overflow"
    DUTY = "duty"
    RETURNING = "returning"
    FALLBACK = "fallback"
    NO_SLOT = "no_slot"


OUTCOME_OF_RUNG = {
    Rung.RULE: Outcome.ASSIGNED,
    Rung.ROSTER: Outcome.ASSIGNED,
    Rung.BACKUP: Outcome.OVERFLOW,
    Rung.DUTY: Outcome.DUTY,
}
TRACE_LIMIT = 40
WHOLE_ROSTER = 0


@dataclass(slots=True)  # made for most scans: frozen ones cost five times as much to make
class Plan:
    """The ladder of one code at one time for one kind of visitor.

    ``people``: the rungs on which turns are given, (rung, key of its turn, seats); ``excluded``: those that time rules
    out. ``until``: when the first of the leaves ends that are among the reasons, in epoch seconds.
    """

    snapshot: Snapshot
    at: LocalTime
    people: tuple[tuple[Rung, int, tuple[SeatPlan, ...]], ...]
    backups: tuple[SeatPlan, ...]
    duty: tuple[SeatPlan, ...]
    excluded: tuple[tuple[int, Passed], ...] = ()
    condition: int | None = None
    until: float = inf

    def at_time(self, at: LocalTime) -> Plan | None:
        """The same ladder at another time; None when time may have changed it (hours: minutes, leaves: seconds)."""
        then = self.at
        if at.minute != then.minute or at.day != then.day or not then.epoch <= at.epoch < self.until:
            return None
        if at.today != then.today or at.yesterday != then.yesterday:  # the company's calendar was edited
            return None
        return Plan(self.snapshot, at, self.people, self.backups, self.duty, self.excluded, self.condition, self.until)


@dataclass(slots=True)  # one for each scan: frozen ones cost five times as much to make
class Decision:
    """Where one scan goes. ``seat`` None is the fallback page. ``passed`` = (seat id, reason) in the order tried.

    ``made_up``: the turn makes up for one that brought no friend. ``reason`` is a key of routing/rules/words.py.
    """

    outcome: Outcome
    rung: Rung
    seat: SeatPlan | None
    reason: str = ""
    passed: tuple[tuple[int, Passed], ...] = ()
    takes_slot: bool = False
    condition: int | None = None
    made_up: bool = False


def plan(snapshot: Snapshot, at: LocalTime, visitor: Visitor) -> Plan:
    """The ladder of ``snapshot`` at ``at`` for ``visitor``: the first condition that holds chooses the first rung."""
    return plan_for(snapshot, at, matching(snapshot.conditions, at, visitor) if snapshot.conditions else None)


def plan_for(snapshot: Snapshot, at: LocalTime, condition: Condition | None) -> Plan:
    """The ladder when ``condition`` holds; the same for every visitor of whom it does, so it can be kept for a batch.

    Outside of the code's hours neither the condition's seats nor the roster receive; backups keep hours of their own,
    the duty person has none (product.md §2.5, §2.8).
    """
    excluded: list[tuple[int, Passed]] = []
    if not is_open(snapshot.hours, at):
        excluded += [(seat.seat_id, Passed.CODE_HOURS) for seat in snapshot.roster]
        roster: tuple[SeatPlan, ...] = ()
    else:
        roster = _awake(snapshot.roster, at, excluded)
    people: list[tuple[Rung, int, tuple[SeatPlan, ...]]] = []
    if condition is not None:
        chosen = set(condition.seats)
        people.append((Rung.RULE, condition.key, tuple(seat for seat in roster if seat.seat_id in chosen)))
        roster = tuple(seat for seat in roster if seat.seat_id not in chosen)
    people.append((Rung.ROSTER, WHOLE_ROSTER, roster))
    backups = _awake(snapshot.backups, at, excluded)
    duty = _awake((snapshot.duty,) if snapshot.duty else (), at, excluded, keeps_hours=False)
    key = condition.key if condition else None
    leaves = (seat.paused_until for seat in snapshot.seats() if seat.paused_until is not None)
    until = min((end for end in leaves if end > at.epoch), default=inf)
    return Plan(snapshot, at, tuple(people), backups, duty, tuple(excluded), key, until)


def _awake(
    seats: tuple[SeatPlan, ...], at: LocalTime, excluded: list[tuple[int, Passed]], *, keeps_hours: bool = True
) -> tuple[SeatPlan, ...]:
    awake = []
    for seat in seats:
        reason = _asleep(seat, at, keeps_hours=keeps_hours)
        if reason is None:
            awake.append(seat)
        else:
            excluded.append((seat.seat_id, reason))
    return tuple(awake) if len(awake) < len(seats) else seats


def _asleep(seat: SeatPlan, at: LocalTime, *, keeps_hours: bool) -> Passed | None:
    if seat.paused_until is not None and seat.paused_until > at.epoch:
        return Passed.PAUSED
    if keeps_hours and seat.hours is not None and not is_open(seat.hours, at):
        return Passed.OFF_HOURS
    return None


def pick(
    plan_: Plan, counters: Counters, turn: Turn, *, avoid: Collection[int] = (), trace: int | None = TRACE_LIMIT
) -> Decision:
    """Walk the ladder and take a slot in ``counters``; the same input always gives the same answer.

    With 溢出自动切换 off, a cap that is reached leads straight to the duty person or the fallback page (product.md
    §2.3); seats that are away are passed over all the same. Somebody with too many waiting sends their customers to
    the backups (§2.4); where there is nobody else, they keep them rather than send them to a page. ``avoid``: the seats
    of those whom the visitor asked to change; no other seat of theirs will do either. ``trace``: how many who were
    passed over are kept, None for all.
    """
    walk = Walk(plan_, counters, turn, avoid)
    found = walk.among_people(peak_stops=True)
    if found is None and not walk.capped:
        found = walk.in_order(Rung.BACKUP, plan_.backups)
        if found is None and walk.peaked is not None:
            found = walk.among_people(peak_stops=False)
    elif walk.capped:
        walk.passed += [(seat.seat_id, Passed.OVERFLOW_OFF) for seat in plan_.backups]
    found = found or walk.in_order(Rung.DUTY, plan_.duty) or walk.patient()
    if walk.peaked is not None:  # the roster may have been asked twice
        walk.passed = list(dict(walk.passed).items())
    passed = tuple(walk.passed[:trace])
    if found is None:
        return Decision(Outcome.FALLBACK, Rung.FALLBACK, None, "fallback", passed, condition=plan_.condition)
    rung, seat, reason = found
    take(seat, counters, plan_.snapshot)
    outcome = OUTCOME_OF_RUNG[rung]
    return Decision(outcome, rung, seat, reason, passed, True, plan_.condition, walk.made_up)


class Walk:
    """One walk up the ladder: who was passed over so far, and what stopped it."""

    __slots__ = ("avoid", "capped", "counters", "made_up", "passed", "peaked", "plan", "stops", "turn")

    def __init__(self, plan_: Plan, counters: Counters, turn: Turn, avoid: Collection[int]) -> None:
        self.plan = plan_
        self.counters = counters
        self.turn = turn
        self.avoid = {seat.staff_id for seat in plan_.snapshot.seats() if seat.seat_id in avoid} if avoid else avoid
        self.passed = list(plan_.excluded)
        self.capped = False
        self.made_up = False
        self.peaked: tuple[Rung, SeatPlan] | None = None
        self.stops: frozenset[Passed] = frozenset()

    def among_people(self, *, peak_stops: bool) -> tuple[Rung, SeatPlan, str] | None:
        """Give a turn on the condition's seats, then on the roster; None when nobody could or somebody's limit stops.

        A limit stops when the turn falls to the person who has reached it and it must not pass to the next one: a cap
        with the overflow switch off (``capped``), a queue that is too long (``peaked``).
        """
        self.stops = frozenset() if self.plan.snapshot.overflow else CAPS
        if peak_stops:
            self.stops |= {Passed.PEAK}
        choose = STRATEGIES[self.plan.snapshot.strategy]
        for rung, key, seats in self.plan.people:
            why = "condition" if rung is Rung.RULE else self.plan.snapshot.strategy
            owed = self.owed(seats) if self.plan.snapshot.turns_count == "adds" else None
            if owed is not None:
                self.made_up = True
                return rung, owed, "made_up"
            found = choose(seats, key, self) if seats else None
            if found is None:
                continue
            seat, reason = found
            if reason is None:
                return rung, seat, why
            self.passed.append((seat.seat_id, reason))
            if reason is Passed.PEAK:
                self.peaked = (rung, seat)
            else:
                self.capped = True
            return None
        return None

    def owed(self, seats: Sequence[SeatPlan]) -> SeatPlan | None:
        """Whose turn of today brought no friend and is made up for now; a weight of 0 is owed nothing."""
        if self.plan.snapshot.strategy == "weighted":
            seats = [seat for seat in seats if seat.weight > 0]
        return made_up(seats, self)

    def in_order(self, rung: Rung, seats: Sequence[SeatPlan]) -> tuple[Rung, SeatPlan, str] | None:
        """The first of backups or duty that can receive; the duty person ignores caps and queues (design.md §5)."""
        for seat in seats:
            reason = self.reason(seat) if rung is Rung.BACKUP else self.duty_reason(seat)
            if reason is None:
                return rung, seat, "peak" if self.peaked and rung is Rung.BACKUP else str(OUTCOME_OF_RUNG[rung])
            self.passed.append((seat.seat_id, reason))
        return None

    def duty_reason(self, seat: SeatPlan) -> Passed | None:
        """Why the duty person can't take this scan, or None: caps and queues are no reason."""
        return Passed.SWAPPED if seat.staff_id in self.avoid else blocked(seat, self.counters, self.plan.at.epoch)

    def patient(self) -> tuple[Rung, SeatPlan, str] | None:
        """The person whose queue is long, when nobody else is left: better a wait than a page."""
        return None if self.peaked is None else (*self.peaked, "peak_kept")

    def reason(self, seat: SeatPlan) -> Passed | None:
        """Why ``seat`` can't take this scan, or None."""
        if self.avoid and seat.staff_id in self.avoid:
            return Passed.SWAPPED
        memo, window = self.counters.memo, self.plan.snapshot.peak_window
        if memo is not None:
            return memo.of(seat, window)
        return reason_of(seat, self.counters, self.plan.at.epoch, window)

    def reasons(self, seats: Sequence[SeatPlan]) -> Sequence[Passed | None]:
        """The same of all ``seats``, in their order."""
        memo = self.counters.memo
        if memo is not None and not self.avoid:
            return memo.of_all(seats, self.plan.snapshot.peak_window)
        return [self.reason(seat) for seat in seats]


def keep(plan_: Plan, counters: Counters, seat_id: int, *, holds_slot: bool) -> Decision | None:
    """The returning visitor's own person (product.md §2.6), or None when that person can't receive now.

    ``holds_slot``: the earlier slot still counts, so none is taken. Otherwise it was given back, and the person is
    kept only with room under the caps: a cap is exact for returning visitors too.
    """
    found = plan_.snapshot.seat(seat_id)
    if found is None or any(seat_id == excluded for excluded, _ in plan_.excluded):
        return None
    seat, rung = found
    unlimited = holds_slot or rung is Rung.DUTY
    walk = Walk(plan_, counters, Turn(), ())
    if (blocked(seat, counters, plan_.at.epoch) if unlimited else walk.reason(seat)) is not None:
        return None
    if not holds_slot:
        take(seat, counters, plan_.snapshot)
    return Decision(Outcome.RETURNING, rung, seat, "sticky", takes_slot=not holds_slot)


def befriended(plan_: Plan, counters: Counters, friends: Sequence[int]) -> Decision | None:
    """The seat of a colleague who is the visitor's friend already (product.md §2.6); no slot is taken for a friend."""
    for rung, seats in ((Rung.ROSTER, plan_.snapshot.roster), (Rung.BACKUP, plan_.snapshot.backups)):
        for seat in seats:
            away = any(seat.seat_id == excluded for excluded, _ in plan_.excluded)
            if seat.staff_id in friends and not away and blocked(seat, counters, plan_.at.epoch) is None:
                return Decision(Outcome.RETURNING, rung, seat, "friend")
    return None
