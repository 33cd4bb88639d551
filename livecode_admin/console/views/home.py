"""工作台: today at a glance, and for a new company the way to its first code."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from analytics.figures import daily_chart, today_kpis
from analytics.selectors import daily, data_until
from codes.listing import CodeFilters, code_rows
from livecode_admin.console.views.codes import list_rows
from livecode_admin.kernel import clock
from livecode_admin.kernel.web.page import Step
from people.selectors import sync_state
from permissions.guards import ConsoleRequest, requires_membership
from permissions.links import tenant_url
from tenants.selectors import wecom_credentials

DAYS = 14


@requires_membership
@require_GET
def home(request: ConsoleRequest) -> HttpResponse:
    """Today's figures, the last 14 days, and the codes."""
    access, now = request.access, clock.now()
    day = clock.local_day(now, request.tenant.time_zone)
    context: dict[str, object] = {"today": day}
    if access.can("analytics.view"):
        series = daily(access, last_day=day, days=2 * DAYS)
        context["kpis"] = today_kpis(access, now=now, zone=request.tenant.time_zone)
        context["chart"] = daily_chart(series[:DAYS], series[DAYS:]) if access.can("analytics.traffic") else None
        context["data_until"] = data_until()
    if access.may_enter("codes.view"):
        found = code_rows(access, CodeFilters(state="live", page_size=20), now=now)
        ending = code_rows(access, CodeFilters(expiring_days=3, sort="expires"), now=now)
        rows = list_rows(request, found.rows)
        rows.sort(key=lambda row: -(row.figures.scans or 0) if row.figures else 0)
        context |= {"rows": rows[:8], "ending": ending.rows, "ending_total": ending.total, "live_total": found.total}
        context["steps"] = first_steps(request, any_code=found.total > 0)
    return TemplateResponse(request, "console/home.html", context)


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
