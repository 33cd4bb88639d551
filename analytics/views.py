"""Panels of figures, loaded lazily by pages of other apps (design.md §1)."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from analytics.figures import daily_chart, today_kpis
from analytics.selectors import daily, data_until
from codes.selectors import code_for
from livecode_admin.kernel import clock
from livecode_admin.kernel.web.page import Option
from livecode_admin.kernel.web.parameters import whole_number
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url

PERIODS = (7, 14, 30)
DEFAULT_PERIOD = 14


@requires("analytics.view")
@require_GET
def code_figures(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """Today's figures of one code against yesterday's up to the same hour."""
    code = code_for(request.access, code_id)
    context = {"kpis": today_kpis(request.access, now=clock.now(), zone=request.tenant.time_zone, code_ids=[code.pk])}
    return TemplateResponse(request, "analytics/code_figures.html", context)


@requires("analytics.traffic")
@require_GET
def code_chart(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """Scans and adds of one code by day, against the scans of the period before."""
    code = code_for(request.access, code_id)
    asked = whole_number(request.GET.get("days"))
    days = asked if asked in PERIODS else DEFAULT_PERIOD
    zone = request.tenant.time_zone
    last_day = clock.local_day(clock.now(), zone)
    series = daily(request.access, last_day=last_day, days=2 * days, code_id=code.pk)
    page = tenant_url(request.access, "console:code", code.pk)
    context = {
        "title": "添加" if code.delivery == "native" else "扫码与添加",
        "chart": daily_chart(series[:days], series[days:], first_day=clock.local_day(code.created_at, zone)),
        "periods": [Option(f"近 {count} 天", f"{page}?days={count}", current=count == days) for count in PERIODS],
        "data_until": data_until(),
        "tenant": request.tenant,
    }
    return TemplateResponse(request, "analytics/code_chart.html", context)
