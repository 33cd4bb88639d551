"""Signing in and out, and choosing a company."""

from __future__ import annotations

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from permissions.forms import SignInForm
from permissions.guards import public, signed_in
from tenants.selectors import tenants_of_user


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


def _safe_next(request: HttpRequest) -> str:
    """Where to go after signing in: a path of ours, or the way in."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours and wanted.startswith("/") else "/"
