"""Panels of figures, loaded lazily by pages of other apps (design.md §1)."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from analytics.figures import chart_title, daily_chart, today_kpis
from analytics.selectors import GROWTH, TRAFFIC, daily, data_until
from codes.selectors import LiveCode, code_for, held_on
from livecode_admin.kernel import clock
from livecode_admin.kernel.web.page import Option
from livecode_admin.kernel.web.parameters import whole_number
from permissions.access import Access, Denied
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url

PERIODS = (7, 14, 30)
DEFAULT_PERIOD = 14


@requires("analytics.view")
@require_GET
def code_figures(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """Today's figures of one code against yesterday's up to the same hour."""
    code = _seen(request.access, code_id)
    context = {"kpis": today_kpis(request.access, now=clock.now(), zone=request.tenant.time_zone, code_ids=[code.pk])}
    return TemplateResponse(request, "analytics/code_figures.html", context)


@requires(TRAFFIC, GROWTH)
@require_GET
def code_chart(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """Scans and adds of one code by day, as far as the member sees them, against the period before."""
    code = _seen(request.access, code_id, TRAFFIC, GROWTH)
    asked = whole_number(request.GET.get("days"))
    days = asked if asked in PERIODS else DEFAULT_PERIOD
    zone = request.tenant.time_zone
    last_day = clock.local_day(clock.now(), zone)
    series = daily(request.access, last_day=last_day, days=2 * days, code_id=code.pk)
    page = tenant_url(request.access, "console:code", code.pk)
    chart = daily_chart(series[:days], series[days:], first_day=clock.local_day(code.created_at, zone))
    context = {
        "title": chart_title(chart),
        "chart": chart,
        "periods": [Option(f"近 {count} 天", f"{page}?days={count}", current=count == days) for count in PERIODS],
        "data_until": data_until(),
        "tenant": request.tenant,
    }
    return TemplateResponse(request, "analytics/code_chart.html", context)


def _seen(access: Access, code_id: int, *any_of: str) -> LiveCode:
    """The code, when its figures may be seen; Denied where ``analytics.view`` or all of ``any_of`` miss."""
    code = code_for(access, code_id)
    held = held_on(access, code.pk, ("analytics.view", *any_of))
    if "analytics.view" not in held:
        raise Denied("analytics.view")
    if any_of and held.isdisjoint(any_of):
        raise Denied(any_of[0])
    return code
