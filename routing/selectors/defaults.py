"""The company's reception settings and its calendar, for their page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from routing.models import CalendarDay, CodeRoute, RoutingRule
from routing.rules.calendars import WEEKDAYS, CalendarEntry
from routing.selectors.compiled import reception_default
from routing.selectors.rules import fallback_names

# Days that are over go on standing in the calendar's page for so long.
PAST_SHOWN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """One day of the calendar. ``kind``: ``holiday`` or ``work``."""

    day: date
    weekday: str
    kind: str
    words: str
    past: bool


@dataclass(frozen=True, slots=True)
class FollowingCodes:
    """How many published codes go by the company's duty person and by its fallback."""

    duty: int
    fallback: int


def defaults_now() -> dict[str, object]:
    """The settings as the form's initial values."""
    row = reception_default()
    other = row.fallback_code_id
    return {
        "duty": row.duty_staff_id,
        "fallback": row.fallback,
        "fallback_code": fallback_names([other]).get(other, "") if other is not None else "",
        "swap_allowed": row.swap_allowed,
        "outside_count": row.outside_count,
    }


def calendar_rows(today: date) -> list[CalendarRow]:
    """The days of the calendar in order, from a week ago on."""
    rows = CalendarDay.objects.filter(day__gte=today - PAST_SHOWN).order_by("day")
    return [
        CalendarRow(
            day=row.day,
            weekday=f"周{WEEKDAYS[row.day.weekday()]}",
            kind="holiday" if row.works_as is None else "work",
            words=CalendarEntry(row.day, row.name, row.works_as).words,
            past=row.day < today,
        )
        for row in rows
    ]


def following_codes() -> FollowingCodes:
    """Published codes that follow the company's settings."""
    total = CodeRoute.objects.count()
    published = CodeRoute.objects.values("code")
    own_duty = RoutingRule.objects.filter(code__in=published, duty_staff__isnull=False).count()
    own_fallback = RoutingRule.objects.filter(~Q(fallback=RoutingRule.Fallback.DEFAULT), code__in=published).count()
    return FollowingCodes(total - own_duty, total - own_fallback)
