"""Panels of figures, loaded lazily by pages of other apps (design.md §1)."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from analytics.figures import daily_chart, kpis
from analytics.selectors import daily, data_until, today
from codes.selectors import code_for
from livecode_admin.kernel import clock
from permissions.guards import ConsoleRequest, requires

PERIODS = (7, 14, 30)


@requires("analytics.view")
@require_GET
def code_panel(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """Today's figures of one code against yesterday's, and its scans and adds by day against the period before."""
    code = code_for(request.access, code_id)
    asked = request.GET.get("days", "14")
    days = int(asked) if asked.isdigit() and int(asked) in PERIODS else 14
    last_day = clock.local_day(clock.now(), request.tenant.time_zone)
    series = daily(request.access, last_day=last_day, days=2 * days, code_id=code.pk)
    context = {
        "kpis": kpis(today(request.access, day=last_day, code_ids=[code.pk]), series[-2].figures),
        "chart": daily_chart(series[:days], series[days:]) if request.access.can("analytics.traffic") else None,
        "data_until": data_until(),
        "tenant": request.tenant,
    }
    return TemplateResponse(request, "analytics/code_panel.html", context)
