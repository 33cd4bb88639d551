"""The person's own account: password, second factor, recovery codes, sessions, and being asked again who it is."""

from __future__ import annotations

import base64
import io
from functools import wraps
from typing import Any

import qrcode
import qrcode.image.svg
from django.contrib import messages
from django.contrib.auth import authenticate, logout, update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from livecode_admin.kernel import clock
from permissions import sessions
from permissions.confirming import confirm, confirm_context, recently_confirmed
from permissions.entry import safe_path
from permissions.forms import CodeForm, PasswordForm
from permissions.guards import View, leave_for, signed_in, signed_in_owing
from permissions.selectors.credentials import has_second_factor, needs_second_factor, second_factor, sessions_of
from permissions.services.second_factor import (
    recovery_codes_make,
    totp_begin,
    totp_confirm,
    totp_remove,
)
from permissions.services.sign_ins import other_sessions_end, session_end, session_hash, sign_in_moved
from permissions.services.users import password_change
from tenants.selectors import tenants_of_user


@never_cache
@signed_in
@require_GET
def account(request: Any) -> HttpResponse:
    """What belongs to the person: password, second factor, and where they are signed in."""
    return _account(request, PasswordForm(has_password=request.user.has_usable_password()))


def own_credentials(view: View) -> View:
    """Refuse to change credentials in a session that one company's WeCom has opened for a person of several.

    Whose account is whose in its WeCom is for a company to say; what opens other companies is the person's alone.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if sessions.COMPANY in request.session and len(tenants_of_user(request.user.pk or 0)) > 1:
            return TemplateResponse(request, "permissions/not_here.html", {}, status=403)
        return view(request, *args, **kwargs)

    return guarded


@sensitive_post_parameters()
@never_cache
@signed_in
@own_credentials
@require_POST
def password(request: Any) -> HttpResponse:
    """Change the password; all other sessions end."""
    has_password = request.user.has_usable_password()
    if not has_password and not sessions.is_confirmed(request.session):
        return leave_for(request, "permissions:confirm")
    form = PasswordForm(request.POST, has_password=has_password)
    if form.is_valid():
        _try_password(request, form)
    if form.errors:
        return _account(request, form, status=422)
    _go_on_alone(request)
    messages.success(request, "密码已修改，其他设备上的登录已全部退出")
    return redirect("permissions:account")


@sensitive_post_parameters("code")
@never_cache
@signed_in_owing
@own_credentials
@require_http_methods(["GET", "POST"])
def second_factor_new(request: Any) -> HttpResponse:
    """Set the second factor up: QR and key, then a first code. For some people nothing else opens before."""
    user_id, following = request.user.pk, safe_path(request)
    if has_second_factor(user_id):
        if sessions.has_passed(request.session):
            return HttpResponseRedirect(following)
        # The session is older than the second factor: it has to be opened again.
        logout(request)
        return redirect("permissions:login")
    setup = totp_begin(user_id=user_id, now=sessions.real_now())
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        checked = totp_confirm(user_id=user_id, code=form.cleaned_data["code"], now=sessions.real_now())
        if checked.ok:
            sessions.mark_passed(request.session)
            _go_on_alone(request)
            return _codes(request, following)
        form.refuse(checked)
    context = {
        "form": form,
        "secret": " ".join(setup.secret[place : place + 4] for place in range(0, len(setup.secret), 4)),
        "picture": _picture(setup.url),
        "next": following,
        "owed": sessions.OWED in request.session or needs_second_factor(user_id, now=clock.now()),
    }
    status = 200 if request.method == "GET" else 422
    return TemplateResponse(request, "permissions/second_factor.html", context, status=status)


@never_cache
@signed_in
@own_credentials
@require_POST
@recently_confirmed
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Ten new recovery codes, shown this once; the old ones work no more."""
    if not has_second_factor(request.user.pk or 0):
        return redirect("permissions:account")
    return _codes(request, "/account/")


@never_cache
@signed_in
@own_credentials
@require_POST
@recently_confirmed
def second_factor_remove(request: HttpRequest) -> HttpResponse:
    """Take the second factor away; refused to those whose rights need one."""
    user_id = request.user.pk or 0
    if needs_second_factor(user_id, now=clock.now()):
        messages.error(request, "您的权限要求两步验证，不能关闭")
        return redirect("permissions:account")
    totp_remove(user_id=user_id)
    _go_on_alone(request)
    messages.success(request, "两步验证已关闭，其他设备上的登录已全部退出")
    return redirect("permissions:account")


@never_cache
@signed_in
@require_POST
def sessions_out(request: HttpRequest) -> HttpResponse:
    """Sign one session out (``id``), or all but this one."""
    chosen, user_id, now = request.POST.get("id", ""), request.user.pk or 0, sessions.real_now()
    if not chosen:
        count = _go_on_alone(request)
        messages.success(request, f"已退出其他 {count} 处登录")
    elif chosen.isascii() and chosen.isdigit() and session_end(user_id=user_id, sign_in_id=int(chosen), now=now):
        messages.success(request, "已退出这处登录")
    else:
        messages.error(request, "这处登录已经结束")
    return redirect("permissions:account")


@sensitive_post_parameters()
@never_cache
@signed_in
@require_http_methods(["GET", "POST"])
def confirm_again(request: HttpRequest) -> HttpResponse:
    """Ask who it is before something that matters, and go back there."""
    following, problem = safe_path(request), ""
    if request.method == "POST":
        problem = confirm(request)
        if not problem:
            return HttpResponseRedirect(following)
    context = confirm_context(request, following) | {"action": "", "carried": [("next", following)], "problem": problem}
    return TemplateResponse(request, "permissions/confirm.html", context, status=422 if problem else 200)


def _try_password(request: Any, form: PasswordForm) -> None:
    """Change it, or say beside the field why not. Wrong old passwords count as failed sign-ins."""
    old = form.cleaned_data.get("old")
    if old is not None and authenticate(request, username=request.user.username, password=old) != request.user:
        form.add_error("old", "当前密码不正确")
        return
    try:
        password_change(user_id=request.user.pk, password=form.cleaned_data["new"])
    except ValidationError as error:
        form.add_error("new", error)
    else:
        request.user.refresh_from_db()


def _account(request: HttpRequest, form: PasswordForm, *, status: int = 200) -> HttpResponse:
    user: Any = request.user
    context = {
        "form": form,
        "factor": second_factor(user.pk),
        "owed": needs_second_factor(user.pk, now=clock.now()),
        "sessions": sessions_of(user.pk, here=session_hash(_key(request)), now=sessions.real_now()),
    }
    return TemplateResponse(request, "permissions/account.html", context, status=status)


def _codes(request: HttpRequest, following: str) -> HttpResponse:
    codes = recovery_codes_make(user_id=request.user.pk or 0)
    answer = TemplateResponse(request, "permissions/recovery_codes.html", {"codes": codes, "next": following})
    answer["Cache-Control"] = "no-store"
    return answer


def _go_on_alone(request: HttpRequest) -> int:
    """Give this session a new key and end all the others of the person; how many there were."""
    old = _key(request)
    update_session_auth_hash(request, request.user)  # type: ignore[arg-type]
    sign_in_moved(old_key=old, new_key=_key(request))
    return other_sessions_end(user_id=request.user.pk or 0, keep_key=_key(request), now=sessions.real_now())


def _key(request: HttpRequest) -> str:
    return request.session.session_key or ""


def _picture(url: str) -> str:
    """The address as a QR code, in a ``data:`` URL: the key never gets an address of its own."""
    drawn = io.BytesIO()
    qrcode.make(url, image_factory=qrcode.image.svg.SvgPathImage, box_size=10, border=4).save(drawn)
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn.getvalue()).decode()}"
