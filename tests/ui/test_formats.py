"""How figures and times are written (ui.md, Frame)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from livecode_admin.kernel.web import formats, parts

TODAY = date(2027, 1, 18)


def test_numbers_have_thousands_and_an_unknown_one_is_a_dash() -> None:
    assert formats.number(2968) == "2,968"
    assert formats.number(0) == "0"
    assert formats.number(None) == "—"


def test_a_rate_without_a_base_is_unknown_and_never_zero() -> None:
    assert formats.percent(formats.ratio(0, 0)) == "—"
    assert formats.percent(formats.ratio(0, 17)) == "0.0%"
    assert formats.percent(formats.ratio(142, 200)) == "71.0%"


def test_times_are_the_tenants() -> None:
    moment = datetime(2026, 11, 22, 16, 5, tzinfo=UTC)
    assert formats.local_datetime(moment, "Asia/Shanghai") == "2026-11-23 00:05"
    assert formats.local_date(moment, "Asia/Shanghai") == "2026-11-23"
    assert formats.short_datetime(moment, "Asia/Shanghai", 2026) == "11-23 00:05"
    assert formats.short_datetime(moment, "Asia/Shanghai", 2027) == "2026-11-23 00:05"


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        formats.local_datetime(datetime(2026, 11, 22, 16, 5), "Asia/Shanghai")  # noqa: DTZ001 - the wrong input is the test


def test_distances_in_days_are_words() -> None:
    assert formats.relative_days(TODAY, TODAY) == "今天"
    assert formats.relative_days(date(2027, 2, 22), TODAY) == "35 天后"
    assert formats.relative_days(date(2027, 1, 9), TODAY) == "9 天前"


@pytest.mark.parametrize(
    ("until", "words"),
    [
        (None, "永久有效"),
        (date(2027, 1, 21), "剩 3 天"),
        (date(2027, 1, 18), "今天到期"),
        (date(2027, 1, 9), "过 9 天"),
        (date(2027, 2, 22), "35 天"),
    ],
)
def test_the_end_of_a_code_says_what_is_left(until: date | None, words: str) -> None:
    assert words in parts.expiry(until, TODAY)


def test_late_friends_stand_beside_the_count_and_a_full_cap_is_red() -> None:
    full = parts.cap_bar(100, 3, 100, full_word="已满")
    assert "100+3/100 已满" in full
    assert "c-cap full" in full
    assert "c-cap hi" in parts.cap_bar(91, 0, 100)
    assert 'class="c-cap"' in parts.cap_bar(78, 0, 100)


@pytest.mark.parametrize(
    ("now", "before", "unit", "good", "words", "tone"),
    [
        (2968, 2703, "%", "up", "9.8%", "c-up"),
        (0.976, 0.98, "pt", "up", "0.4 百分点", "c-down"),
        (46, 53, "秒", "down", "7 秒", "c-up"),
        (5, 5, "%", "up", "持平", "c-flat"),
        (5, 0, "%", "up", "无可比", "c-flat"),
        (None, 3, "pt", "up", "无可比", "c-flat"),
    ],
)
def test_a_change_says_its_size_and_whether_it_is_good(
    now: float | None, before: float, unit: str, good: str, words: str, tone: str
) -> None:
    html = parts.change(now, before, unit=unit, good=good)
    assert words in html
    assert tone in html


def test_status_is_never_colour_alone() -> None:
    for key, look in parts.STATES.items():
        html = parts.state(key)
        assert look.word in html
        assert f"#i-{look.icon}" in html


def test_names_are_escaped() -> None:
    assert "<script>" not in parts.avatar("<script>")
    assert "<b>" not in parts.pill("<b>x</b>")


def test_a_misspelt_tone_or_state_raises() -> None:
    with pytest.raises(ValueError, match="unknown tone"):
        parts.pill("x", "red")
    with pytest.raises(KeyError):
        parts.state("actve")


def test_a_funnel_keeps_unknown_steps_unknown() -> None:
    html = parts.funnel([("扫码", 100), ("申请", None), ("通过", 50)])
    assert html.count("—") == 3
    assert 'width="50.0"' in html
