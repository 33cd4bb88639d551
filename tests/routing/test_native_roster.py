"""Whom WeCom may choose among: a pure function of rules, clock and counters, and never nobody (product.md §1.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.rules.conditions import Condition
from routing.rules.counters import Counters, SeatLoad, StaffLoad
from routing.rules.hours import hours_checked, local_time
from routing.rules.native import SEAT_FIELDS, USERS_MAX, NativeRoster, native_offers, roster_for
from routing.rules.ruleset import FIELDS
from routing.rules.snapshot import Rung, SeatPlan, Snapshot

AT = local_time(datetime(2026, 11, 24, 2, 0, tzinfo=UTC).timestamp(), "Asia/Shanghai", {})  # Tuesday, 10:00
NIGHT = hours_checked([*([((1200, 360),)] * 7), ()])


def seats(first: int, number: int, **more: Any) -> tuple[SeatPlan, ...]:
    """Seats of the staff ``first`` and following; the seat's id is ten times theirs."""
    return tuple(SeatPlan((first + nth) * 10, first + nth, nth, **more) for nth in range(number))


def code(**more: Any) -> Snapshot:
    """Three people, two backups (4, 5) and a duty person (9)."""
    given_: dict[str, Any] = {
        "roster": seats(1, 3),
        "backups": seats(4, 2),
        "duty": SeatPlan(90, 9, 1),
        "delivery": "native",
    } | more
    return Snapshot(code_id=1, version=1, **given_)


def loads(snapshot: Snapshot, **of: StaffLoad) -> Counters:
    """Nobody has anything to do, but those named ``s<id>``; no seat has a way of its own."""
    staff = {seat.staff_id: StaffLoad(seat.staff_id) for seat in snapshot.seats()}
    staff |= {load.staff_id: load for load in of.values()}
    return Counters(staff, {seat.seat_id: SeatLoad(ways=0) for seat in snapshot.seats()})


def full(staff_id: int) -> StaffLoad:
    return StaffLoad(staff_id, used=100, cap=100)


def test_all_of_the_roster_who_can_receive() -> None:
    snapshot = code()
    assert roster_for(snapshot, AT, loads(snapshot)) == NativeRoster((1, 2, 3), Rung.ROSTER)
    counters = loads(snapshot, s1=full(1), s2=StaffLoad(2, paused_until=AT.epoch + 60))
    assert roster_for(snapshot, AT, counters) == NativeRoster((3,), Rung.ROSTER)


@pytest.mark.parametrize(
    "load",
    [
        full(3),
        StaffLoad(3, receivable=False),
        StaffLoad(3, online=False),
        StaffLoad(3, suspect=True),
        StaffLoad(3, paused_until=AT.epoch + 1),
    ],
)
def test_whoever_can_t_take_customers_is_left_out(load: StaffLoad) -> None:
    snapshot = code()
    assert roster_for(snapshot, AT, loads(snapshot, s3=load)).staff == (1, 2)


def test_the_seat_s_own_cap_leave_and_hours_count() -> None:
    roster = (*seats(1, 1, daily_cap=5), *seats(2, 1, paused_until=AT.epoch + 1), *seats(3, 1, hours=NIGHT))
    snapshot = code(roster=roster)
    counters = loads(snapshot)
    assert roster_for(snapshot, AT, counters).staff == (1,)
    counters.seats[10].used = 5
    assert roster_for(snapshot, AT, counters) == NativeRoster((4,), Rung.BACKUP)


def test_backups_in_order_then_the_duty_person_who_knows_no_cap() -> None:
    snapshot = code()
    of = {f"s{pk}": full(pk) for pk in (1, 2, 3, 4)}
    assert roster_for(snapshot, AT, loads(snapshot, **of)) == NativeRoster((5,), Rung.BACKUP)
    of |= {f"s{pk}": full(pk) for pk in (5, 9)}
    assert roster_for(snapshot, AT, loads(snapshot, **of)) == NativeRoster((9,), Rung.DUTY)


def test_with_overflow_off_full_people_lead_straight_to_the_duty_person() -> None:
    snapshot = code(overflow=False)
    of = {f"s{pk}": full(pk) for pk in (1, 2, 3)}
    assert roster_for(snapshot, AT, loads(snapshot, **of)) == NativeRoster((9,), Rung.DUTY)
    away = {f"s{pk}": StaffLoad(pk, online=False) for pk in (1, 2, 3)}
    assert roster_for(snapshot, AT, loads(snapshot, **away)) == NativeRoster((4,), Rung.BACKUP)


def test_outside_of_the_code_s_hours_backups_receive() -> None:
    snapshot = code(hours=NIGHT)
    assert roster_for(snapshot, AT, loads(snapshot)) == NativeRoster((4,), Rung.BACKUP)


def test_a_closed_code_is_the_duty_person_s_alone() -> None:
    snapshot = code()
    assert roster_for(snapshot, AT, loads(snapshot), is_open=False) == NativeRoster((9,), Rung.DUTY)
    nobody = code(duty=None)
    assert roster_for(nobody, AT, loads(nobody), is_open=False, last=(1, 3)) == NativeRoster((1, 3), Rung.FALLBACK)


def test_queues_and_conditions_are_not_for_native_codes() -> None:
    everywhere = Condition(1, "全部", (10,))
    snapshot = code(peak_window=300, conditions=(everywhere,))
    counters = loads(snapshot)
    counters.waits = {(1, 300): 1000}
    assert roster_for(snapshot, AT, counters).staff == (1, 2, 3)


def test_a_new_code_of_which_all_are_full_is_made_with_whoever_may_receive() -> None:
    snapshot = code(duty=None, backups=())
    of = {"s1": full(1), "s2": full(2), "s3": StaffLoad(3, receivable=False)}
    assert roster_for(snapshot, AT, loads(snapshot, **of)) == NativeRoster((1, 2), Rung.FALLBACK)


def test_wecom_takes_a_hundred_people() -> None:
    snapshot = code(roster=seats(100, 150))
    assert len(roster_for(snapshot, AT, loads(snapshot)).staff) == USERS_MAX


@given(
    st.lists(st.sampled_from(["able", "full", "away", "gone"]), min_size=6, max_size=6), st.booleans(), st.booleans()
)
def test_never_empty_once_wecom_has_somebody_and_nobody_who_can_t(
    states: list[str], is_open: bool, overflow: bool
) -> None:
    snapshot = code(overflow=overflow)
    people = [seat.staff_id for seat in snapshot.seats()]
    made: dict[str, dict[str, Any]] = {
        "able": {},
        "full": {"used": 100},
        "away": {"online": False},
        "gone": {"receivable": False},
    }
    of = {f"s{pk}": StaffLoad(pk, **made[state]) for pk, state in zip(people, states, strict=True)}
    found = roster_for(snapshot, AT, loads(snapshot, **of), is_open=is_open, last=(2,))
    assert found.staff
    if found.rung in (Rung.ROSTER, Rung.BACKUP):
        assert all(states[people.index(pk)] == "able" for pk in found.staff)
    if found.rung is Rung.FALLBACK:
        assert found.staff == (2,)
    assert found == roster_for(replace(snapshot), AT, loads(snapshot, **of), is_open=is_open, last=(2,))


def test_what_does_not_apply_is_not_offered() -> None:
    offered = {name for name in FIELDS if native_offers(name)}
    assert offered == {"overflow", "hours", "duty_staff_id", "skip_verify", "verify_hours"}
    assert all(native_offers(name) for name in SEAT_FIELDS)
    assert not any(native_offers(name) for name in ("weight", "strategy", "conditions", "unheard_of"))
