"""Small pieces of HTML."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from html import escape

BEIJING = timezone(timedelta(hours=8))


def h(value: object) -> str:
    """Escaped text."""
    return escape(str(value))


def moment(at: float) -> str:
    """A time in Beijing, to the second."""
    return datetime.fromtimestamp(at, UTC).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
