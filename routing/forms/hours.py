"""Weekly hours in forms: the grid of eight rows (templates/ui/hours_grid.html), and one line of text per seat.

Both are plain text that people may type, so they work without script: a row says ``09:00-18:00, 22:00-06:00`` (an end
at or before the start is the next day), a line ``周一至周五 09:00-18:00；节假日 10:00-12:00``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.http import QueryDict

from routing.rules.hours import DAY, HOLIDAY, ROW_NAMES, ROWS, Hours, HoursInvalid, Window, hours_checked

ALWAYS_TEXT = "全天"
MOST_TYPED = 400
EMPTY = "请至少填写一个时段，或者选择{always}"

_DASH = re.compile(r"\s*[-–—~～到至]\s*")
_BETWEEN = re.compile(r"[\s,，、]+")
_CLOCK = re.compile(r"(次日)?(\d{1,2})(?::(\d{2}))?")
_DAYS = re.compile(
    r"^(工作日|周末|每天|(?:(?:周|星期)[一二三四五六日天]|节假日)(?:(?:[至到\-–—、,，]|和)(?:(?:周|星期)[一二三四五六日天]|节假日))*)[\s:：]*"
)
_NAMED: dict[str, range] = {"工作日": range(5), "周末": range(5, 7), "每天": range(ROWS)}


@dataclass(frozen=True, slots=True)
class HoursRow:
    """One day of the grid. ``value``: its windows as they are typed."""

    number: int
    label: str
    name: str
    value: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class HoursGrid:
    """What templates/ui/hours_grid.html shows. ``always``: no hours are kept, whatever the rows say.

    ``always_label`` says what that means (全天, 不设置); ``error`` is about the whole grid.
    """

    name: str
    label: str
    rows: Sequence[HoursRow]
    always: bool
    always_label: str = ALWAYS_TEXT
    weekly_label: str = "按时段"
    error: str = ""

    @property
    def bad(self) -> bool:
        """Whether something has to be corrected."""
        return bool(self.error) or any(row.error for row in self.rows)

    @property
    def problems(self) -> list[str]:
        """The errors for a summary."""
        return [one for one in (self.error, *(row.error for row in self.rows)) if one]


def hours_grid(
    name: str,
    hours: Hours | None,
    *,
    label: str,
    always_label: str = ALWAYS_TEXT,
    weekly_label: str = "按时段",
) -> HoursGrid:
    """The grid of stored hours; None is 「always」 with empty rows. Inputs: ``name`` (the mode), ``name_0``…"""
    rows = hours or ((),) * ROWS
    return HoursGrid(
        name=name,
        label=label,
        rows=[HoursRow(row, ROW_NAMES[row], f"{name}_{row}", day_text(rows[row])) for row in range(ROWS)],
        always=hours is None,
        always_label=always_label,
        weekly_label=weekly_label,
    )


def read_hours(data: QueryDict, grid: HoursGrid) -> tuple[Hours | None, HoursGrid]:
    """What was sent for ``grid`` (as :func:`hours_grid` made it): the hours, and the grid with what was typed.

    A grid with ``bad`` has errors beside its rows; the hours are then those that could be read. A form that didn't
    send the grid at all leaves the hours as the grid has them.
    """
    mode: Literal["always", "weekly"] | str | None = data.get(grid.name)
    if mode is None:
        return _of_rows(grid), grid
    rows, windows = [], []
    for row in grid.rows:
        typed = data.get(row.name, "").strip()[:MOST_TYPED]
        found: tuple[Window, ...] = ()
        error = ""
        try:
            found = _row_hours(typed, row.number)
        except HoursInvalid as invalid:
            error = str(invalid) if mode != "always" else ""
        rows.append(HoursRow(row.number, row.label, row.name, typed, error))
        windows.append(found)
    empty = mode != "always" and not any(windows) and not any(row.error for row in rows)
    sent = HoursGrid(
        name=grid.name,
        label=grid.label,
        rows=rows,
        always=mode == "always",
        always_label=grid.always_label,
        weekly_label=grid.weekly_label,
        error=EMPTY.format(always=f"「{grid.always_label}」") if empty else "",
    )
    return (None if mode == "always" else tuple(windows)), sent


def _of_rows(grid: HoursGrid) -> Hours | None:
    return None if grid.always else tuple(_row_hours(row.value, row.number) for row in grid.rows)


def hours_line(hours: Hours | None) -> str:
    """Hours as one line that :func:`hours_of_line` reads again; 「全天」 without hours."""
    if hours is None:
        return ALWAYS_TEXT
    parts: list[tuple[int, int, str]] = []
    for row, windows in enumerate(hours):
        text = day_text(windows)
        if text and parts and parts[-1][2] == text and parts[-1][1] == row - 1 and row != HOLIDAY:
            parts[-1] = (parts[-1][0], row, text)
        elif text:
            parts.append((row, row, text))
    return "；".join(f"{_days_text(first, last)} {text}" for first, last, text in parts)


def hours_of_line(text: str) -> Hours | None:
    """Hours from one line; empty or 「全天」 is None. Days that are named twice get the windows of both.

    Raises:
        HoursInvalid: says in Chinese what can't be read, and of which day.
    """
    given = text.strip()[:MOST_TYPED]
    if given in ("", ALWAYS_TEXT):
        return None
    rows: list[list[Window]] = [[] for _ in range(ROWS)]
    for part in re.split(r"[；;\n]+", given):
        if not part.strip():
            continue
        days = _DAYS.match(part.strip())
        if days is None:
            raise HoursInvalid(f"「{part.strip()}」缺少日期，请写成「周一至周五 09:00-18:00」")
        windows = day_windows(part.strip()[days.end() :], days[1])
        for row in _rows_of(days[1]):
            rows[row] += windows
    checked = hours_checked(rows)
    if not any(checked):
        raise HoursInvalid(EMPTY.format(always="「全天」"))
    return checked


def day_text(windows: Sequence[Window]) -> str:
    """The windows of one day as they are typed: ``09:00-18:00, 22:00-06:00``."""
    return ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in windows)


def day_windows(text: str, day: str) -> list[Window]:
    """The windows that one day's text says; ``day`` is for the message. ``全天`` is the whole day.

    Raises:
        HoursInvalid: a time that can't be read.
    """
    plain = text.strip().replace("：", ":")
    if plain == ALWAYS_TEXT:
        return [(0, DAY)]
    windows = []
    for piece in _BETWEEN.split(_DASH.sub("-", plain)):
        if not piece:
            continue
        start, dash, end = piece.partition("-")
        if not dash:
            raise HoursInvalid(f"{day}的「{piece}」请写成 09:00-18:00，多个时段用逗号隔开")
        windows.append((_minute(start, day), _minute(end, day)))
    return windows


def _row_hours(text: str, row: int) -> tuple[Window, ...]:
    given: list[list[Window]] = [[] for _ in range(ROWS)]
    given[row] = day_windows(text, ROW_NAMES[row])
    return hours_checked(given)[row]


def _minute(text: str, day: str) -> int:
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise HoursInvalid(f"{day}的「{text}」不是时间，请写成 09:00-18:00")
    hour, minute = int(found[2]), int(found[3] or 0)
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        raise HoursInvalid(f"{day}的时间应在 00:00 到 24:00 之间")
    return hour * 60 + minute + (DAY if found[1] else 0)


def _clock(minute: int) -> str:
    within = minute if minute <= DAY else minute - DAY
    return f"{within // 60:02d}:{within % 60:02d}"


def _days_text(first: int, last: int) -> str:
    if first == last:
        return ROW_NAMES[first]
    return f"{ROW_NAMES[first]}至{ROW_NAMES[last]}"


def _rows_of(days: str) -> list[int]:
    """The rows that a text of days names: 周一至周五, 周六、节假日, 工作日."""
    if days in _NAMED:
        return list(_NAMED[days])
    rows: list[int] = []
    through = False
    for name, sign in re.findall(r"((?:周|星期)[一二三四五六日天]|节假日)|([至到\-–—、,，和])", days):
        if sign:
            through = sign in "至到-–—"
            continue
        row = HOLIDAY if name == "节假日" else "一二三四五六日".index(name[-1].replace("天", "日"))
        rows += range(rows[-1] + 1, row + 1) if through and rows else [row]
        through = False
    return sorted(set(rows))
