"""Weekly hours: windows per weekday, across midnight if wanted, with holidays and make-up workdays (product.md §2.5).

Hours are eight rows of windows: Monday to Sunday (0 to 6), and holidays (7). A window is ``(start, end)`` in minutes
of the day on which it begins, ``end`` up to 2,880: 22:00–06:00 is ``(1320, 1800)`` and belongs to the evening's row.
Stored as ``{"0": [[540, 1080]], …}``; rows without windows are left out. Null instead of hours means always.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

HOLIDAY = 7
ROWS = 8
DAY = 1440
WINDOWS_MAX = 6

Window = tuple[int, int]
Hours = tuple[tuple[Window, ...], ...]
# A process knows thousands of codes with a few different hours: equal ones are read and kept once.
_SHARED: dict[bytes, Hours] = {}
SHARED_MAX = 1000
# ISO date → the row that holds on it: HOLIDAY, or the weekday that a make-up workday works as.
Calendar = Mapping[str, int]


class HoursInvalid(ValueError):
    """Hours that can't be kept; the message is for people."""


@dataclass(frozen=True, slots=True)
class LocalTime:
    """A moment as hours and conditions see it, in the tenant's zone. ``minute`` of the day, 0 to 1,439.

    ``today`` and ``yesterday`` are rows of hours; ``weekday`` is the real one (0 Monday).
    """

    epoch: float
    day: str
    minute: int
    weekday: int
    today: int
    yesterday: int


def local_time(epoch: float, zone: str, calendar: Calendar) -> LocalTime:
    """The moment ``epoch`` (seconds) in ``zone``, with the rows that ``calendar`` gives its day and the day before."""
    local = datetime.fromtimestamp(epoch, UTC).astimezone(ZoneInfo(zone))
    today, before = local.date(), local.date() - timedelta(days=1)
    return LocalTime(
        epoch=epoch,
        day=today.isoformat(),
        minute=local.hour * 60 + local.minute,
        weekday=today.weekday(),
        today=calendar.get(today.isoformat(), today.weekday()),
        yesterday=calendar.get(before.isoformat(), before.weekday()),
    )


def is_open(hours: Hours | None, at: LocalTime) -> bool:
    """Whether ``at`` lies in a window of its day, or in one that began the day before. None is always open."""
    if hours is None:
        return True
    minute = at.minute
    for start, end in hours[at.today]:
        if start <= minute < end:
            return True
    minute += DAY
    return any(minute < end for _, end in hours[at.yesterday])


def next_edge(hours: Iterable[Hours], epoch: float, zone: str, calendar: Calendar, *, days: int = 8) -> float | None:
    """The next moment after ``epoch`` at which one of ``hours`` may open or close; None when there is none in ``days``.

    Windows are walked by local wall time, so that a day of 23 or 25 hours keeps its edges.
    """
    place = ZoneInfo(zone)
    local = datetime.fromtimestamp(epoch, UTC).astimezone(place)
    edges = []
    given = list(hours)
    for offset in range(-1, days):
        day = local.date() + timedelta(days=offset)
        row = calendar.get(day.isoformat(), day.weekday())
        midnight = datetime(day.year, day.month, day.day, tzinfo=place)
        for one in given:
            for window in one[row]:
                edges += [(midnight + timedelta(minutes=minute)).timestamp() for minute in window]
    return min((edge for edge in edges if edge > epoch), default=None)


def hours_from_json(raw: Mapping[str, Any] | None) -> Hours | None:
    """The stored form read back; what is stored has been checked."""
    if raw is None:
        return None
    stored = orjson.dumps(raw)
    hours = _SHARED.get(stored)
    if hours is None:
        hours = tuple(tuple((int(start), int(end)) for start, end in raw.get(str(row), ())) for row in range(ROWS))
        if len(_SHARED) > SHARED_MAX:
            _SHARED.clear()
        _SHARED[stored] = hours
    return hours


def hours_to_json(hours: Hours | None) -> dict[str, list[list[int]]] | None:
    """The stored form."""
    if hours is None:
        return None
    return {str(row): [list(window) for window in windows] for row, windows in enumerate(hours) if windows}


def hours_checked(rows: Sequence[Sequence[Window]]) -> Hours:
    """Hours from what a form sent: windows in minutes of their day, an end at or before the start is the next day.

    Windows are put in order; those that touch or overlap become one.

    Raises:
        HoursInvalid: not eight rows, a time outside of the day, too many windows, or windows that overlap around
            midnight more than once; says which day.
    """
    if len(rows) != ROWS:
        raise HoursInvalid("时段需包含周一至周日和节假日")
    return tuple(_row_checked(windows, row) for row, windows in enumerate(rows))


ROW_NAMES = ("周一", "周二", "周三", "周四", "周五", "周六", "周日", "节假日")


def _row_checked(windows: Sequence[Window], row: int) -> tuple[Window, ...]:
    if len(windows) > WINDOWS_MAX:
        raise HoursInvalid(f"{ROW_NAMES[row]}最多 {WINDOWS_MAX} 个时段")
    placed = []
    for start, end in windows:
        if not 0 <= start < DAY or not 0 <= end <= 2 * DAY:
            raise HoursInvalid(f"{ROW_NAMES[row]}的时间应在 00:00 到 24:00 之间")
        placed.append((start, end if end > start else end + DAY))
    merged: list[Window] = []
    for start, end in sorted(placed):
        if end - start > DAY:
            raise HoursInvalid(f"{ROW_NAMES[row]}的一个时段不能超过 24 小时")
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def hours_text(hours: Hours | None) -> str:
    """Hours in words for people: 「周一至周五 09:00–18:00」; 「全天」 without hours."""
    if hours is None:
        return "全天"
    parts: list[tuple[int, int, str]] = []
    for row, windows in enumerate(hours):
        text = "、".join(f"{clock_text(start)}–{clock_text(end)}" for start, end in windows)
        if not text:
            continue
        if parts and parts[-1][2] == text and parts[-1][1] == row - 1 and row != HOLIDAY:
            parts[-1] = (parts[-1][0], row, text)
        else:
            parts.append((row, row, text))
    named = [
        f"{ROW_NAMES[first] if first == last else f'{ROW_NAMES[first]}至{ROW_NAMES[last]}'} {text}"
        for first, last, text in parts
    ]
    return "；".join(named) or "全部时间关闭"


def clock_text(minute: int) -> str:
    """``HH:MM`` of a minute of the day; past midnight with 次日, and 24:00 as such."""
    if minute > DAY:
        return f"次日{clock_text(minute - DAY)}"
    return f"{minute // 60:02d}:{minute % 60:02d}"
