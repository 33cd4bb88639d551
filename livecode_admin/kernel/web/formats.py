"""How figures and times are written on every page (ui.md, Frame): one place, so that no page differs.

An unknown value is ``—``; ``0`` is only ever a real zero. Times are the tenant's, as ``2026-11-22 14:05``.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

UNKNOWN = "—"
WEEKDAYS = "一二三四五六日"

Number = int | float | Decimal


def number(value: Number | None, decimals: int = 0) -> str:
    """``1234`` as ``1,234``; None as ``—``. ``decimals`` is kept as given (0 to 6)."""
    if value is None:
        return UNKNOWN
    return f"{value:,.{decimals}f}"


def percent(ratio: Number | None, decimals: int = 1) -> str:
    """A ratio (0.71) as ``71.0%``; None (no base) as ``—``."""
    return UNKNOWN if ratio is None else f"{ratio * 100:.{decimals}f}%"


def ratio(part: Number | None, whole: Number | None) -> float | None:
    """``part / whole``; None when either is unknown or there is no base."""
    if part is None or not whole:
        return None
    return float(part) / float(whole)


def _zone(zone: str | ZoneInfo) -> ZoneInfo:
    return zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone)


def through(until: datetime, zone: str | ZoneInfo) -> str:
    """Until when, as people enter it: the last whole day for an end at midnight (12-01 00:00 is 2026-11-30)."""
    text = local_datetime(until, zone)
    return local_datetime(until - timedelta(seconds=1), zone)[:10] if text.endswith(" 00:00") else text


def local_datetime(moment: datetime | None, zone: str | ZoneInfo, *, seconds: bool = False) -> str:
    """``2026-11-22 14:05`` in ``zone``. Raises ValueError for a naive moment: its zone would be guessed."""
    if moment is None:
        return UNKNOWN
    if moment.tzinfo is None:
        raise ValueError("a naive datetime has no place on a page")
    return moment.astimezone(_zone(zone)).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def local_date(value: datetime | date | None, zone: str | ZoneInfo) -> str:
    """``2026-11-22``: the local day of a moment, or a plain date as it is."""
    if value is None:
        return UNKNOWN
    return as_local_day(value, zone).isoformat()


def short_datetime(moment: datetime | None, zone: str | ZoneInfo, this_year: int) -> str:
    """``01-13 16:20`` within ``this_year``, with the year otherwise."""
    if moment is None:
        return UNKNOWN
    text = local_datetime(moment, zone)
    return text[5:] if text.startswith(f"{this_year:04d}-") else text


def as_local_day(value: datetime | date, zone: str | ZoneInfo) -> date:
    """The calendar day of a moment in ``zone``; a date is returned as it is."""
    if isinstance(value, datetime):
        return value.astimezone(_zone(zone)).date()
    return value


def relative_days(day: date, today: date) -> str:
    """``今天``, ``35 天后``, ``9 天前``: an addition beside the date, never instead of it."""
    days = (day - today).days
    if days == 0:
        return "今天"
    return f"{days:,} 天后" if days > 0 else f"{-days:,} 天前"


def axis_day(day: date) -> str:
    """``01-09 六`` for weekends, ``01-08`` otherwise: the label of a day on a chart's axis."""
    return f"{day:%m-%d} {WEEKDAYS[day.weekday()]}" if day.weekday() >= 5 else f"{day:%m-%d}"
