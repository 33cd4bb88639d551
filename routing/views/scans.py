"""The last scans of a code, and why each ended where it did."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from codes.selectors import code_for
from permissions.guards import ConsoleRequest, requires
from routing.selectors import recent_scans, scan_trace


@requires("codes.view")
@require_GET
def scans(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """The code's last scans with their reasons; a panel of the code's page."""
    code = code_for(request.access, code_id)
    context = {"code": code, "scans": recent_scans(request.access, code_id)}
    return TemplateResponse(request, "routing/_scans.html", context)


@requires("codes.view")
@require_GET
def why(request: ConsoleRequest, code_id: int, scan_id: UUID) -> HttpResponse:
    """「为什么分给了她」 for one scan."""
    code = code_for(request.access, code_id)
    trace = scan_trace(request.access, code_id, scan_id)
    if trace is None:
        raise Http404
    return TemplateResponse(request, "routing/_why.html", {"code": code, "scan": trace})
