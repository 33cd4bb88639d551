"""The audit log."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from livecode_admin.kernel.web.parameters import whole_number
from permissions.actions import ACTION_GROUPS
from permissions.guards import ConsoleRequest, requires
from permissions.selectors import audit_log, members_for_picker
from permissions.views.filtering import query_with, url_filter

PAGE = 50


@requires("audit.view")
@require_GET
def audit_list(request: ConsoleRequest) -> HttpResponse:
    """The audit log, newest first; the next page begins below the last number shown."""
    kind, before_id = request.GET.get("kind", ""), whole_number(request.GET.get("before"))
    rows = audit_log(
        request.access,
        action=f"{kind}." if kind in ACTION_GROUPS else "",
        member_id=whole_number(request.GET.get("member")),
        before_id=before_id,
        limit=PAGE + 1,
    )
    people = {str(card.id): card.name for card in members_for_picker(request.access)}
    context: dict[str, Any] = {
        "rows": rows[:PAGE],
        "older": query_with(request, before=str(rows[PAGE - 1].id)) if len(rows) > PAGE else "",
        "newest": query_with(request, before="") if before_id else "",
        "filters": [
            url_filter(request, "kind", "对象", ACTION_GROUPS),
            url_filter(request, "member", "操作人", people),
        ],
    }
    return TemplateResponse(request, "permissions/audit.html", context)
