"""Holidays and make-up workdays as people type or paste them, one line each (product.md §2.5). Pure.

``2026-10-01 国庆`` is a holiday, ``2026-10-10 上班 按周五`` a workday that works as Friday does;
``2026-10-01 至 2026-10-07 国庆`` stands for each of its days. Fields may be apart by spaces, commas or tabs,
as they come from a spreadsheet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

DAYS_MAX = 400
RANGE_MAX = 60
NAME_MAX = 20
WEEKDAYS = "一二三四五六日"
_LINE = re.compile(
    r"(?P<first>\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?)"
    r"(?:\s*(?:至|到|~|～|—|–)\s*(?P<last>\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?))?(?P<rest>.*)"
)
_WORKS = re.compile(r"上班|调休|补班")
_AS = re.compile(r"按?(?:周|星期)([一二三四五六日天])")
_BETWEEN = re.compile(r"[\s,，、;；]+")


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One day that is not like its weekday. ``works_as`` None: a holiday; else the weekday it works as (0 Monday)."""

    day: date
    name: str = ""
    works_as: int | None = None

    @property
    def words(self) -> str:
        """「国庆」, or 「上班，按周五」."""
        if self.works_as is None:
            return self.name or "节假日"
        return f"{self.name + ' ' if self.name else ''}上班，按周{WEEKDAYS[self.works_as]}"


def calendar_read(text: str) -> tuple[list[CalendarEntry], list[str]]:
    """The days that a text names, the last line of a day counts, and what is wrong, line by line."""
    found: dict[date, CalendarEntry] = {}
    errors: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found |= {entry.day: entry for entry in _line(line.strip())}
        except ValueError as error:
            errors.append(f"第 {number} 行「{line.strip()[:30]}」：{error}")
    if len(found) > DAYS_MAX:
        errors.append(f"一次最多 {DAYS_MAX} 天")
    return [found[day] for day in sorted(found)], errors


def _line(line: str) -> Iterable[CalendarEntry]:
    match = _LINE.match(line)
    if match is None:
        raise ValueError("应以 2026-10-01 这样的日期开头")
    first = _day(match["first"])
    last = _day(match["last"]) if match["last"] else first
    if not first <= last <= first + timedelta(days=RANGE_MAX):
        raise ValueError(f"结束日期应在开始日期之后，最多 {RANGE_MAX} 天")
    rest = match["rest"]
    as_weekday = _AS.search(rest)
    works_as = None
    if as_weekday:
        works_as = WEEKDAYS.index(as_weekday[1].replace("天", "日"))
    elif _WORKS.search(rest):
        raise ValueError("上班日请写明按周几，如「上班 按周五」")
    name = "".join(_BETWEEN.split(_WORKS.sub(" ", _AS.sub(" ", rest))))
    if len(name) > NAME_MAX:
        raise ValueError(f"名称最多 {NAME_MAX} 个字")
    days = (last - first).days + 1
    return [CalendarEntry(first + timedelta(days=place), name, works_as) for place in range(days)]


def _day(text: str) -> date:
    year, month, day = (int(part) for part in re.findall(r"\d+", text))
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"没有 {text} 这一天") from None
