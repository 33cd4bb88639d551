"""The bell menu and the progress of a job."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods

from livecode_admin.kernel import clock
from livecode_admin.workspace.selectors import job_for, notices_latest
from livecode_admin.workspace.services import notices_mark_read
from permissions.guards import ConsoleRequest, requires_membership


@requires_membership
@require_http_methods(["GET", "POST"])
def notices(request: ConsoleRequest) -> HttpResponse:
    """The bell menu; a POST marks all as read."""
    if request.method == "POST":
        notices_mark_read(access=request.access, now=clock.now())
    return TemplateResponse(request, "workspace/notices.html", {"notices": notices_latest(request.access)})


@requires_membership
@require_GET
def job(request: ConsoleRequest, job_id: int) -> HttpResponse:
    """The progress bar of one of the member's own jobs."""
    progress = job_for(request.access, job_id)
    if progress is None:
        raise Http404
    return TemplateResponse(request, "workspace/job.html", {"job": progress})
