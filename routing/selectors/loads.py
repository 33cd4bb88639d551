"""Reading what each colleague takes today, over all codes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from livecode_admin.kernel.clock import local_day
from people.selectors import StaffCard, staff_for_picker
from permissions.access import Access, Scope
from routing.models import StaffDay, StaffLimit
from routing.selectors.rosters import DEFAULT_CAP
from tenants.selectors import tenant_facts

DEFAULT_PEAK = 50


@dataclass(frozen=True, slots=True)
class StaffLoadRow:
    """One colleague: today's slots and late friends against the daily cap; ``peak``: the peak threshold.

    ``leave_until``: on leave in all codes until then; None when not, or when it is over.
    """

    card: StaffCard
    used: int
    late: int
    cap: int
    peak: int = DEFAULT_PEAK
    leave_until: datetime | None = None


def in_scope(access: Access, capability: str, card: StaffCard) -> bool:
    """Whether the capability reaches this colleague over all codes: its scope goes by the colleague's department."""
    scope = access.scope(capability)
    return scope is Scope.ALL or (scope is Scope.DEPARTMENT and card.department_id in access.department_ids)


def leave_of(limit: StaffLimit, now: datetime) -> datetime | None:
    """Until when somebody is on leave in all codes; None when not, or when it is over."""
    until = limit.paused_until
    return until if until is not None and until > now else None


def staff_leaves(staff_ids: Iterable[int], *, now: datetime) -> dict[int, datetime]:
    """Who of them is on leave in all codes, and until when."""
    rows = StaffLimit.objects.filter(staff__in=set(staff_ids), paused_until__gt=now)
    return {staff_id: until for staff_id, until in rows.values_list("staff_id", "paused_until") if until is not None}


def staff_loads(access: Access, *, now: datetime) -> list[StaffLoadRow]:
    """Those in the scope of ``routing.caps`` who haven't left, with today's load; the same few queries for 2 and 200.

    Raises:
        Denied: without ``routing.caps``.
    """
    access.require("routing.caps")
    cards = [card for card in staff_for_picker(access) if in_scope(access, "routing.caps", card)]
    limits = {row.staff_id: row for row in StaffLimit.objects.filter(staff__in=[card.id for card in cards])}
    day = local_day(now, tenant_facts().time_zone)
    days = {row.staff_id: row for row in StaffDay.objects.filter(day=day)}
    return [
        StaffLoadRow(card, today.assigned, today.late, limit.daily_cap, limit.peak_threshold, leave_of(limit, now))
        for card in cards
        for today in [days.get(card.id, StaffDay())]
        for limit in [limits.get(card.id, StaffLimit(daily_cap=DEFAULT_CAP, peak_threshold=DEFAULT_PEAK))]
    ]
