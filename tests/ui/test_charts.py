"""Charts: gaps stay gaps, today is open, weekends and changes are marked (ui.md, Charts)."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecode_admin.kernel.web.charts import LineChart, Mark, Series, line_chart, nice_ceiling, runs, sparkline

START = date(2027, 1, 5)


def chart(values: list[int | None], **more: object) -> LineChart:
    days = [START + timedelta(days=i) for i in range(len(values))]
    return LineChart(days=days, series=[Series("扫码", values)], label="扫码", **more)  # type: ignore[arg-type]


def test_a_gap_breaks_the_line() -> None:
    svg = line_chart(chart([1, 2, None, 4, 5], open_day=False))
    assert svg.count('<polyline class="now"') == 2


def test_the_open_day_is_dotted_with_a_hollow_point() -> None:
    svg = line_chart(chart([10, 20, 30]))
    assert svg.count('class="now part"') == 1
    assert 'class="dot"' in svg
    assert "今天" in svg


def test_a_finished_period_has_no_open_day() -> None:
    svg = line_chart(chart([10, 20, 30], open_day=False))
    assert "part" not in svg
    assert "今天" not in svg


def test_weekends_are_one_shaded_stretch_each() -> None:
    assert line_chart(chart([1] * 14)).count('class="wk"') == 2


def test_a_change_is_a_flag_that_can_be_followed_and_stays_on_the_canvas() -> None:
    svg = line_chart(chart([1] * 14, marks=[Mark(12.9, "欢迎语修改", "#c")]))
    left, width = map(float, re.findall(r'class="flag" x="([\d.]+)" y="8" width="([\d.]+)"', svg)[0])
    assert left + width <= 836
    assert '<a href="#c">' in svg


def test_the_table_view_has_the_same_figures() -> None:
    assert chart([1200, None]).rows() == [(START, ["1,200"]), (START + timedelta(days=1), ["—"])]


def test_nothing_is_written_as_a_style_attribute() -> None:
    assert "style=" not in line_chart(chart([1, 2, 3]))
    assert "style=" not in sparkline([1, None, 3], "近 3 日")


def test_a_sparkline_speaks_its_values_and_its_gaps() -> None:
    svg = sparkline([34, None, 11], "近 3 日")
    assert "近 3 日：34、缺、11" in svg
    assert 'class="gap"' in svg


def test_a_sparkline_without_any_value_draws_nothing() -> None:
    assert "<polyline" not in sparkline([None, None], "近 2 日")


@pytest.mark.parametrize(("highest", "end"), [(0, 3), (1, 1), (4, 4), (252, 300), (126, 150), (2968, 3000)])
def test_the_axis_ends_on_a_round_number(highest: float, end: float) -> None:
    assert nice_ceiling(highest)[0] == end


@given(st.integers(min_value=1, max_value=10**9))
def test_the_axis_holds_every_value_in_few_whole_steps(highest: int) -> None:
    end, step = nice_ceiling(highest)
    assert end >= highest
    assert 1 <= round(end / step) <= 4
    assert step == int(step)


@given(st.lists(st.one_of(st.none(), st.tuples(st.floats(0, 9), st.floats(0, 9))), max_size=30))
def test_runs_lose_no_point(points: list[tuple[float, float] | None]) -> None:
    assert [p for run in runs(points) for p in run] == [p for p in points if p is not None]
