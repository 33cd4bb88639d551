"""免验证 and 需验证: whether a code's customers are friends at once, at a moment (product.md §1.10)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from livecode_admin.kernel.clock import local_day
from routing.models import CalendarDay, RoutingRule
from routing.rules.hours import HOLIDAY, Calendar, LocalTime, hours_from_json, local_time
from routing.rules.verifying import skip_verify_at
from tenants.selectors import tenant_facts


def calendar_around(now: datetime, *, days: int = 8) -> Calendar:
    """The company's special days from yesterday on: ISO date → the row of hours that holds on it."""
    today = local_day(now, tenant_facts().time_zone)
    rows = CalendarDay.objects.filter(day__gte=today - timedelta(days=1), day__lte=today + timedelta(days=days))
    return {
        day.isoformat(): HOLIDAY if works_as is None else works_as
        for day, works_as in rows.values_list("day", "works_as")
    }


def local_now(now: datetime) -> LocalTime:
    """The moment in the company's zone and calendar."""
    return local_time(now.timestamp(), tenant_facts().time_zone, calendar_around(now))


def skips_now(code_id: int, now: datetime) -> bool:
    """Whether 免验证 holds for the code now."""
    return code_id not in codes_verifying(now, [code_id])


def codes_verifying(now: datetime, code_ids: Iterable[int] | None = None) -> set[int]:
    """The codes for which 需验证 holds now, of these or of all."""
    rules = RoutingRule.objects.exclude(skip_verify=True, verify_hours__isnull=True)
    if code_ids is not None:
        rules = rules.filter(code__in=list(code_ids))
    rows = list(rules.values_list("code_id", "skip_verify", "verify_hours"))
    if not rows:
        return set()
    at = local_now(now)
    return {code for code, skip, hours in rows if not skip_verify_at(skip, hours_from_json(hours), at)}
