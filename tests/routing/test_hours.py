"""Weekly hours by the sentences of product.md §2.5: across midnight, holidays, make-up workdays, any zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.rules.hours import (
    DAY,
    HOLIDAY,
    ROWS,
    Hours,
    HoursInvalid,
    clock_text,
    hours_checked,
    hours_from_json,
    hours_text,
    hours_to_json,
    is_open,
    local_time,
    next_edge,
)
from tests.routing.walks import clock, week

OFFICE = hours_checked([[(540, 1080)]] * 5 + [[]] * 3)
NIGHT = hours_checked([[(1320, 360)]] * 5 + [[]] * 3)
# 2027-01-15 is a Friday.
FRIDAY, SATURDAY, SUNDAY, MONDAY = "2027-01-15", "2027-01-16", "2027-01-17", "2027-01-18"


@pytest.mark.parametrize(
    ("day", "time", "opened"),
    [
        (FRIDAY, "08:59", False), (FRIDAY, "09:00", True), (FRIDAY, "17:59", True), (FRIDAY, "18:00", False),
        (SATURDAY, "12:00", False), (MONDAY, "09:00", True),
    ],
)  # fmt: skip
def test_a_window_is_open_from_its_first_minute_to_before_its_last(day: str, time: str, opened: bool) -> None:
    assert is_open(OFFICE, clock(day, time)) is opened


@pytest.mark.parametrize(
    ("day", "time", "opened"),
    [
        (FRIDAY, "05:59", True), (FRIDAY, "06:00", False), (FRIDAY, "22:00", True), (SATURDAY, "00:00", True),
        (SATURDAY, "05:59", True), (SATURDAY, "06:00", False), (SATURDAY, "23:00", False), (MONDAY, "03:00", False),
    ],
)  # fmt: skip
def test_a_window_across_midnight_belongs_to_the_evening_on_which_it_begins(day: str, time: str, opened: bool) -> None:
    assert is_open(NIGHT, clock(day, time)) is opened


def test_without_hours_it_is_always_open_and_without_windows_never() -> None:
    assert is_open(None, clock(FRIDAY, "03:00"))
    assert not is_open(week([]), clock(FRIDAY, "12:00"))


def test_on_a_holiday_the_row_of_holidays_holds() -> None:
    holiday = {FRIDAY: HOLIDAY}
    assert not is_open(OFFICE, clock(FRIDAY, "12:00", holiday))
    only_holidays = week([(600, 720)], rows=[HOLIDAY])
    assert is_open(only_holidays, clock(FRIDAY, "11:00", holiday))
    assert not is_open(only_holidays, clock(FRIDAY, "11:00"))


def test_a_make_up_workday_works_as_the_weekday_it_stands_for() -> None:
    make_up = {SUNDAY: 0}
    assert is_open(OFFICE, clock(SUNDAY, "12:00", make_up))
    assert not is_open(OFFICE, clock(SUNDAY, "12:00"))


def test_a_night_that_begins_on_a_make_up_workday_goes_on_into_the_next_morning() -> None:
    assert is_open(NIGHT, clock(MONDAY, "03:00", {SUNDAY: 0}))
    assert not is_open(NIGHT, clock(SATURDAY, "03:00", {FRIDAY: HOLIDAY}))


def test_the_tenants_zone_decides_the_minute_and_the_day() -> None:
    moment = datetime(2027, 1, 15, 16, 30, tzinfo=ZoneInfo("UTC")).timestamp()
    there, here = local_time(moment, "Asia/Shanghai", {}), local_time(moment, "UTC", {})
    assert (there.day, there.minute, there.weekday) == (SATURDAY, 30, 5)
    assert (here.day, here.minute, here.weekday) == (FRIDAY, 990, 4)


def test_wall_time_holds_on_a_day_of_23_hours() -> None:
    # New York, 14 March 2027: 02:00 becomes 03:00.
    sunday = hours_checked([[]] * 6 + [[(540, 1080)]] + [[]])
    place = ZoneInfo("America/New_York")
    opening = datetime(2027, 3, 14, 9, 0, tzinfo=place).timestamp()
    assert not is_open(sunday, local_time(opening - 60, "America/New_York", {}))
    assert is_open(sunday, local_time(opening, "America/New_York", {}))
    assert next_edge([sunday], opening - 3600, "America/New_York", {}) == opening


def test_the_next_edge_is_the_next_opening_or_closing() -> None:
    noon = clock(FRIDAY, "12:00")
    assert next_edge([OFFICE], noon.epoch, "Asia/Shanghai", {}) == clock(FRIDAY, "18:00").epoch
    assert next_edge([OFFICE, NIGHT], clock(FRIDAY, "19:00").epoch, "Asia/Shanghai", {}) == clock(FRIDAY, "22:00").epoch
    assert next_edge([OFFICE], clock(FRIDAY, "18:00").epoch, "Asia/Shanghai", {}) == clock(MONDAY, "09:00").epoch
    assert next_edge([week([])], noon.epoch, "Asia/Shanghai", {}) is None


def test_windows_of_a_form_are_put_in_order_and_joined_where_they_touch() -> None:
    rows = [[(840, 1080), (540, 720), (700, 750)], *[[]] * 7]
    assert hours_checked(rows)[0] == ((540, 750), (840, 1080))


def test_a_window_that_ends_at_its_start_is_a_whole_day() -> None:
    assert hours_checked([[(480, 480)], *[[]] * 7])[0] == ((480, 480 + DAY),)


@pytest.mark.parametrize(
    "rows",
    [
        [[(540, 1080)]] * 7,
        [[(-1, 60)], *[[]] * 7],
        [[(1440, 60)], *[[]] * 7],
        [[(0, 2 * DAY + 1)], *[[]] * 7],
        [[(60, 60 + DAY + 1)], *[[]] * 7],
        [[(n * 60, n * 60 + 30) for n in range(7)], *[[]] * 7],
    ],
)
def test_hours_that_can_not_be_are_refused_in_words(rows: list[list[tuple[int, int]]]) -> None:
    with pytest.raises(HoursInvalid, match=r"时"):
        hours_checked(rows)


def test_hours_in_words() -> None:
    assert hours_text(None) == "全天"
    assert hours_text(OFFICE) == "周一至周五 09:00–18:00"
    assert hours_text(week([])) == "全部时间关闭"
    split = hours_checked([[(540, 720), (780, 1080)], [], [(1320, 360)], *[[]] * 4, [(600, 960)]])
    assert hours_text(split) == "周一 09:00–12:00、13:00–18:00；周三 22:00–次日06:00；节假日 10:00–16:00"
    assert (clock_text(1440), clock_text(1441)) == ("24:00", "次日00:01")


windows = st.tuples(st.integers(0, DAY - 1), st.integers(0, DAY))
any_rows = st.lists(st.lists(windows, max_size=4), min_size=ROWS, max_size=ROWS)
moments = st.integers(1_767_225_600, 1_830_297_600)


@settings(max_examples=200, deadline=None)
@given(any_rows)
def test_hours_survive_being_stored(rows: list[list[tuple[int, int]]]) -> None:
    hours = hours_checked(rows)
    assert hours_from_json(hours_to_json(hours)) == hours


@settings(max_examples=300, deadline=None)
@given(any_rows, moments)
def test_checking_changes_no_minute_at_which_it_is_open(rows: list[list[tuple[int, int]]], moment: int) -> None:
    at = local_time(moment, "Asia/Shanghai", {})
    ordered = hours_checked(rows)
    raw: Hours = tuple(tuple((start, end if end > start else end + DAY) for start, end in row) for row in rows)
    assert is_open(ordered, at) is is_open(raw, at)


@settings(max_examples=150, deadline=None)
@given(any_rows, moments)
def test_nothing_opens_or_closes_before_the_next_edge(rows: list[list[tuple[int, int]]], moment: int) -> None:
    hours, zone = hours_checked(rows), "Asia/Shanghai"
    edge = next_edge([hours], moment, zone, {})
    until = edge if edge is not None else moment + timedelta(days=6).total_seconds()
    now = is_open(hours, local_time(moment, zone, {}))
    for step in range(20):
        between = moment + (until - 1 - moment) * step / 20
        assert is_open(hours, local_time(between, zone, {})) is now
