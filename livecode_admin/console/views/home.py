"""工作台: today at a glance, and for a new company the way to its first code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from django.http import HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from analytics.figures import chart_title, daily_chart, today_kpis
from analytics.selectors import (
    EVERYTHING,
    OWN,
    Part,
    SeenDepartment,
    busiest_codes,
    daily,
    data_until,
    part_of,
    seen_departments,
)
from codes.listing import CodeFilters, CodeRow, code_rows
from codes.rules import EXPIRY_WARNING_DAYS
from codes.selectors import only_own_codes
from livecode_admin.console.roster import sees_people
from livecode_admin.console.views.codes import list_rows, shown_groups
from livecode_admin.kernel import clock
from livecode_admin.kernel.web.menus import filter_menu
from livecode_admin.kernel.web.page import Filter, Step
from people.selectors import sync_state
from permissions.access import Access
from permissions.guards import ConsoleRequest, requires_membership
from permissions.links import tenant_url
from permissions.selectors.sharing import Shares, shares_for
from tenants.selectors import wecom_credentials

DAYS = 14
MOST_CODES = 8


@requires_membership
@require_GET
def home(request: ConsoleRequest) -> HttpResponse:
    """Today's figures, the last 14 days, and the codes; of everything that the member sees, or of one department."""
    access, now = request.access, clock.now()
    day = clock.local_day(now, request.tenant.time_zone)
    context: dict[str, object] = {"today": day}
    part = EVERYTHING
    if access.may_enter("analytics.view"):
        shares = shares_for(access, now=now)
        departments = seen_departments(access, shares)
        part = part_of(departments, request.GET.get("department", ""), shares)
        context |= _figures(request, part, now) | {"filters": department_menu(departments, request.GET, shares)}
    if access.may_enter("codes.view"):
        context |= _codes(request, part, now=now, day=day)
    return TemplateResponse(request, "console/home.html", context)


def _figures(request: ConsoleRequest, part: Part, now: datetime) -> dict[str, object]:
    """The strip and the chart."""
    access, zone = request.access, request.tenant.time_zone
    series = daily(access, last_day=clock.local_day(now, zone), days=2 * DAYS, part=part)
    chart = daily_chart(series[:DAYS], series[DAYS:])
    return {
        "kpis": today_kpis(access, now=now, zone=zone, part=part),
        "chart": chart,
        "chart_title": chart_title(chart),
        "shared": part.shares.told if part.department_ids is None else [],
        "only_shared": part.is_shared_alone,
        "data_until": data_until(),
    }


def _codes(request: ConsoleRequest, part: Part, *, now: datetime, day: date) -> dict[str, object]:
    """Today's codes and those that end soon: within ``codes.view``, as a share opens no list (product.md §5.3)."""
    access, ids = request.access, part.department_ids
    own = only_own_codes(access)
    live = CodeFilters(state="live", department_ids=ids)
    newest = code_rows(access, live, now=now)
    soon = replace(live, state="", expiring_days=EXPIRY_WARNING_DAYS, sort="expires")
    ending = code_rows(access, soon, now=now)
    by_scans = shown_groups(access)["traffic"]
    busiest = busiest_rows(access, live, now=now, day=day, part=part) if by_scans else []
    rows = [*busiest, *(row for row in newest.rows if row not in busiest)][:MOST_CODES]
    return {
        "rows": list_rows(request, rows),
        "rows_note": "按今日扫码排序" if by_scans else "最新的活码",
        "shows": shown_groups(access),
        # Ordinary staff have their codes and nothing of their colleagues or of what is to be decided (product.md §5.4).
        "own": own,
        "ending": None if own else ending.rows,
        "ending_total": ending.total,
        "live_total": newest.total,
        "people_figures": sees_people(access),
        "steps": first_steps(request, any_code=newest.total > 0) if ids is None else [],
    }


def department_menu(departments: Sequence[SeenDepartment], query: QueryDict, shares: Shares) -> list[Filter]:
    """The picker: the departments whose figures the member sees, those that others opened marked as shared.

    None where there is nothing to choose: one department, and nothing shared.
    """
    choices = [
        (str(one.id), "　" * one.depth + one.name + (f"（共享：{one.shared_text}）" if one.shared else ""))
        for one in departments
    ]
    if shares.widened:
        choices.insert(0, (OWN, "不含共享"))
    return [filter_menu(query, "department", "部门", choices)] if len(choices) > 1 else []


def busiest_rows(access: Access, live: CodeFilters, *, now: datetime, day: date, part: Part) -> list[CodeRow]:
    """The live codes with the most scans today, busiest first."""
    ids = busiest_codes(access, day=day, most=MOST_CODES, part=part)
    found = {row.id: row for row in code_rows(access, replace(live, ids=tuple(ids)), now=now).rows}
    return [found[pk] for pk in ids if pk in found]


def first_steps(request: ConsoleRequest, *, any_code: bool) -> list[Step]:
    """The way of a new company: connect WeCom → sync staff → first code → print; empty once it has a code."""
    access = request.access
    if any_code or not (access.can("wecom.manage") or access.can("codes.create")):
        return []
    connected = wecom_credentials() is not None
    staffed = sync_state(clock.now()).receivable_count > 0
    wecom = tenant_url(access, "console:wecom") if access.can("wecom.manage") else ""
    new = tenant_url(access, "console:code-new") if access.can("codes.create") else ""
    return [
        Step("连接企业微信", url=wecom, done=connected, current=not connected),
        Step("同步客服", url=wecom, done=staffed, current=connected and not staffed),
        Step("新建第一个活码", url=new, current=connected and staffed),
        Step("下载并印刷"),
    ]
