"""工作台: today at a glance, and for a new company the way to its first code."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from analytics.selectors import DayFigures, Figures, daily, data_until, today
from codes.listing import CodeFilters, code_rows
from livecode_admin.console.views.codes import list_rows
from livecode_admin.kernel import clock
from livecode_admin.kernel.web import formats, parts
from livecode_admin.kernel.web.charts import LineChart, Series
from livecode_admin.kernel.web.page import Kpi, Step
from people.selectors import sync_state
from permissions.guards import ConsoleRequest, requires_membership, signed_in
from permissions.links import tenant_url
from tenants.selectors import tenants_of_user, wecom_credentials

DAYS = 14
DEFINITIONS = {
    "scans": "客户打开活码页面的次数，不含机器访问",
    "assigned": "分配到客服并占用名额的扫码，同一访客在粘性时间内再扫不重复计",
    "added": "成为好友的客户数，含迟到添加",
    "acceptance": "添加 ÷ 分配，按分配计",
    "overflowed": "名单已满，由备用客服或值班人接待的扫码",
    "fallbacks": "没有可接待的人，引导到企业兜底页的扫码",
}


@signed_in
@require_GET
def root(request: HttpRequest) -> HttpResponse:
    """The only company at once, a choice of companies otherwise."""
    companies = tenants_of_user(request.user.pk)
    if len(companies) == 1:
        return HttpResponseRedirect(reverse("console:home", args=[companies[0].slug]))
    return TemplateResponse(request, "console/companies.html", {"companies": companies})


@requires_membership
@require_GET
def home(request: ConsoleRequest) -> HttpResponse:
    """Today's figures, the last 14 days, and the codes."""
    access, now = request.access, clock.now()
    day = clock.local_day(now, request.tenant.time_zone)
    context: dict[str, object] = {"today": day}
    if access.can("analytics.view"):
        series = daily(access, last_day=day, days=2 * DAYS)
        yesterday = series[-2].figures
        context["kpis"] = kpis(today(access, day=day), yesterday)
        context["chart"] = chart(series[:DAYS], series[DAYS:]) if access.can("analytics.traffic") else None
        context["data_until"] = data_until()
    if access.may_enter("codes.view"):
        found = code_rows(access, CodeFilters(state="live", page_size=20), now=now)
        ending = code_rows(access, CodeFilters(expiring_days=3, sort="expires"), now=now)
        rows = list_rows(request, found.rows)
        rows.sort(key=lambda row: -(row.figures.scans or 0) if row.figures else 0)
        context |= {"rows": rows[:8], "ending": ending.rows, "ending_total": ending.total, "live_total": found.total}
        context["steps"] = first_steps(request, any_code=found.total > 0)
    return TemplateResponse(request, "console/home.html", context)


def kpis(now: Figures, before: Figures) -> list[Kpi]:
    """The strip of figures; what the member's metric groups don't show is not in it."""
    labels = {
        "scans": "扫码",
        "assigned": "分配",
        "added": "添加",
        "acceptance": "客户通过率",
        "overflowed": "溢出",
        "fallbacks": "兜底页",
    }
    found = []
    for name, label in labels.items():
        value, previous = getattr(now, name), getattr(before, name)
        if value is None and name != "acceptance":
            continue
        if name == "acceptance":
            if now.added is None:
                continue
            text, unit = formats.number(value * 100 if value is not None else None, 1), "%"
            previous_text = formats.percent(previous)
        else:
            text, unit, previous_text = formats.number(value), "", formats.number(previous)
        found.append(
            Kpi(
                label=label,
                value=text,
                unit=unit,
                basis="按分配计" if name == "acceptance" else "",
                definition=DEFINITIONS[name],
                change=parts.change(value, previous) if name in ("scans", "assigned", "added") else "",
                before=previous_text,
            )
        )
    return found


def chart(previous: list[DayFigures], period: list[DayFigures]) -> LineChart:
    """Scans and adds by day, with the scans of the period before."""
    series = [Series("扫码", [one.figures.scans for one in period], "now")]
    if any(one.figures.added is not None for one in period):
        series.append(Series("添加", [one.figures.added for one in period], "add"))
    series.append(Series("上期扫码", [one.figures.scans for one in previous], "prev"))
    days: list[date] = [one.day for one in period]
    return LineChart(days=days, series=series, label=f"近 {len(days)} 天扫码与添加，虚线为上一期扫码")


def first_steps(request: ConsoleRequest, *, any_code: bool) -> list[Step]:
    """The way of a new company: connect WeCom → sync staff → first code → print; empty once it has a code."""
    access = request.access
    if any_code or not (access.can("wecom.manage") or access.can("codes.create")):
        return []
    connected = wecom_credentials() is not None
    staffed = sync_state(clock.now()).receivable_count > 0
    return [
        Step("连接企业微信", url=tenant_url(access, "console:wecom"), done=connected, current=not connected),
        Step("同步客服", url=tenant_url(access, "console:wecom"), done=staffed, current=connected and not staffed),
        Step("新建第一个活码", url=tenant_url(access, "console:code-new"), current=connected and staffed),
        Step("下载并印刷"),
    ]
