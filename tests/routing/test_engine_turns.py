"""Turns by the sentences of product.md §2.1: in turn, by weight, least loaded; by assignments or by adds."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.rules.counters import Passed, Turn
from routing.rules.hours import local_time
from tests.routing.walks import AT, NOON, ZONE, counters, scans, seat_ids, seat_one, snapshot, weighing


def test_five_people_and_a_hundred_scans_are_exactly_twenty_each_in_order() -> None:
    snap = snapshot(5)
    assert seat_ids(scans(snap, counters(snap), 100)) == [1, 2, 3, 4, 5] * 20


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 9), st.integers(1, 60), st.integers(-1, 9))
def test_turns_differ_by_at_most_one_from_any_starting_point(people: int, number: int, cursor: int) -> None:
    snap = snapshot(people)
    counts = Counter(seat_ids(scans(snap, counters(snap), number, Turn({0: cursor}))))
    assert max(counts.values()) - min(counts[seat.seat_id] for seat in snap.roster) <= 1


def test_weights_of_5_3_2_give_exactly_that_of_every_ten_spread_evenly() -> None:
    snap = weighing([5, 3, 2])
    served = seat_ids(scans(snap, counters(snap, cap=1000), 1000))
    tens = [served[start : start + 10] for start in range(0, 1000, 10)]
    assert {tuple(ten) for ten in tens} == {(1, 2, 3, 1, 1, 2, 1, 3, 2, 1)}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=8).filter(any), st.integers(1, 5))
def test_weighted_shares_are_exact_over_each_full_round(weights: list[int], rounds: int) -> None:
    snap = weighing(weights)
    load, turn, total = counters(snap, cap=10_000), Turn(), sum(weights)
    for _ in range(rounds):
        counts = Counter(seat_ids(scans(snap, load, total, turn)))
        assert [counts[seat.seat_id] for seat in snap.roster] == weights
    assert not any(turn.credits[0].values())


def test_a_weight_of_zero_gets_nothing_and_the_trace_says_so() -> None:
    snap = weighing([0, 1])
    decisions = scans(snap, counters(snap), 3)
    assert seat_ids(decisions) == [2, 2, 2]
    assert decisions[0].passed == ((1, Passed.NO_WEIGHT),)


def test_equal_weights_are_in_turn() -> None:
    snap = weighing([3, 3, 3])
    assert seat_ids(scans(snap, counters(snap), 9)) == [1, 2, 3] * 3


def test_somebody_who_was_away_does_not_come_back_to_a_burst() -> None:
    snap = weighing([1, 1])
    load, turn = counters(snap), Turn()
    load.staff[101].online = False
    assert seat_ids(scans(snap, load, 10, turn)) == [2] * 10
    load.staff[101].online = True
    assert seat_ids(scans(snap, load, 6, turn)) == [1, 2, 1, 2, 1, 2]


def test_credit_of_people_who_left_the_roster_is_forgotten() -> None:
    snap = weighing([5, 3, 2])
    load, turn = counters(snap), Turn()
    scans(snap, load, 3, turn)
    smaller = replace(snap, roster=snap.roster[:2])
    scans(smaller, load, 1, turn)
    assert turn.credits[0].keys() == {1, 2}


def test_the_least_loaded_is_the_one_with_the_least_of_the_cap_used() -> None:
    snap = snapshot(3, strategy="least_loaded")
    load = counters(snap, cap=10)
    load.staff[101].used, load.staff[102].used, load.staff[103].used = 6, 5, 9
    load.staff[103].cap = 30
    # 6/10, 5/10, 9/30: the third is far below, then the second catches up with the first.
    assert seat_ids(scans(snap, load, 8)) == [3, 3, 3, 3, 3, 3, 2, 3]


def test_least_loaded_counts_what_somebody_has_from_other_codes() -> None:
    snap = snapshot(2, strategy="least_loaded")
    load = counters(snap)
    load.staff[101].used = 3
    assert seat_ids(scans(snap, load, 5)) == [2, 2, 2, 1, 2]


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 8), st.integers(1, 60))
def test_from_an_even_start_the_least_loaded_are_served_evenly(people: int, number: int) -> None:
    snap = snapshot(people, strategy="least_loaded")
    counts = Counter(seat_ids(scans(snap, counters(snap), number)))
    assert max(counts.values()) - min(counts[seat.seat_id] for seat in snap.roster) <= 1


def test_by_adds_a_turn_that_brought_no_friend_is_made_up_first() -> None:
    snap = snapshot(3, turns_count="adds")
    load, turn = counters(snap), Turn()
    scans(snap, load, 4, turn)
    load.seats[1].owed = 2
    decisions = scans(snap, load, 4, turn)
    assert seat_ids(decisions) == [1, 1, 2, 3]
    assert [decision.made_up for decision in decisions] == [True, True, False, False]


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 6), st.lists(st.booleans(), max_size=40), st.sampled_from(["in_turn", "weighted"]))
def test_by_adds_turns_even_out_once_those_that_brought_nobody_are_made_up(
    people: int, came: list[bool], strategy: str
) -> None:
    snap = snapshot(people, turns_count="adds", strategy=strategy)
    load, turn = counters(snap), Turn()
    first = scans(snap, load, len(came), turn)
    added = Counter(seat_id for seat_id, friend in zip(seat_ids(first), came, strict=True) if friend)
    for seat_id, friend in zip(seat_ids(first), came, strict=True):
        if seat_id is not None and not friend:
            load.seats[seat_id].owed += 1
    again = scans(snap, load, came.count(False), turn)
    assert all(decision.made_up for decision in again)
    assert added + Counter(seat_ids(again)) == Counter(seat_ids(first))


def test_by_assignments_nothing_is_made_up() -> None:
    snap = snapshot(3)
    load, turn = counters(snap), Turn()
    scans(snap, load, 4, turn)
    load.seats[1].owed = 2
    assert seat_ids(scans(snap, load, 2, turn)) == [2, 3]


def test_a_turn_owed_to_somebody_who_can_not_receive_waits() -> None:
    snap = snapshot(2, turns_count="adds")
    load = counters(snap)
    load.seats[1].owed = 1
    load.staff[101].online = False
    assert seat_ids(scans(snap, load, 1)) == [2]
    assert load.seats[1].owed == 1


def test_a_weight_of_zero_is_owed_nothing() -> None:
    snap = weighing([0, 1], turns_count="adds")
    load = counters(snap)
    load.seats[1].owed = 1
    assert seat_ids(scans(snap, load, 2)) == [2, 2]


def test_a_seat_paused_until_an_hour_gets_its_turn_after_it() -> None:
    snap = snapshot(2, first=seat_one(paused_until=NOON + 10))
    load, turn = counters(snap), Turn()
    assert seat_ids(scans(snap, load, 1, turn, at=AT)) == [2]
    assert seat_ids(scans(snap, load, 1, turn, at=local_time(NOON + 10, ZONE, {}))) == [1]
