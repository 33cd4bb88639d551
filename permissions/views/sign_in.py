"""Signing in and out, and choosing a company."""

from __future__ import annotations

from django.contrib.auth import authenticate, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from permissions import sessions
from permissions.entry import let_in, let_in_verified, pending_user, safe_path
from permissions.forms import CodeForm, SignInForm
from permissions.guards import public, signed_in
from permissions.models import User
from permissions.services.second_factor import second_factor_check
from permissions.services.sign_ins import sign_in_ended
from permissions.views.view_as import leave_all
from tenants.selectors import tenants_of_user


@sensitive_post_parameters("password")
@never_cache
@public
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page. A wrong name, a wrong password and a switched-off account get the same answer."""
    following = safe_path(request)
    if request.method == "GET" and request.user.is_authenticated:
        return HttpResponseRedirect(following)
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = authenticate(request, **form.cleaned_data)
        if isinstance(user, User):
            return let_in(request, user, following=following)
        form.add_error(None, "用户名或密码不正确")
    status = 200 if request.method == "GET" else 422
    return TemplateResponse(request, "permissions/login.html", {"form": form, "next": following}, status=status)


@sensitive_post_parameters("code")
@never_cache
@public
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """The second step: a code of the authenticator, or a recovery code. Without a first step, back to it."""
    user = pending_user(request.session)
    if user is None:
        return redirect("permissions:login")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        checked = second_factor_check(user_id=user.pk, code=form.cleaned_data["code"], now=sessions.real_now())
        if checked.ok:
            return let_in_verified(request, user)
        form.refuse(checked)
    status = 200 if request.method == "GET" else 422
    return TemplateResponse(request, "permissions/verify.html", {"form": form, "who": user.username}, status=status)


def locked_out(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    """What somebody sees after too many wrong passwords (called by the login throttle)."""
    form = SignInForm(initial={"username": request.POST.get("username", "")})
    context = {"form": form, "next": safe_path(request), "locked": True}
    answer = TemplateResponse(request, "permissions/login.html", context, status=429)
    answer["Retry-After"] = "900"
    return answer.render()


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    leave_all(request)
    if request.user.is_authenticated and request.session.session_key:
        sign_in_ended(session_key=request.session.session_key, now=sessions.real_now())
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
