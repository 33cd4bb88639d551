"""「以此人视角查看」: begin it with a reason, end it."""

from __future__ import annotations

import time
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST

from livecode_admin.kernel import clock
from livecode_admin.kernel.web.page import Crumb
from permissions.access import access_for
from permissions.confirming import confirmed_to_write
from permissions.guards import ConsoleRequest, requires, requires_membership
from permissions.links import tenant_url
from permissions.selectors import member_names
from permissions.services.viewing import REASON_LENGTH, OwnersOnly, ViewingUnfit, viewing_end, viewing_start
from permissions.viewing import Viewing, ends_viewing, viewing_begin, viewing_of, viewing_stop, viewings
from tenants.context import tenant_context
from tenants.selectors import tenant_by_slug

ENDED = "已退出，现在是您自己的视角"


@requires("members.manage")
@confirmed_to_write
@require_http_methods(["GET", "POST"])
def view_as(request: ConsoleRequest, member_id: int) -> HttpResponse:
    """Ask for the reason (GET); begin to look with the member's eyes (POST), for owners alone."""
    access = request.access
    if not access.is_owner:
        raise OwnersOnly
    name = member_names([member_id]).get(member_id)
    if name is None:
        raise Http404
    problem: ViewingUnfit | None = None
    reason = request.POST.get("reason", "")
    if request.method == "POST":
        try:
            user_id, name = viewing_start(access=access, member_id=member_id, reason=reason, now=clock.now())
        except ViewingUnfit as unfit:
            problem = unfit
        else:
            since = int(time.time())
            viewing = Viewing(request.tenant.id, request.tenant.slug, member_id, user_id, name, since)
            viewing_begin(request.session, viewing)
            # Forms of pages that are still open belong to other eyes: they are refused from now on.
            rotate_token(request)
            return redirect(tenant_url(access, "console:home"))
    context: dict[str, Any] = {
        "name": name,
        "problem": problem,
        "reason": reason,
        "most": REASON_LENGTH,
        "back": tenant_url(access, "permissions:members"),
        "crumbs": [Crumb("成员与权限", tenant_url(access, "permissions:members"))],
    }
    return TemplateResponse(request, "permissions/view_as.html", context, status=422 if problem else 200)


@requires_membership
@ends_viewing
@require_POST
def view_as_end(request: ConsoleRequest) -> HttpResponse:
    """Back to one's own eyes."""
    viewing = viewing_of(request.session, request.tenant.id)
    if viewing is not None:
        viewing_end(access=request.access, member_id=viewing.member_id, why="退出查看", now=clock.now())
        viewing_stop(request.session, request.tenant.id)
        rotate_token(request)
        messages.success(request, ENDED)
    page = "permissions:members" if request.access.can("members.manage") else "console:home"
    return redirect(tenant_url(request.access, page))


def leave_all(request: HttpRequest) -> None:
    """Before somebody signs out: every view that is open ends, and that is written down."""
    for viewing in viewings(request.session):
        facts = tenant_by_slug(viewing.tenant_slug)
        if facts is None or not request.user.is_authenticated:
            continue
        now = clock.now()
        with tenant_context(facts.id):
            access = access_for(request.user.pk, facts, now, origin=str(request.META.get("REMOTE_ADDR", "")))
            if access is not None:
                viewing_end(access=access, member_id=viewing.member_id, why="退出登录", now=now)
        viewing_stop(request.session, facts.id)
