"""What may be kept: a ladder while time could not have changed it, reasons within a batch (design.md §5)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from routing.rules.counters import Reasons, Turn, give_back
from routing.rules.engine import Decision, pick, plan_for
from routing.rules.hours import HOLIDAY, Calendar, LocalTime, local_time
from routing.rules.snapshot import SeatPlan, Snapshot
from tests.routing.walks import NOON, ZONE, clock, condition, counters, snapshot, week

EVENING = week([(960, 1080)])  # opens at 16:00, which is NOON
DAYS: list[Calendar] = [{}, {"2027-01-15": HOLIDAY}, {"2027-01-14": HOLIDAY}]
WEEKDAYS = week([(0, 1440)], rows=range(7))


def _code(pauses: list[float | None], hours: list[bool], *, office: bool) -> Snapshot:
    seats = [
        SeatPlan(n, 100 + n, n, paused_until=None if after is None else NOON + after, hours=WEEKDAYS if some else None)
        for n, (after, some) in enumerate(zip(pauses, hours, strict=True), start=1)
    ]
    return Snapshot(1, 1, tuple(seats[:3]), tuple(seats[3:4]), seats[4], hours=EVENING if office else None)


@given(
    pauses=st.lists(st.none() | st.floats(-90, 90), min_size=5, max_size=5),
    hours=st.lists(st.booleans(), min_size=5, max_size=5),
    office=st.booleans(),
    chosen=st.booleans(),
    first=st.floats(-90, 90),
    then=st.floats(-90, 90),
    calendars=st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)),
)
@example([30.0, None, None, None, None], [False] * 5, False, False, 1.0, 31.0, ({}, {}))
@example([None] * 5, [True] * 5, True, False, -1.0, 1.0, ({}, {}))
def test_a_kept_ladder_is_the_one_that_would_be_made(
    pauses: list[float | None],
    hours: list[bool],
    office: bool,
    chosen: bool,
    first: float,
    then: float,
    calendars: tuple[Calendar, Calendar],
) -> None:
    snap = _code(pauses, hours, office=office)
    holds = condition(1, {1, 2}) if chosen else None
    before, after = (
        local_time(NOON + offset, ZONE, calendar) for offset, calendar in zip((first, then), calendars, strict=True)
    )
    kept = plan_for(snap, before, holds).at_time(after)
    if kept is not None:
        assert kept == replace(plan_for(snap, after, holds), until=kept.until)
        assert kept.until > after.epoch


@pytest.mark.parametrize(
    "later",
    [clock("2027-01-15", "16:01"), clock("2027-01-16", "16:00"), clock("2027-01-15", "16:00", {"2027-01-15": HOLIDAY})],
)
def test_another_minute_day_or_calendar_makes_the_ladder_anew(later: LocalTime) -> None:
    assert plan_for(snapshot(3), clock("2027-01-15", "16:00"), None).at_time(later) is None


def test_within_its_minute_a_ladder_is_kept() -> None:
    at = local_time(NOON + 20, ZONE, {})
    kept = plan_for(snapshot(3), local_time(NOON + 1, ZONE, {}), None).at_time(at)
    assert kept is not None
    assert kept.at is at


@given(
    strategy=st.sampled_from(["in_turn", "weighted", "least_loaded"]),
    overflow=st.booleans(),
    caps=st.lists(st.integers(0, 6), min_size=5, max_size=5),
    peak=st.integers(1, 4),
    steps=st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=40),
)
def test_reasons_that_are_remembered_for_a_batch_decide_as_those_that_are_asked_each_time(
    strategy: str, overflow: bool, caps: list[int], peak: int, steps: list[tuple[bool, int]]
) -> None:
    one = snapshot(3, 2, strategy=strategy, overflow=overflow, peak_window=300)
    other = replace(one, code_id=2, roster=tuple(replace(seat, seat_id=seat.seat_id + 10) for seat in one.roster))

    def served(*, memo: bool) -> tuple[list[Decision], list[int]]:
        load, turns = counters(one, peak=peak), (Turn(), Turn())
        load.seats |= counters(other).seats
        for staff, cap in zip(load.staff.values(), caps, strict=True):
            staff.cap = cap
        load.memo = Reasons(load, NOON) if memo else None
        decisions = []
        for second, back in steps:
            code = other if second else one
            decisions.append(pick(plan_for(code, clock("2027-01-15", "16:00"), None), load, turns[second]))
            if (seat := decisions[-1].seat) is not None and back == 0:  # as 换一位 does
                give_back(seat, load, code)
        return decisions, [staff.used for staff in load.staff.values()]

    assert served(memo=True) == served(memo=False)
