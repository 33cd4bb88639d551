"""Global search: codes, staff and customers within what the member may see."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from codes.listing import CodeFilters, code_rows
from livecode_admin.kernel import clock
from people.selectors import staff_rows
from permissions.guards import ConsoleRequest, requires_membership
from reception.selectors import customers_list

MOST = 20


@requires_membership
@require_GET
def search(request: ConsoleRequest) -> HttpResponse:
    """What fits the words, a kind after another; kinds that the member may not see are left out."""
    access, words = request.access, request.GET.get("q", "").strip()[:60]
    context: dict[str, object] = {"q": words}
    if words and access.may_enter("codes.view"):
        context["codes"] = code_rows(access, CodeFilters(q=words, page_size=MOST), now=clock.now()).rows
    if words and access.can("staff.manage"):
        context["staff"] = staff_rows(access, q=words)[:MOST]
    if words and access.can("customers.view"):
        context["customers"] = customers_list(access, name=words, limit=MOST)
    return TemplateResponse(request, "console/search.html", context)
