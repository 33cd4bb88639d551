"""The clock: one door to the time, shifted in demo and tests by a file; local days by the tenant's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from livecode_admin.kernel import clock

SHANGHAI = "Asia/Shanghai"


@pytest.fixture(autouse=True)
def _unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_offset_cache", (-1.0, 0.0))


def test_now_is_utc_and_aware(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(clock.OFFSET_FILE_ENV, raising=False)
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize("days", [-2, 0, 91])
def test_a_file_shifts_the_clock_so_that_days_can_pass(
    days: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "offset"
    file.write_text(f"{days * 86400}\n", encoding="ascii")
    monkeypatch.delenv(clock.OFFSET_FILE_ENV, raising=False)
    real = clock.now()
    monkeypatch.setenv(clock.OFFSET_FILE_ENV, str(file))
    assert abs(clock.now() - real - timedelta(days=days)) < timedelta(hours=1)


@pytest.mark.parametrize("text", ["", None])
def test_an_empty_or_missing_file_shifts_nothing(
    text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "offset"
    if text is not None:
        file.write_text(text, encoding="ascii")
    monkeypatch.setenv(clock.OFFSET_FILE_ENV, str(file))
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(hours=1)


def test_a_day_ends_at_local_midnight() -> None:
    last, first = datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC), datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert clock.local_day(last, SHANGHAI) == date(2026, 11, 22)
    assert clock.local_day(first, SHANGHAI) == date(2026, 11, 23)
    assert clock.day_start(date(2026, 11, 23), SHANGHAI) == first
    assert clock.day_end(date(2026, 11, 22), SHANGHAI) == last


def test_a_day_of_25_hours_ends_at_its_own_midnight() -> None:
    day = date(2026, 11, 1)
    length = clock.day_start(day + timedelta(days=1), "America/New_York") - clock.day_start(day, "America/New_York")
    assert length == timedelta(hours=25)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 11, 22), 3, date(2027, 2, 22)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
        (date(2026, 1, 31), 0, date(2026, 1, 31)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
    ],
)
def test_months_are_calendar_months(day: date, months: int, then: date) -> None:
    assert clock.add_months(day, months) == then
