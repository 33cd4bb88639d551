"""Weekly hours as people type them: eight rows, or one line (product.md §2.5)."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string

from routing.forms.hours import HoursGrid, hours_grid, hours_line, hours_of_line, read_hours
from routing.rules.hours import Hours, HoursInvalid, hours_checked, hours_text

WORK = hours_checked([[(540, 1080)]] * 5 + [[]] * 3)
NIGHT = hours_checked([[(540, 720), (1320, 360)], *[[]] * 6, [(600, 720)]])


def sent(mode: str, **rows: str) -> QueryDict:
    data = QueryDict(mutable=True)
    data["hours"] = mode
    for row, text in rows.items():
        data[row.replace("day", "hours_")] = text
    return data


def read(mode: str, **rows: str) -> tuple[Hours | None, HoursGrid]:
    return read_hours(sent(mode, **rows), hours_grid("hours", None, label="接待时段"))


def test_rows_are_read_as_they_are_typed_with_full_width_signs_and_over_midnight() -> None:
    hours, grid = read("weekly", day0="9:00－12:00，22:00-06:00".replace("－", "–"), day7="10：00 至 12：00")
    assert not grid.bad
    assert hours == NIGHT


def test_whole_days_and_the_next_morning_have_words_of_their_own() -> None:
    hours, _ = read("weekly", day0="全天", day1="22:00-次日02:00", day2="0-24")
    assert hours is not None
    assert hours[:3] == (((0, 1440),), ((1320, 1560),), ((0, 1440),))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("九点到六点", "周二的「九点」不是时间，请写成 09:00-18:00"),
        ("09:00", "周二的「09:00」请写成 09:00-18:00，多个时段用逗号隔开"),
        ("09:00-25:00", "周二的时间应在 00:00 到 24:00 之间"),
        ("1-2,3-4,5-6,7-8,9-10,11-12,13-14", "周二最多 6 个时段"),
        ("09:00-次日10:00", "周二的一个时段不能超过 24 小时"),
    ],
)
def test_what_can_not_be_read_is_told_beside_its_day_and_kept_as_typed(text: str, error: str) -> None:
    _, grid = read("weekly", day0="09:00-18:00", day1=text)
    assert [row.error for row in grid.rows] == ["", error, "", "", "", "", "", ""]
    assert grid.rows[1].value == text
    assert grid.problems == [error]


def test_no_window_at_all_is_not_a_way_to_close() -> None:
    _, grid = read("weekly")
    assert grid.error == "请至少填写一个时段，或者选择「全天」"


def test_always_keeps_no_hours_whatever_the_rows_say() -> None:
    hours, grid = read("always", day0="09:00-18:00", day1="？")
    assert hours is None
    assert not grid.bad


def test_a_form_without_the_grid_leaves_the_hours_alone() -> None:
    stored = hours_grid("hours", NIGHT, label="接待时段")
    assert read_hours(QueryDict(""), stored) == (NIGHT, stored)


@pytest.mark.parametrize("hours", [None, WORK, NIGHT])
def test_a_line_is_read_again_as_it_was_written_also_in_the_words_of_pages(hours: Hours | None) -> None:
    assert hours_of_line(hours_line(hours)) == hours
    assert hours_of_line(hours_text(hours)) == hours


@pytest.mark.parametrize(
    ("line", "same"),
    [
        ("工作日 09:00-18:00", "周一至周五 09:00-18:00"),
        ("周六、周日 10-12；节假日 10-12", "周末 10:00-12:00；节假日 10:00-12:00"),
        ("星期一到星期三：09:00~18:00", "周一至周三 09:00-18:00"),
        ("每天 22:00-06:00", "周一至周日 22:00-06:00；节假日 22:00-06:00"),
    ],
)
def test_days_may_be_named_in_several_ways(line: str, same: str) -> None:
    assert hours_of_line(line) == hours_of_line(same)


@pytest.mark.parametrize("line", ["09:00-18:00", "周八 09:00-18:00", "周一 早上", "周一"])
def test_a_line_that_can_not_be_read_says_so(line: str) -> None:
    with pytest.raises(HoursInvalid):
        hours_of_line(line)


def test_the_grid_is_typed_text_that_works_without_script() -> None:
    _, grid = read("weekly", day1="早上")
    html = render_to_string("ui/hours_grid.html", {"grid": grid})
    assert 'name="hours_1" value="早上"' in html
    assert "周二的「早上」请写成 09:00-18:00" in html
    assert html.count('aria-invalid="true"') == 1
