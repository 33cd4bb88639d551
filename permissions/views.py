"""Signing in and out, choosing a company, the member list and the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import authenticate, login, logout
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from livecode_admin.kernel import clock
from livecode_admin.kernel.web.page import Filter, Option
from livecode_admin.kernel.web.parameters import whole_number
from permissions.actions import ACTION_GROUPS
from permissions.forms import SignInForm
from permissions.guards import ConsoleRequest, public, requires, signed_in
from permissions.selectors import audit_log, members_for_picker, members_list
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
        return HttpResponseRedirect(following)
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = authenticate(request, **form.cleaned_data)
        if user is not None:
            login(request, user)
            return HttpResponseRedirect(following)
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
        return HttpResponseRedirect(f"/t/{tenants[0].slug}/")
    return TemplateResponse(request, "permissions/enter.html", {"tenants": tenants})


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
        "filters": [_filter(request, "department", "部门", {name: name for name in names})],
        "keep": [("department", department)] if department else [],
    }
    return TemplateResponse(request, "permissions/members.html", context)


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
        "older": _query(request, before=str(rows[PAGE - 1].id)) if len(rows) > PAGE else "",
        "newest": _query(request, before="") if before_id else "",
        "filters": [
            _filter(request, "kind", "对象", ACTION_GROUPS),
            _filter(request, "member", "操作人", people),
        ],
    }
    return TemplateResponse(request, "permissions/audit.html", context)


def _filter(request: HttpRequest, key: str, label: str, choices: Mapping[str, str]) -> Filter:
    """One filter of a list; what is chosen stands in the URL, and choosing begins at the first page again."""
    chosen = request.GET.get(key, "")
    options = [
        Option(text, _query(request, **{key: value, "page": "", "before": ""}), value == chosen)
        for value, text in choices.items()
    ]
    clear = _query(request, **{key: "", "page": "", "before": ""}) if chosen in choices else ""
    return Filter(key, label, choices.get(chosen, "全部"), options, clear)


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
    return wanted if ours and wanted.startswith("/") else "/"
