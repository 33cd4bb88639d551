"""The staff page: who can receive, who can't and why, and the contact sync."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_POST

from livecode_admin.kernel import clock
from livecode_admin.kernel.web.page import Action, Filter, Option
from people.selectors import staff_rows, sync_state
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from tenants.tasks import enqueue_on_commit

PAGE = 50
RECEIVABLE = {"yes": "可接待", "no": "不可接待"}


@requires("staff.manage")
@require_GET
def staff(request: ConsoleRequest) -> HttpResponse:
    """The staff within the member's scope, filtered by what the URL says."""
    q, receivable = request.GET.get("q", "").strip(), request.GET.get("receivable", "")
    rows = staff_rows(request.access, q=q, receivable=receivable)
    sync = sync_state(clock.now())
    again = Action(
        "同步通讯录", "refresh", url=tenant_url(request.access, "people:staff-sync"), method="post", tone="primary"
    )
    context = {
        "actions": [] if sync.running else [again],
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "q": q,
        "filters": [_receivable_filter(request, receivable)],
        "keep": [("receivable", receivable)] if receivable in RECEIVABLE else [],
        "sync": sync,
    }
    return TemplateResponse(request, "people/staff.html", context)


@requires("staff.manage")
@require_POST
def staff_sync(request: ConsoleRequest) -> HttpResponse:
    """Ask for a contact sync; it runs in the background."""
    enqueue_on_commit("people.tasks.sync_contacts", tenant_id=request.access.tenant_id)
    messages.success(request, "已开始同步通讯录，完成后刷新本页查看")
    return HttpResponseRedirect(tenant_url(request.access, "people:staff"))


def _receivable_filter(request: ConsoleRequest, chosen: str) -> Filter:
    def address(value: str) -> str:
        query = request.GET.copy()
        query.pop("page", None)
        query.pop("receivable", None)
        if value:
            query["receivable"] = value
        return f"?{query.urlencode()}"

    options = [Option(label, address(value), value == chosen) for value, label in RECEIVABLE.items()]
    return Filter(
        "receivable", "接待", RECEIVABLE.get(chosen, "全部"), options, address("") if chosen in RECEIVABLE else ""
    )
