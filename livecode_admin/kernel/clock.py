"""The one clock. Everything that needs the time gets it passed in; only edges of the system call :func:`now`.

In demo and tests an offset file (seconds, may be negative) shifts the clock so that days can pass;
production settings refuse to start with it. No Django here: the scan edge uses it too.
"""

from __future__ import annotations

import os
import time
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from zoneinfo import ZoneInfo

OFFSET_FILE_ENV = "LIVECODE_CLOCK_OFFSET_FILE"
_REREAD_SECONDS = 0.2
_offset_cache: tuple[float, float] = (-1.0, 0.0)


def _offset() -> float:
    """Seconds to add to the real clock; re-read at most every 0.2 s."""
    global _offset_cache
    path = os.environ.get(OFFSET_FILE_ENV)
    if not path:
        return 0.0
    read_at, offset = _offset_cache
    if 0 <= time.monotonic() - read_at < _REREAD_SECONDS:
        return offset
    try:
        with open(path, encoding="ascii") as file:
            offset = float(file.read().strip() or 0)
    except FileNotFoundError:
        offset = 0.0
    _offset_cache = (time.monotonic(), offset)
    return offset


def now() -> datetime:
    """The present moment, timezone-aware, in UTC."""
    return datetime.now(UTC) + timedelta(seconds=_offset())


def local_day(moment: datetime, zone: str) -> date:
    """The calendar day of ``moment`` in the tenant's time zone: a day ends at local midnight (product.md §2.2)."""
    return moment.astimezone(ZoneInfo(zone)).date()


def day_start(day: date, zone: str) -> datetime:
    """The first moment of a local day, in UTC."""
    return datetime.combine(day, wall_time.min, ZoneInfo(zone)).astimezone(UTC)


def day_end(day: date, zone: str) -> datetime:
    """The last second of a local day, in UTC: the moment a code that ends on that day stops (product.md §4.2)."""
    return day_start(day + timedelta(days=1), zone) - timedelta(seconds=1)


def add_months(day: date, months: int) -> date:
    """``day`` plus calendar months; the 31st falls back to the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def shift_this_process(moment: datetime, offset_file: str | os.PathLike[str]) -> None:
    """Move the clock of the processes that read ``offset_file`` to ``moment``; felt at once in this one.

    Raises:
        RuntimeError: this process doesn't read that file (production never reads one).
    """
    global _offset_cache
    if os.environ.get(OFFSET_FILE_ENV) != os.fspath(offset_file):
        raise RuntimeError(f"{OFFSET_FILE_ENV} is not {os.fspath(offset_file)}")
    offset = (moment - datetime.now(UTC)).total_seconds()
    with open(offset_file, "w", encoding="ascii") as file:
        file.write(f"{offset:.3f}")
    _offset_cache = (time.monotonic(), offset)
