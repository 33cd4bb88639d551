"""How the demo's companies receive: a group, a calendar, and codes that show one kind of rule each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from people.services.groups import group_create, group_members_set
from permissions.access import Access
from routing.rules.calendars import CalendarEntry
from routing.rules.placing import SeatInput
from routing.services.defaults import calendar_add
from routing.services.roster import roster_set
from routing.services.rules import rule_set

EVENING, WORKDAY = [18 * 60, 23 * 60], [9 * 60, 21 * 60]
WEEK = range(7)
# The place of the code that shows it; the first codes keep the plain default.
WEIGHTED, PEAK, CONDITIONS, HOURS, LEAST_LOADED, LINK, NATIVE = 7, 9, 10, 11, 13, 14, 15
DELIVERIES = {LINK: "link", NATIVE: "native"}


@dataclass(frozen=True)
class Stage:
    """The company while it is being made: its staff in the order of the cast."""

    owner: Access
    staff: Sequence[int]
    now: datetime


def company_settings(stage: Stage) -> int:
    """The next holidays, and a group; the group's id. All else stays as a new company has it."""
    calendar_add(
        access=stage.owner,
        entries=[
            CalendarEntry(date(2027, 1, 1), "元旦"),
            CalendarEntry(date(2027, 1, 2), "元旦"),
            CalendarEntry(date(2027, 1, 3), "元旦"),
            CalendarEntry(date(2027, 1, 9), "调休", works_as=4),
        ],
        now=stage.now,
    )
    group = group_create(access=stage.owner, name="晚间接待组", now=stage.now)
    group_members_set(access=stage.owner, group_id=group, staff_ids=[stage.staff[5], stage.staff[6]], now=stage.now)
    return group


def rules_seed(stage: Stage, place: int, code_id: int, seats: Sequence[int], backups: Sequence[int]) -> None:
    """The rules of the code at ``place`` of the cast; most have none of their own."""
    kinds: dict[int, dict[str, Any]] = {
        PEAK: {"peak_overflow": True, "turns_count": "adds"},
        CONDITIONS: {"conditions": _conditions(seats)},
        HOURS: {"hours": {str(day): [WORKDAY] for day in WEEK}, "duty_staff_id": stage.staff[9], "fallback": "duty"},
        LEAST_LOADED: {"strategy": "least_loaded", "verify_hours": {str(day): [EVENING] for day in WEEK}},
        WEIGHTED: {"strategy": "weighted"},
    }
    changes = kinds.get(place, {})
    if place == WEIGHTED:
        people = [SeatInput(pk, position=number, weight=5 - number) for number, pk in enumerate(seats[:4])]
        people += [SeatInput(pk, position=number, weight=1) for number, pk in enumerate(seats[4:], start=4)]
        people += [SeatInput(pk, is_backup=True, position=number) for number, pk in enumerate(backups)]
        roster_set(access=stage.owner, code_id=code_id, seats=people, now=stage.now)
    if changes:
        rule_set(access=stage.owner, code_id=code_id, now=stage.now, **changes)


def _conditions(seats: Sequence[int]) -> list[dict[str, Any]]:
    """Who comes through the first place goes to one colleague, who comes back to another."""
    return [
        {"key": 0, "name": "点位一", "subs": ["p1"], "staff": [seats[0]]},
        {"key": 0, "name": "回头客", "visitor": "returning", "staff": [seats[-1]]},
    ]
