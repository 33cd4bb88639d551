"""工作台: today at a glance, and for a new company the way to its first code."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from analytics.figures import daily_chart, today_kpis
from analytics.selectors import busiest_codes, daily, data_until
from codes.listing import CodeFilters, CodeRow, code_rows
from codes.rules import EXPIRY_WARNING_DAYS
from livecode_admin.console.roster import sees_people
from livecode_admin.console.views.codes import list_rows, shown_groups
from livecode_admin.kernel import clock
from livecode_admin.kernel.web.page import Step
from people.selectors import sync_state
from permissions.access import Access
from permissions.guards import ConsoleRequest, requires_membership
from permissions.links import tenant_url
from permissions.selectors.sharing import shares_for
from tenants.selectors import wecom_credentials

DAYS = 14
MOST_CODES = 8


@requires_membership
@require_GET
def home(request: ConsoleRequest) -> HttpResponse:
    """Today's figures, the last 14 days, and the codes."""
    access, now = request.access, clock.now()
    day = clock.local_day(now, request.tenant.time_zone)
    context: dict[str, object] = {"today": day, "shows": shown_groups(access)}
    if access.can("analytics.view"):
        shares = shares_for(access, now=now)
        series = daily(access, last_day=day, days=2 * DAYS, shares=shares)
        context["kpis"] = today_kpis(access, now=now, zone=request.tenant.time_zone, shares=shares)
        context["shared"] = shares.sources
        context["chart"] = daily_chart(series[:DAYS], series[DAYS:]) if access.can("analytics.traffic") else None
        context["data_until"] = data_until()
    if access.may_enter("codes.view"):
        newest = code_rows(access, CodeFilters(state="live"), now=now)
        ending = code_rows(access, CodeFilters(expiring_days=EXPIRY_WARNING_DAYS, sort="expires"), now=now)
        by_scans = access.can("analytics.view") and access.can("analytics.traffic")
        busiest = busiest_rows(access, now=now, day=day) if by_scans else []
        rows = [*busiest, *(row for row in newest.rows if row not in busiest)][:MOST_CODES]
        context |= {"rows": list_rows(request, rows), "rows_note": "按今日扫码排序" if by_scans else "最新的活码"}
        context |= {"ending": ending.rows, "ending_total": ending.total, "live_total": newest.total}
        context["people_figures"] = sees_people(access)
        context["steps"] = first_steps(request, any_code=newest.total > 0)
    return TemplateResponse(request, "console/home.html", context)


def busiest_rows(access: Access, *, now: datetime, day: date) -> list[CodeRow]:
    """The live codes with the most scans today, busiest first."""
    ids = busiest_codes(access, day=day, most=MOST_CODES)
    found = {row.id: row for row in code_rows(access, CodeFilters(state="live", ids=tuple(ids)), now=now).rows}
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
