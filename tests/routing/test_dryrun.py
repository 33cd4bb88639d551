"""The dry run by itself: who gets how many and why, on a load that is given (product.md §2.9)."""

from __future__ import annotations

import pytest

from routing.rules.conditions import Visitor
from routing.rules.counters import Passed, Turn
from routing.rules.dryrun import DryRun, run, with_load
from routing.rules.snapshot import Rung, Snapshot
from tests.routing.walks import AT, clock, condition, counters, scans, seat_ids, snapshot, waiting, week, weighing

NEW = Visitor()


def dry(snap: Snapshot, number: int, *, cap: int = 100, visitor: Visitor = NEW, turn: Turn | None = None) -> DryRun:
    """``number`` scans of the same kind on an empty load."""
    return run(snap, counters=counters(snap, cap), turn=turn or Turn(), at=AT, visitors=[visitor] * number)


def totals(result: DryRun) -> list[int]:
    """What each seat got, in the ladder's order."""
    return [share.total for share in result.shares]


def test_it_says_who_gets_how_many_and_by_which_rung_and_reason() -> None:
    snap = snapshot(5, backups=1, duty=True)
    result = dry(snap, 1000)
    assert totals(result) == [100] * 6 + [400]
    assert [share.rung for share in result.shares] == [Rung.ROSTER] * 5 + [Rung.BACKUP, Rung.DUTY]
    assert [dict(share.reasons) for share in result.shares[4:]] == [{"in_turn": 100}, {"overflow": 100}, {"duty": 400}]
    assert (result.pages, result.scans) == (0, 1000)


def test_it_says_why_and_how_often_each_was_passed_over() -> None:
    snap = weighing([1, 0])
    result = dry(snap, 150)
    assert totals(result) == [100, 0]
    assert result.pages == 50
    assert result.shares[0].passed == {Passed.STAFF_CAP: 50}
    assert result.shares[1].passed == {Passed.NO_WEIGHT: 150}


def test_more_people_than_a_stored_trace_names_are_all_counted() -> None:
    snap = snapshot(100)
    assert all(share.passed == {Passed.STAFF_CAP: 10} for share in dry(snap, 10, cap=0).shares)


def test_weights_are_exact() -> None:
    assert totals(dry(weighing([5, 3, 2]), 10_000, cap=10_000)) == [5000, 3000, 2000]


def test_neither_the_load_nor_the_turn_that_it_is_given_changes() -> None:
    snap, turn = weighing([5, 3, 2], peak_window=300), Turn(credits={0: {1: 3}})
    load = counters(snap)
    run(snap, counters=load, turn=turn, at=AT, visitors=[NEW] * 7)
    assert (turn.credits, turn.moved) == ({0: {1: 3}}, False)
    assert not any(staff.used for staff in load.staff.values())
    assert load.waits == {}


def test_it_goes_on_from_the_turn_and_the_load_of_the_moment() -> None:
    snap = snapshot(3)
    load = with_load(counters(snap), used={102: 99}, waiting={})
    result = run(snap, counters=load, turn=Turn({0: 1}), at=AT, visitors=[NEW] * 4)
    assert result.served == [2, 3, 1, 3]
    assert [(share.used, share.cap) for share in result.shares] == [(1, 100), (100, 100), (2, 100)]


def test_a_queue_can_be_tried_out() -> None:
    snap = snapshot(1, backups=1, peak_window=300)
    load = with_load(counters(snap), used={}, waiting={101: 49})
    result = run(snap, counters=load, turn=Turn(), at=AT, visitors=[NEW] * 3)
    assert result.served == [1, 2, 2]
    assert dict(result.shares[1].reasons) == {"peak": 2}


def test_visitors_of_several_kinds_are_counted_by_their_condition() -> None:
    snap = snapshot(3, conditions=(condition(4, {3}, subs=frozenset({"a"})),))
    kinds = [Visitor("a"), NEW, NEW] * 2
    result = run(snap, counters=counters(snap), turn=Turn(), at=AT, visitors=kinds)
    assert result.conditions == {4: 2, None: 4}
    assert result.served == [3, 1, 2, 3, 3, 1]


def test_the_time_is_the_one_that_was_asked_for() -> None:
    snap = snapshot(1, backups=1, hours=week([(540, 1080)]))
    for time, seat in (("12:00", 1), ("19:00", 2)):
        at = clock("2027-01-15", time)
        assert run(snap, counters=counters(snap), turn=Turn(), at=at, visitors=[NEW]).served == [seat]


def test_it_is_the_engine_itself() -> None:
    snap = snapshot(3, backups=1, strategy="least_loaded", overflow=False, peak_window=300)
    load = counters(snap, cap=4, peak=3)
    waiting(load, snap, 2, 2)
    result = run(snap, counters=load, turn=Turn(), at=AT, visitors=[NEW] * 20)
    assert result.served == seat_ids(scans(snap, load, 20))


def test_more_than_ten_thousand_scans_are_refused() -> None:
    with pytest.raises(ValueError, match="10000"):
        dry(snapshot(1), 10_001)
