"""Limits by the sentences of product.md §2.2-§2.4, §2.6, §2.13: caps, overflow, queues, and people who are away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.rules.conditions import Visitor
from routing.rules.counters import Passed, Turn, give_back
from routing.rules.engine import Outcome, befriended, keep, pick, plan
from routing.rules.snapshot import Rung, SeatPlan
from tests.routing.walks import AT, NOON, counters, scans, seat_ids, seat_one, snapshot, waiting

NOBODY = Visitor()


def test_the_51st_scan_of_a_cap_of_ten_each_goes_to_the_backup() -> None:
    snap = snapshot(5, backups=1)
    decisions = scans(snap, counters(snap, cap=10), 61)
    assert [decision.outcome for decision in decisions[:50]] == [Outcome.ASSIGNED] * 50
    assert [decision.outcome for decision in decisions[50:60]] == [Outcome.OVERFLOW] * 10
    assert decisions[60].outcome is Outcome.FALLBACK


def test_a_staff_members_cap_counts_over_all_codes() -> None:
    first, second = snapshot(1), snapshot(1)
    load = counters(first, cap=3)
    assert seat_ids(scans(first, load, 2) + scans(second, load, 2)) == [1, 1, 1, None]


def test_a_seats_own_cap_holds_below_the_staffs() -> None:
    snap = snapshot(2, first=seat_one(daily_cap=1))
    assert seat_ids(scans(snap, counters(snap, cap=3), 5)) == [1, 2, 2, 2, None]


def test_a_slot_that_is_given_back_is_room_again() -> None:
    snap = snapshot(1)
    load = counters(snap, cap=1)
    assert seat_ids(scans(snap, load, 2)) == [1, None]
    give_back(snap.roster[0], load, snap)
    assert seat_ids(scans(snap, load, 2)) == [1, None]


def test_with_overflow_off_a_cap_that_is_reached_leads_straight_past_the_backups() -> None:
    snap = snapshot(2, backups=1, overflow=False)
    decisions = scans(snap, counters(snap, cap=3), 8)
    assert seat_ids(decisions) == [1, 2, 1, 2, 1, 2, None, None]
    assert (3, Passed.OVERFLOW_OFF) in decisions[-1].passed


def test_with_overflow_off_the_next_one_does_not_take_over_either() -> None:
    snap = snapshot(2, duty=True, overflow=False)
    load = counters(snap)
    load.staff[101].used = 100
    decisions = scans(snap, load, 4)
    assert [decision.outcome for decision in decisions] == [Outcome.DUTY, Outcome.ASSIGNED] * 2


def test_a_roster_that_is_away_goes_to_its_backups_even_with_overflow_off() -> None:
    snap = snapshot(1, backups=1, overflow=False)
    load = counters(snap)
    load.staff[101].receivable = False
    assert scans(snap, load, 1)[0].rung is Rung.BACKUP


def test_the_51st_of_those_who_wait_goes_to_the_backup_and_returns_when_the_queue_falls() -> None:
    snap = snapshot(1, backups=1, peak_window=300)
    load, turn = counters(snap, cap=1000), Turn()
    assert seat_ids(scans(snap, load, 51, turn)) == [1] * 50 + [2]
    waiting(load, snap, 1, 40)
    decisions = scans(snap, load, 11, turn)
    assert seat_ids(decisions) == [1] * 10 + [2]
    assert (decisions[-1].reason, decisions[-1].passed) == ("peak", ((1, Passed.PEAK),))


def test_with_the_peak_switch_off_no_queue_is_too_long() -> None:
    snap = snapshot(1, backups=1)
    assert seat_ids(scans(snap, counters(snap), 100)) == [1] * 100


def test_each_person_may_have_a_queue_of_their_own_length() -> None:
    snap = snapshot(2, backups=1, peak_window=300)
    load = counters(snap)
    load.staff[101].peak = 1
    assert seat_ids(scans(snap, load, 5)) == [1, 2, 3, 2, 3]


def test_a_long_queue_without_backups_goes_to_colleagues_and_no_seat_is_named_twice() -> None:
    snap = snapshot(4, peak_window=300)
    load = counters(snap)
    load.staff[101].online = False
    for seat_id in (2, 3):
        waiting(load, snap, seat_id, 50)
    turn = Turn()
    decision = scans(snap, load, 1, turn)[0]
    assert seat_ids([decision]) == [4]
    assert decision.passed == ((1, Passed.OFFLINE), (2, Passed.PEAK), (3, Passed.PEAK))
    waiting(load, snap, 4, 50)
    kept = scans(snap, load, 1, turn)[0]
    assert (seat_ids([kept]), kept.reason) == ([2], "peak_kept")
    assert len(dict(kept.passed)) == len(kept.passed)


def test_with_nobody_else_the_person_with_the_long_queue_keeps_them() -> None:
    snap = snapshot(1, backups=1, peak_window=300)
    load = counters(snap)
    waiting(load, snap, 1, 50)
    load.staff[102].online = False
    decision = scans(snap, load, 1)[0]
    assert (seat_ids([decision]), decision.reason, decision.outcome) == ([1], "peak_kept", Outcome.ASSIGNED)


def test_a_long_queue_is_no_reason_to_pass_a_cap() -> None:
    snap = snapshot(1, peak_window=300)
    load = counters(snap, cap=60)
    decisions = scans(snap, load, 61)
    assert seat_ids(decisions) == [1] * 60 + [None]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"receivable": False}, Passed.CANNOT_RECEIVE),
        ({"paused_until": NOON + 1}, Passed.STAFF_PAUSED),
        ({"online": False}, Passed.OFFLINE),
        ({"suspect": True}, Passed.SUSPECT),
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


def test_a_leave_that_is_over_holds_nobody_back() -> None:
    snap = snapshot(1, first=seat_one(paused_until=NOON))
    load = counters(snap)
    load.staff[101].paused_until = NOON
    assert seat_ids(scans(snap, load, 1)) == [1]


def test_a_seat_without_a_live_contact_way_is_passed_over_unless_it_has_a_link() -> None:
    snap = snapshot(2)
    load = counters(snap)
    load.seats[1].ways = 0
    assert scans(snap, load, 1)[0].passed == ((1, Passed.NO_WAY),)
    load.seats[1].link = "https://work.weixin.qq.com/ca/x"
    assert seat_ids(scans(snap, load, 1)) == [1]


def test_through_a_link_nobody_waits_before_wecom_reports_the_request() -> None:
    snap = snapshot(1, delivery="link", peak_window=300)
    load = counters(snap)
    load.seats[1].link = "https://work.weixin.qq.com/ca/x"
    scans(snap, load, 60)
    assert load.waits == {}
    assert load.staff[101].used == 60


def test_a_returning_visitor_keeps_the_person_and_takes_no_second_slot() -> None:
    snap = snapshot(2)
    load = counters(snap, cap=1)
    first = scans(snap, load, 1)[0]
    assert first.seat is not None
    again = keep(plan(snap, AT, NOBODY), load, first.seat.seat_id, holds_slot=True)
    assert again is not None
    assert (again.seat, again.takes_slot) == (first.seat, False)
    assert load.staff[101].used == 1


def test_a_returning_visitor_whose_slot_was_given_back_does_not_pass_the_cap() -> None:
    snap = snapshot(2)
    load = counters(snap, cap=1)
    load.staff[101].used = 1
    assert keep(plan(snap, AT, NOBODY), load, 1, holds_slot=False) is None


@pytest.mark.parametrize("change", [{"receivable": False}, {"paused_until": NOON + 1}, {"online": False}])
def test_a_returning_visitor_goes_elsewhere_when_the_person_is_away(change: dict[str, object]) -> None:
    snap = snapshot(2)
    load = counters(snap)
    for name, value in change.items():
        setattr(load.staff[101], name, value)
    assert keep(plan(snap, AT, NOBODY), load, 1, holds_slot=True) is None


def test_a_returning_visitor_goes_elsewhere_when_the_seat_is_gone_or_paused() -> None:
    snap = snapshot(2, first=seat_one(paused_until=NOON + 1))
    load = counters(snap)
    assert keep(plan(snap, AT, NOBODY), load, 1, holds_slot=True) is None
    gone = replace(snap, roster=snap.roster[1:])
    assert keep(plan(gone, AT, NOBODY), load, 1, holds_slot=True) is None


def test_a_known_friend_is_led_to_the_friend_and_takes_no_slot_even_over_the_cap() -> None:
    snap = snapshot(2, backups=1)
    load = counters(snap, cap=0)
    decision = befriended(plan(snap, AT, NOBODY), load, [103])
    assert decision is not None
    assert (decision.outcome, decision.reason, decision.takes_slot) == (Outcome.RETURNING, "friend", False)
    assert seat_ids([decision]) == [3]
    assert load.staff[103].used == 0


def test_a_known_friend_who_is_away_or_not_of_this_code_changes_nothing() -> None:
    snap = snapshot(1)
    load = counters(snap)
    load.staff[101].online = False
    assert befriended(plan(snap, AT, NOBODY), load, [101, 999]) is None


def test_somebody_else_is_found_for_who_asked_to_change() -> None:
    snap = snapshot(2)
    load = counters(snap)
    decision = pick(plan(snap, AT, NOBODY), load, Turn(), avoid=[1])
    assert seat_ids([decision]) == [2]
    assert decision.passed == ((1, Passed.SWAPPED),)


def test_who_asked_to_change_is_not_led_to_the_same_person_in_another_seat() -> None:
    snap = snapshot(1)
    snap = replace(snap, duty=SeatPlan(9, 101, 1))
    decision = pick(plan(snap, AT, NOBODY), counters(snap), Turn(), avoid=[1])
    assert decision.outcome is Outcome.FALLBACK
    assert decision.passed == ((1, Passed.SWAPPED), (9, Passed.SWAPPED))
