"""Signing in and out, choosing a company, the member list and the audit log."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from livecode_admin.kernel import clock
from permissions.actions import ACTION_GROUPS, action_label
from permissions.forms import SignInForm
from permissions.guards import ConsoleRequest, public, requires, signed_in
from permissions.selectors import audit_log, departments_tree, members_for_picker, members_list
from tenants.selectors import tenants_of_user

PAGE = 50


@sensitive_post_parameters("password")
@never_cache
@public
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page. A wrong name, a wrong password and a switched-off account get the same answer."""
    following = _safe_next(request)
    if request.method == "GET" and request.user.is_authenticated:
        return redirect(following)
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = authenticate(request, **form.cleaned_data)
        if user is not None:
            login(request, user)
            return redirect(following)
        form.add_error(None, "用户名或密码不正确")
    status = 200 if request.method == "GET" else 422
    return TemplateResponse(request, "permissions/login.html", {"form": form, "next": following}, status=status)


def locked_out(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    """What somebody sees after too many wrong passwords (called by the login throttle)."""
    form = SignInForm(initial={"username": request.POST.get("username", "")})
    context = {"form": form, "next": _safe_next(request), "locked": True}
    answer = TemplateResponse(request, "permissions/login.html", context, status=429)
    answer["Retry-After"] = "900"
    return answer.render()


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("permissions:login")


@never_cache
@signed_in
@require_GET
def enter(request: HttpRequest) -> HttpResponse:
    """The way in: straight to the only company, a choice when there are several, a word when there is none."""
    tenants = tenants_of_user(request.user.pk or 0)
    if len(tenants) == 1:
        return redirect(f"/t/{tenants[0].slug}/")
    return TemplateResponse(request, "permissions/enter.html", {"tenants": tenants})


@requires("members.manage")
@require_GET
def members(request: ConsoleRequest) -> HttpResponse:
    """The tenant's members with department and bundles, filtered by what the URL says."""
    rows = members_list(request.access, now=clock.now())
    wanted = request.GET.get("q", "").strip().lower()
    department = request.GET.get("department", "")
    shown = [
        row
        for row in rows
        if (not wanted or wanted in row.name.lower() or wanted in row.username.lower())
        and (not department or row.department == department)
    ]
    context = {
        "rows": shown,
        "total": len(rows),
        "q": request.GET.get("q", ""),
        "department": department,
        "departments": departments_tree(request.access),
    }
    return TemplateResponse(request, "permissions/members.html", context)


@requires("audit.view")
@require_GET
def audit_list(request: ConsoleRequest) -> HttpResponse:
    """The audit log, newest first; the next page begins below the last number shown."""
    kind, member_id, before_id = request.GET.get("kind", ""), _number(request, "member"), _number(request, "before")
    kind = kind if kind in ACTION_GROUPS else ""
    rows = audit_log(
        request.access,
        action=f"{kind}." if kind else "",
        member_id=member_id,
        before_id=before_id,
        limit=PAGE + 1,
    )
    context: dict[str, Any] = {
        "rows": [(row, action_label(row.action)) for row in rows[:PAGE]],
        "older": _query(request, before=str(rows[PAGE - 1].id)) if len(rows) > PAGE else "",
        "newest": _query(request, before="") if before_id else "",
        "kind": kind,
        "kinds": ACTION_GROUPS,
        "member_id": member_id,
        "members": members_for_picker(request.access),
    }
    return TemplateResponse(request, "permissions/audit.html", context)


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _query(request: HttpRequest, **changes: str) -> str:
    query: QueryDict = request.GET.copy()
    for name, value in changes.items():
        query[name] = value
        if not value:
            del query[name]
    return f"?{query.urlencode()}"


def _safe_next(request: HttpRequest) -> str:
    """Where to go after signing in: a path of ours, or the way in."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else "/"
