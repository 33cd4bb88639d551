"""Asking again who it is before what matters most: secrets, bundles being handed out or changed, exports.

Whoever has shown within ten minutes that it is them (permissions.sessions) notices nothing. Below the guard::

    @requires("members.manage")
    @recently_confirmed
    def give(request): ...
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.http import urlencode

from permissions import sessions
from permissions.guards import View, leave_for
from permissions.selectors.credentials import has_second_factor
from permissions.services.second_factor import second_factor_check
from tenants.selectors import tenants_of_user

PASSWORD, CODE = "confirm_password", "confirm_code"
_READS = ("GET", "HEAD", "OPTIONS")


def recently_confirmed(view: View) -> View:
    """Let only a person through who has lately shown that it is them; others are asked, then go on where they were.

    A form that was sent is kept by the page that asks and sent on with the answer, so that nothing typed is lost. Parts
    of pages (htmx) lead to the page that asks and back: put the guard on the dialog that opens, not just on its form.
    """
    return _asking(view, reading=True)


def confirmed_to_write(view: View) -> View:
    """As :func:`recently_confirmed`, but only for what changes something: the page itself may be looked at."""
    return _asking(view, reading=False)


def _asking(view: View, *, reading: bool) -> View:
    @wraps(view)
    def asked(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if sessions.is_confirmed(request.session) or (request.method in _READS and not reading):
            return view(request, *args, **kwargs)
        if request.method != "POST" or request.headers.get("HX-Request") == "true" or request.FILES:
            return leave_for(request, "permissions:confirm")
        answered = PASSWORD in request.POST or CODE in request.POST
        problem = confirm(request)
        return _page(request, problem if answered else "") if problem else view(request, *args, **kwargs)

    return asked


def confirm(request: Any) -> str:
    """Nothing when the password or code that was sent is right, else what is wrong, in Chinese.

    The answer is taken out of ``request.POST``. Wrong passwords count as failed sign-ins.
    """
    data = request.POST.copy()
    password, code = data.pop(PASSWORD, [""])[-1], data.pop(CODE, [""])[-1]
    request.POST = data
    user = request.user
    if code:
        checked = second_factor_check(user_id=user.pk, code=code, now=sessions.real_now())
        if not checked.ok:
            return f"验证码不正确，请 {checked.wait} 秒后再试" if checked.wait else "验证码不正确"
    elif not password or authenticate(request, username=user.username, password=password) != user:
        return "密码不正确" if password else "请输入密码或验证码"
    sessions.mark_confirmed(request.session)
    return ""


def confirm_context(request: HttpRequest, following: str) -> dict[str, object]:
    """By what the person can show that it is them; people with neither password nor code scan again."""
    user: Any = request.user
    found: dict[str, object] = {"by_password": user.has_usable_password(), "by_code": has_second_factor(user.pk)}
    if not any(found.values()):
        found |= {"companies": tenants_of_user(user.pk), "back": urlencode({"next": following})}
    return found


def _page(request: HttpRequest, problem: str) -> HttpResponse:
    """The page that asks, with what was sent in hidden fields. 403: the form itself was not taken."""
    sent = [(name, value) for name, values in request.POST.lists() for value in values]
    context = confirm_context(request, "/") | {
        "action": request.get_full_path(),
        "carried": [pair for pair in sent if pair[0] != "csrfmiddlewaretoken"],
        "problem": problem,
    }
    answer = TemplateResponse(request, "permissions/confirm.html", context, status=403)
    answer["Cache-Control"] = "no-store"
    return answer
