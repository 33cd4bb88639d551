"""The engine by the sentences of product.md §2: evenness, caps, the ladder, and never a dead end."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.engine import Counters, Decision, Outcome, Passed, SeatLoad, StaffLoad, Turn, keep, pick, plan
from routing.snapshot import Rung, SeatPlan, Snapshot

NOON = 1_800_000_000.0


def snapshot(roster: int, backups: int = 0, *, duty: bool = False, overflow: bool = True, **first: object) -> Snapshot:
    """A code whose seats 1..n belong to staff 101.., backups follow, the duty person is last."""
    seats = [SeatPlan(n, 100 + n, position=n) for n in range(1, roster + backups + 2)]
    if first:
        seats[0] = SeatPlan(1, 101, position=1, **first)  # type: ignore[arg-type]
    return Snapshot(
        code_id=1,
        version=1,
        roster=tuple(seats[:roster]),
        backups=tuple(seats[roster : roster + backups]),
        duty=seats[roster + backups] if duty else None,
        overflow=overflow,
    )


def counters(snap: Snapshot, cap: int = 100) -> Counters:
    """Everybody free and able."""
    return Counters(
        staff={seat.staff_id: StaffLoad(seat.staff_id, cap=cap) for seat in snap.seats()},
        seats={seat.seat_id: SeatLoad() for seat in snap.seats()},
    )


def scans(snap: Snapshot, load: Counters, number: int, turn: Turn | None = None) -> list[Decision]:
    """``number`` scans of new visitors, one after the other."""
    turn = turn or Turn()
    ladder = plan(snap, NOON)
    return [pick(ladder, load, turn, NOON) for _ in range(number)]


def seat_ids(decisions: list[Decision]) -> list[int | None]:
    """The seat of each decision, None for the fallback page."""
    return [decision.seat.seat_id if decision.seat else None for decision in decisions]


def test_five_people_and_a_hundred_scans_are_exactly_twenty_each_in_order() -> None:
    snap = snapshot(5)
    assert seat_ids(scans(snap, counters(snap), 100)) == [1, 2, 3, 4, 5] * 20


def test_the_51st_scan_of_a_cap_of_ten_each_goes_to_the_backup() -> None:
    snap = snapshot(5, backups=1)
    decisions = scans(snap, counters(snap, cap=10), 61)
    assert [decision.outcome for decision in decisions[:50]] == [Outcome.ASSIGNED] * 50
    assert [decision.outcome for decision in decisions[50:60]] == [Outcome.OVERFLOW] * 10
    assert decisions[60].outcome is Outcome.FALLBACK


def test_backups_are_used_in_their_order_and_not_in_turn() -> None:
    snap = snapshot(1, backups=2)
    assert seat_ids(scans(snap, counters(snap, cap=2), 7)) == [1, 1, 2, 2, 3, 3, None]


def test_the_duty_person_takes_what_is_over_every_cap() -> None:
    snap = snapshot(1, backups=1, duty=True)
    decisions = scans(snap, counters(snap, cap=1), 6)
    assert [decision.outcome for decision in decisions[2:]] == [Outcome.DUTY] * 4


def test_with_overflow_off_no_backup_is_used() -> None:
    snap = snapshot(2, backups=1, overflow=False)
    decisions = scans(snap, counters(snap, cap=3), 8)
    assert seat_ids(decisions) == [1, 2, 1, 2, 1, 2, None, None]
    assert (3, Passed.OVERFLOW_OFF) in decisions[-1].passed


def test_a_roster_that_is_away_goes_to_its_backups_even_with_overflow_off() -> None:
    snap = snapshot(1, backups=1, overflow=False)
    load = counters(snap)
    load.staff[101].receivable = False
    assert scans(snap, load, 1)[0].rung is Rung.BACKUP


def test_a_staff_members_cap_counts_over_all_codes() -> None:
    first, second = snapshot(1), snapshot(1)
    load = counters(first, cap=3)
    assert seat_ids(scans(first, load, 2) + scans(second, load, 2)) == [1, 1, 1, None]


def test_a_seats_own_cap_holds_below_the_staffs() -> None:
    snap = snapshot(2, daily_cap=1)
    assert seat_ids(scans(snap, counters(snap, cap=3), 5)) == [1, 2, 2, 2, None]


def test_a_paused_seat_gets_nothing_until_its_hour_and_its_turn_after_it() -> None:
    snap = snapshot(2, paused_until=NOON + 10)
    load, turn = counters(snap), Turn()
    assert seat_ids([pick(plan(snap, NOON), load, turn, NOON)]) == [2]
    assert seat_ids([pick(plan(snap, NOON + 10), load, turn, NOON + 10)]) == [1]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"receivable": False}, Passed.CANNOT_RECEIVE),
        ({"paused_until": NOON + 1}, Passed.STAFF_PAUSED),
        ({"online": False}, Passed.OFFLINE),
        ({"used": 100}, Passed.STAFF_CAP),
    ],
)
def test_each_reason_for_passing_someone_over_is_kept_with_the_scan(change: dict[str, object], reason: Passed) -> None:
    snap = snapshot(2)
    load = counters(snap)
    for name, value in change.items():
        setattr(load.staff[101], name, value)
    decision = scans(snap, load, 1)[0]
    assert seat_ids([decision]) == [2]
    assert decision.passed == ((1, reason),)


def test_a_seat_without_a_live_contact_way_is_passed_over() -> None:
    snap = snapshot(2)
    load = counters(snap)
    load.seats[1].ways = 0
    assert scans(snap, load, 1)[0].passed == ((1, Passed.NO_WAY),)


def test_a_returning_visitor_keeps_the_person_and_takes_no_second_slot() -> None:
    snap = snapshot(2)
    load = counters(snap, cap=1)
    first = scans(snap, load, 1)[0]
    assert first.seat is not None
    again = keep(plan(snap, NOON), load, first.seat.seat_id, NOON, holds_slot=True)
    assert again is not None
    assert again.seat == first.seat
    assert not again.takes_slot
    assert load.staff[101].used == 1


def test_a_returning_visitor_whose_slot_was_given_back_does_not_pass_the_cap() -> None:
    snap = snapshot(2)
    load = counters(snap, cap=1)
    load.staff[101].used = 1
    assert keep(plan(snap, NOON), load, 1, NOON, holds_slot=False) is None


@pytest.mark.parametrize("change", [{"receivable": False}, {"paused_until": NOON + 1}])
def test_a_returning_visitor_goes_elsewhere_when_the_person_is_away(change: dict[str, object]) -> None:
    snap = snapshot(2)
    load = counters(snap)
    for name, value in change.items():
        setattr(load.staff[101], name, value)
    assert keep(plan(snap, NOON), load, 1, NOON, holds_slot=True) is None


@st.composite
def rosters(draw: st.DrawFn) -> tuple[Snapshot, Counters]:
    """Any roster, any load."""
    snap = snapshot(
        draw(st.integers(0, 6)),
        draw(st.integers(0, 3)),
        duty=draw(st.booleans()),
        overflow=draw(st.booleans()),
    )
    load = counters(snap)
    for staff in load.staff.values():
        staff.cap = draw(st.integers(0, 4))
        staff.used = draw(st.integers(0, 4))
        staff.receivable = draw(st.sampled_from([True, True, True, False]))
        staff.paused_until = draw(st.sampled_from([None, None, NOON - 1, NOON + 1]))
    for seat in load.seats.values():
        seat.ways = draw(st.sampled_from([1, 3, 0]))
    return snap, load


@settings(max_examples=300, deadline=None)
@given(rosters(), st.integers(1, 40))
def test_no_cap_is_ever_passed_and_every_scan_ends_somewhere(case: tuple[Snapshot, Counters], number: int) -> None:
    snap, load = case
    before = {staff_id: staff.used for staff_id, staff in load.staff.items()}
    duty = snap.duty.staff_id if snap.duty else None
    decisions = scans(snap, load, number)
    assert len(decisions) == number
    given = Counter(decision.seat.staff_id for decision in decisions if decision.seat)
    for staff_id, times in given.items():
        staff = load.staff[staff_id]
        assert staff.used == before[staff_id] + times
        assert staff_id == duty or staff.used <= staff.cap
        assert staff.receivable


@settings(max_examples=300, deadline=None)
@given(rosters(), st.integers(1, 40))
def test_a_lower_rung_is_used_only_when_each_higher_seat_was_passed_over(
    case: tuple[Snapshot, Counters], number: int
) -> None:
    snap, load = case
    for decision in scans(snap, load, number):
        passed = {seat_id for seat_id, _ in decision.passed}
        if decision.rung > Rung.ROSTER and snap.overflow:
            assert {seat.seat_id for seat in snap.roster} <= passed
        if decision.rung > Rung.BACKUP:
            capped = any(reason in (Passed.STAFF_CAP, Passed.SEAT_CAP) for _, reason in decision.passed)
            assert {seat.seat_id for seat in snap.backups} <= passed or (capped and not snap.overflow)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 9), st.integers(1, 60), st.integers(-1, 9))
def test_turns_differ_by_at_most_one_from_any_starting_point(people: int, number: int, cursor: int) -> None:
    snap = snapshot(people)
    counts = Counter(seat_ids(scans(snap, counters(snap), number, Turn(cursor))))
    assert max(counts.values()) - min(counts[seat.seat_id] for seat in snap.roster) <= 1
