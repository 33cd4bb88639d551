"""Letting a person in once it is known who they are: by password, by WeCom, or by an accepted invitation.

Who has a second factor is asked for it before there is a session; who needs one and has none is led to set it up.
"""

from __future__ import annotations

import time
from typing import Any

from axes.helpers import get_client_ip_address
from django.contrib.auth import login
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from livecode_admin.kernel import clock
from permissions import sessions
from permissions.models import User
from permissions.selectors.credentials import has_second_factor, needs_second_factor
from permissions.services.sign_ins import sign_in_ended, sign_in_started

BACKEND = "django.contrib.auth.backends.ModelBackend"
# Between the password and the code; no session yet.
_PENDING = "sign_in_pending"
PENDING_SECONDS = 600


def let_in(request: HttpRequest, user: User, *, following: str, company_id: int | None = None) -> HttpResponseRedirect:
    """Answer to somebody who has shown who they are. Outside of any tenant's context.

    ``following``: a path of ours, see :func:`safe_path`. ``company_id``: whose WeCom said who it is; the session then
    counts in that company alone. None: the person's own password.
    """
    if has_second_factor(user.pk):
        request.session.cycle_key()
        request.session[_PENDING] = {
            "user": user.pk,
            "at": int(time.time()),
            "company": company_id,
            "next": following,
        }
        return HttpResponseRedirect(reverse("permissions:verify"))
    _open(request, user, company_id)
    if needs_second_factor(user.pk, now=clock.now(), company_id=company_id):
        request.session[sessions.OWED] = True
        page = reverse("permissions:second-factor-new")
        return HttpResponseRedirect(f"{page}?{urlencode({'next': following})}")
    return HttpResponseRedirect(following)


def pending_user(session: SessionBase) -> User | None:
    """Who is between password and code; None when nobody is, or for longer than ten minutes."""
    pending: dict[str, Any] | None = session.get(_PENDING)
    if pending is None or not 0 <= time.time() - pending["at"] < PENDING_SECONDS:
        return None
    return User.objects.filter(pk=pending["user"], is_active=True).first()


def let_in_verified(request: HttpRequest, user: User) -> HttpResponseRedirect:
    """The code was right: open the session and lead to where the person was going."""
    pending = request.session.pop(_PENDING)
    _open(request, user, pending["company"])
    sessions.mark_passed(request.session)
    return HttpResponseRedirect(pending["next"])


def safe_path(request: HttpRequest) -> str:
    """Where to go afterwards: the ``next`` of the request if it is a path of ours, else the way in."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours and wanted.startswith("/") else "/"


def _open(request: HttpRequest, user: User, company_id: int | None) -> None:
    if request.user.is_authenticated:
        sign_in_ended(session_key=request.session.session_key or "", now=sessions.real_now())
        request.session.flush()
    login(request, user, backend=BACKEND)
    if company_id is not None:
        request.session[sessions.COMPANY] = company_id
    sessions.mark_confirmed(request.session)
    if request.session.session_key is None:
        request.session.create()
    sign_in_started(
        user_id=user.pk,
        session_key=request.session.session_key or "",
        method="password" if company_id is None else "wecom",
        ip=get_client_ip_address(request) or "",
        user_agent=request.headers.get("User-Agent", ""),
        now=sessions.real_now(),
    )
