"""Anything that may happen to a code, in any order: what must hold after each step (product.md §2).

A machine stands for PostgreSQL: it keeps the slots, gives them back when their time is over, counts by day and hands
the engine what the batch would load. Scans, friends, time, midnight, caps, leaves, hours and rules in any order.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from routing.rules.conditions import Visitor
from routing.rules.counters import Counters, SeatLoad, StaffLoad, Turn
from routing.rules.engine import Outcome, keep, pick, plan
from routing.rules.hours import LocalTime, local_time
from routing.rules.snapshot import Rung, SeatPlan, Snapshot
from tests.routing.holds import holds
from tests.routing.walks import NOON, ZONE, condition, week

PENDING = 1800
WINDOW = 300
BY_DAY = week([(540, 1080)])
PERSON = st.integers(101, 107)
SUB = st.sampled_from(["", "a", "b"])
CHOSEN = st.sets(st.integers(1, 4), min_size=1)
RULES = st.fixed_dictionaries(
    {
        "strategy": st.sampled_from(["in_turn", "weighted", "least_loaded"]),
        "turns_count": st.sampled_from(["assignments", "adds"]),
        "overflow": st.booleans(),
        "peak_window": st.sampled_from([None, WINDOW]),
        "hours": st.sampled_from([None, BY_DAY]),
        "conditions": st.just(()) | CHOSEN.map(lambda seats: (condition(1, seats, subs=frozenset({"a"})),)),
    }
)


@dataclass
class Held:
    """One slot. ``state``: waiting, friend or returned."""

    seat: SeatPlan
    rung: Rung
    day: str
    taken_at: float
    state: str = "waiting"


class Code(RuleBasedStateMachine):
    """One code with its people over a few days."""

    def __init__(self) -> None:
        super().__init__()
        self.moment = NOON
        self.slots: list[Held] = []
        self.owed: Counter[tuple[int, str]] = Counter()
        self.late: Counter[tuple[int, str]] = Counter()
        self.turn = Turn()
        self.scanned = 0
        self.outcomes: Counter[Outcome] = Counter()
        self.people = {staff_id: StaffLoad(staff_id, peak=1 + staff_id % 2) for staff_id in range(101, 108)}
        self.snap = Snapshot(1, 1, ())

    @initialize(
        roster=st.integers(1, 4),
        backups=st.integers(0, 2),
        duty=st.booleans(),
        weights=st.lists(st.integers(0, 3), min_size=4, max_size=4),
        caps=st.lists(st.integers(0, 3), min_size=7, max_size=7),
        rules=RULES,
    )
    def start(
        self, roster: int, backups: int, duty: bool, weights: list[int], caps: list[int], rules: dict[str, Any]
    ) -> None:
        """A roster of people 101.., backups after them; the duty person is 107."""
        seats = [SeatPlan(n, 100 + n, n, weight=weights[(n - 1) % 4]) for n in range(1, roster + backups + 1)]
        last = SeatPlan(90, 107, 1) if duty else None
        self.snap = Snapshot(1, 1, tuple(seats[:roster]), tuple(seats[roster:]), last, pending_seconds=PENDING)
        for staff, cap in zip(self.people.values(), caps, strict=True):
            staff.cap = cap
        self.publish(rules)

    @rule(rules=RULES)
    def publish(self, rules: dict[str, Any]) -> None:
        """Other rules; turns go on where they were."""
        self.snap = replace(self.snap, version=self.snap.version + 1, **rules)

    @rule(person=PERSON, cap=st.integers(0, 4))
    def cap(self, person: int, cap: int) -> None:
        """The cap of one person, over all codes."""
        self.people[person].cap = cap

    @rule(place=st.integers(0, 3), cap=st.none() | st.integers(0, 3), paused=st.booleans(), hours=st.booleans())
    def seat(self, place: int, cap: int | None, paused: bool, hours: bool) -> None:
        """One seat of the roster: its own cap, a pause of an hour, hours."""
        roster = list(self.snap.roster)
        roster[place % len(roster)] = replace(
            roster[place % len(roster)],
            daily_cap=cap,
            paused_until=self.moment + 3600 if paused else None,
            hours=BY_DAY if hours else None,
        )
        self.snap = replace(self.snap, roster=tuple(roster))

    @rule(person=PERSON, away=st.sampled_from(["", "leave", "offline", "unable", "suspect"]))
    def person(self, person: int, away: str) -> None:
        """One person goes or comes back."""
        staff = self.people[person]
        staff.paused_until = self.moment + 3600 if away == "leave" else None
        staff.online, staff.receivable, staff.suspect = away != "offline", away != "unable", away == "suspect"

    @rule(seconds=st.sampled_from([1, 120, 600, 1800, 4 * 3600, 12 * 3600, 86_400]))
    def wait(self, seconds: int) -> None:
        """Time passes; slots whose time is over go back, and their turns are owed."""
        self.moment += seconds
        for slot in self.slots:
            if slot.state == "waiting" and slot.taken_at + PENDING <= self.moment:
                slot.state = "returned"
                self.owed[slot.seat.seat_id, slot.day] += 1

    @precondition(lambda self: any(slot.state == "waiting" for slot in self.slots))
    @rule(number=st.integers(0, 50))
    def friend(self, number: int) -> None:
        """One of those who wait becomes a friend: the slot is theirs for good."""
        waiting = [slot for slot in self.slots if slot.state == "waiting"]
        waiting[number % len(waiting)].state = "friend"

    @precondition(lambda self: any(slot.state == "returned" for slot in self.slots))
    @rule(number=st.integers(0, 50))
    def late_friend(self, number: int) -> None:
        """Somebody comes after their slot went back: it counts to today and takes room."""
        gone = [slot for slot in self.slots if slot.state == "returned"]
        slot = gone[number % len(gone)]
        slot.state = "late"
        self.late[slot.seat.staff_id, self.at.day] += 1

    @rule(sub=SUB, returning=st.booleans(), number=st.integers(1, 6))
    def scan(self, sub: str, returning: bool, number: int) -> None:
        """New visitors, one after the other; each is decided on what the batch would load."""
        for _ in range(number):
            load = self.load()
            before, at = self.load(), self.at
            decision = pick(plan(self.snap, at, Visitor(sub, returning)), load, self.turn)
            self.scanned += 1
            self.outcomes[decision.outcome] += 1
            if decision.seat is not None:
                if decision.made_up:
                    self.owed[decision.seat.seat_id, at.day] -= 1
                self.slots.append(Held(decision.seat, decision.rung, at.day, self.moment))
            holds(self.snap, decision, before, at)

    @precondition(lambda self: any(slot.state != "late" for slot in self.slots))
    @rule(number=st.integers(0, 50))
    def come_back(self, number: int) -> None:
        """A visitor scans again: the same person, and a second slot only when the first one was given back."""
        known = [slot for slot in self.slots if slot.state != "late"]
        slot = known[number % len(known)]
        load = self.load()
        used = load.staff[slot.seat.staff_id].used
        holds = slot.state != "returned"
        decision = keep(plan(self.snap, self.at, Visitor()), load, slot.seat.seat_id, holds_slot=holds)
        if decision is None:
            return
        assert decision.seat is not None
        assert decision.seat.seat_id == slot.seat.seat_id
        assert decision.takes_slot is not holds
        assert load.staff[slot.seat.staff_id].used == used + (not holds)
        if not holds:
            assert decision.rung is Rung.DUTY or used < self.people[slot.seat.staff_id].cap
            self.slots.append(Held(decision.seat, decision.rung, self.at.day, self.moment))

    @rule()
    def quiet_round(self) -> None:
        """With everybody there and room for all, the next round by turns is each person once, whatever was before."""
        snap = replace(
            self.snap, strategy="in_turn", turns_count="assignments", hours=None, conditions=(), peak_window=None,
            roster=tuple(replace(seat, daily_cap=None, paused_until=None, hours=None) for seat in self.snap.roster),
        )  # fmt: skip
        load = Counters(
            staff={staff_id: StaffLoad(staff_id) for staff_id in self.people},
            seats={seat.seat_id: SeatLoad() for seat in snap.seats()},
        )
        ladder, turn = plan(snap, self.at, Visitor()), Turn(dict(self.turn.cursors))
        served = [pick(ladder, load, turn).seat for _ in snap.roster]
        assert Counter(served) == Counter(snap.roster)

    @property
    def at(self) -> LocalTime:
        """Now, in Shanghai."""
        return local_time(self.moment, ZONE, {})

    def load(self) -> Counters:
        """What the batch would load now."""
        day = self.at.day
        counting = [slot for slot in self.slots if slot.state in ("waiting", "friend") and slot.day == day]
        of_staff = Counter(slot.seat.staff_id for slot in counting)
        of_seats = Counter(slot.seat.seat_id for slot in counting)
        waits = Counter(
            slot.seat.staff_id
            for slot in self.slots
            if slot.state == "waiting" and slot.taken_at > self.moment - WINDOW
        )
        return Counters(
            staff={pk: replace(one, used=of_staff[pk] + self.late[pk, day]) for pk, one in self.people.items()},
            seats={
                one.seat_id: SeatLoad(used=of_seats[one.seat_id], owed=self.owed[one.seat_id, day])
                for one in self.snap.seats()
            },
            waits={(pk, WINDOW): number for pk, number in waits.items()},
            windows=() if self.snap.peak_window is None else (WINDOW,),
        )

    @invariant()
    def each_scan_has_one_outcome(self) -> None:
        """Nothing is lost and nothing twice."""
        assert sum(self.outcomes.values()) == self.scanned

    @invariant()
    def nobody_saves_up_turns(self) -> None:
        """Who is away for long doesn't come back to a burst: credits stay within what a few rounds move."""
        assert all(abs(credit) <= 48 for earned in self.turn.credits.values() for credit in earned.values())


Code.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestAnythingThatMayHappen = Code.TestCase
