"""The members of the tenant."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from livecode_admin.kernel import clock
from permissions.guards import ConsoleRequest, requires
from permissions.selectors import members_list
from permissions.views.filtering import url_filter

PAGE = 50


@requires("members.manage")
@require_GET
def members(request: ConsoleRequest) -> HttpResponse:
    """The tenant's members with department and bundles, filtered by what the URL says."""
    rows = members_list(request.access, now=clock.now())
    wanted, department = request.GET.get("q", "").strip(), request.GET.get("department", "")
    shown = [
        row
        for row in rows
        if (not wanted or wanted.lower() in f"{row.name} {row.username}".lower())
        and (not department or row.department == department)
    ]
    names = dict.fromkeys(row.department for row in rows if row.department)
    context = {
        "page": Paginator(shown, PAGE).get_page(request.GET.get("page")),
        "q": wanted,
        "filters": [url_filter(request, "department", "部门", {name: name for name in names})],
        "keep": [("department", department)] if department else [],
    }
    return TemplateResponse(request, "permissions/members.html", context)
