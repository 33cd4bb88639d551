"""The ladder of product.md §2.8, always in this order and always ending at a page; conditions choose its first rung."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.rules.conditions import Visitor
from routing.rules.counters import CAPS, Counters, Passed, Turn
from routing.rules.engine import TRACE_LIMIT, Outcome, plan
from routing.rules.snapshot import Rung, Snapshot
from tests.routing.walks import AT, NOON, clock, condition, counters, scans, seat_ids, seat_one, snapshot, week

POSTER = Visitor(sub_channel="poster12")


def test_backups_are_used_in_their_order_and_not_in_turn() -> None:
    snap = snapshot(1, backups=2)
    assert seat_ids(scans(snap, counters(snap, cap=2), 7)) == [1, 1, 2, 2, 3, 3, None]


def test_the_duty_person_takes_what_is_over_every_cap() -> None:
    snap = snapshot(1, backups=1, duty=True)
    decisions = scans(snap, counters(snap, cap=1), 6)
    assert [decision.outcome for decision in decisions[2:]] == [Outcome.DUTY] * 4


def test_the_duty_person_has_no_hours_but_may_be_away() -> None:
    snap = snapshot(0, duty=True, hours=week([]))
    load = counters(snap)
    assert scans(snap, load, 1)[0].outcome is Outcome.DUTY
    load.staff[101].paused_until = NOON + 1
    decision = scans(snap, load, 1)[0]
    assert (decision.outcome, decision.reason) == (Outcome.FALLBACK, "fallback")
    assert decision.passed == ((1, Passed.STAFF_PAUSED),)


def test_a_condition_that_holds_chooses_its_people_each_with_turns_of_their_own() -> None:
    snap = snapshot(4, conditions=(condition(7, {2, 4}, subs=frozenset({"poster12"})),))
    load, turn = counters(snap), Turn()
    assert seat_ids(scans(snap, load, 3, turn)) == [1, 2, 3]
    decisions = scans(snap, load, 3, turn, visitor=POSTER)
    assert seat_ids(decisions) == [2, 4, 2]
    assert {(one.rung, one.condition, one.reason, one.outcome) for one in decisions} == {
        (Rung.RULE, 7, "condition", Outcome.ASSIGNED)
    }
    assert seat_ids(scans(snap, load, 2, turn)) == [4, 1]


def test_the_first_condition_that_holds_wins() -> None:
    both = (condition(1, {2}, subs=frozenset({"poster12"})), condition(2, {1}, subs=frozenset({"poster12"})))
    snap = snapshot(2, conditions=both)
    assert seat_ids(scans(snap, counters(snap), 1, visitor=POSTER)) == [2]


def test_when_the_conditions_people_can_not_the_rest_of_the_roster_is_next_then_the_backups() -> None:
    snap = snapshot(2, backups=1, conditions=(condition(1, {2}, subs=frozenset({"poster12"})),))
    decisions = scans(snap, counters(snap, cap=1), 4, visitor=POSTER)
    assert [(one.rung, one.seat.seat_id if one.seat else None) for one in decisions] == [
        (Rung.RULE, 2), (Rung.ROSTER, 1), (Rung.BACKUP, 3), (Rung.FALLBACK, None),
    ]  # fmt: skip
    assert {one.condition for one in decisions} == {1}


def test_a_condition_whose_people_have_all_left_the_roster_is_as_if_they_could_not() -> None:
    snap = snapshot(2, conditions=(condition(1, set(), subs=frozenset({"poster12"})),))
    assert seat_ids(scans(snap, counters(snap), 2, visitor=POSTER)) == [1, 2]


def test_weights_hold_among_the_people_of_a_condition() -> None:
    from dataclasses import replace

    snap = snapshot(3, strategy="weighted", conditions=(condition(1, {1, 3}, returning=False),))
    snap = replace(snap, roster=tuple(replace(seat, weight=seat.seat_id) for seat in snap.roster))
    assert Counter(seat_ids(scans(snap, counters(snap), 40))) == {1: 10, 3: 30}


def test_outside_of_the_codes_hours_the_backups_are_next() -> None:
    snap = snapshot(2, backups=1, hours=week([(540, 1080)]))
    decision = scans(snap, counters(snap), 1, at=clock("2027-01-15", "20:00"))[0]
    assert (decision.rung, decision.outcome) == (Rung.BACKUP, Outcome.OVERFLOW)
    assert decision.passed == ((1, Passed.CODE_HOURS), (2, Passed.CODE_HOURS))


def test_outside_of_a_seats_hours_the_next_one_is_served() -> None:
    snap = snapshot(2, first=seat_one(hours=week([(540, 1080)])))
    load = counters(snap)
    decision = scans(snap, load, 1, at=clock("2027-01-15", "20:00"))[0]
    assert seat_ids([decision]) == [2]
    assert decision.passed == ((1, Passed.OFF_HOURS),)
    assert seat_ids(scans(snap, load, 1, at=clock("2027-01-16", "09:00"))) == [1]


def test_a_long_trace_is_cut() -> None:
    snap = snapshot(100, backups=1)
    decision = scans(snap, counters(snap, cap=0), 1)[0]
    assert len(decision.passed) == TRACE_LIMIT


@st.composite
def rosters(draw: st.DrawFn) -> tuple[Snapshot, Counters]:
    """Any roster, any load."""
    snap = snapshot(
        draw(st.integers(0, 6)),
        draw(st.integers(0, 3)),
        duty=draw(st.booleans()),
        overflow=draw(st.booleans()),
        strategy=draw(st.sampled_from(["in_turn", "weighted", "least_loaded"])),
        peak_window=draw(st.sampled_from([None, 300])),
    )
    load = counters(snap, peak=3)
    for staff in load.staff.values():
        staff.cap = draw(st.integers(0, 4))
        staff.used = draw(st.integers(0, 4))
        staff.receivable = draw(st.sampled_from([True, True, True, False]))
        staff.paused_until = draw(st.sampled_from([None, None, NOON - 1, NOON + 1]))
    for staff_id in load.staff if snap.peak_window else ():
        load.waits[staff_id, 300] = draw(st.integers(0, 4))
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
    given_out = Counter(decision.seat.staff_id for decision in decisions if decision.seat)
    for staff_id, times in given_out.items():
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
        passed = dict(decision.passed)
        assert len(passed) == len(decision.passed), "no seat twice in a trace"
        stopped = Passed.PEAK in passed.values() or (not snap.overflow and bool(CAPS & set(passed.values())))
        if decision.rung > Rung.ROSTER and not stopped:
            assert {seat.seat_id for seat in snap.roster} <= passed.keys()
        if decision.rung > Rung.BACKUP:
            assert {seat.seat_id for seat in snap.backups} <= passed.keys()
        assert decision.seat is None or decision.seat.seat_id not in passed or decision.reason == "peak_kept"


def test_the_plan_of_a_code_is_made_without_any_counters() -> None:
    snap = snapshot(2, backups=1, duty=True)
    ladder = plan(snap, AT, Visitor())
    assert [rung for rung, _, _ in ladder.people] == [Rung.ROSTER]
    assert (ladder.backups, ladder.duty) == (snap.backups, (snap.duty,))
