"""Who may open which page. Every view of the product wears exactly one of these guards.

``view.access_rule`` says which: ``("capability", "codes.view")``, ``("membership",)``, ``("signed_in",)`` or
``("public",)``.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from axes.helpers import get_client_ip_address
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.db import InternalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import reverse

from livecode_admin.kernel import clock
from permissions.access import Access, Denied, access_for
from permissions.audit import denial_record
from permissions.capabilities import LABELS, check
from permissions.selectors import grantors, membership_is_off
from permissions.services.viewing import viewing_end
from permissions.sessions import OWED, counts_in, has_passed
from permissions.viewing import (
    NO_FILES,
    ONLY_LOOKING,
    SAFE,
    Viewing,
    ViewingOver,
    ViewingRefused,
    is_file,
    is_refused_write,
    make_read_only,
    reading_context,
    viewing_of,
    viewing_stop,
)
from tenants.context import tenant_context
from tenants.selectors import TenantFacts, tenant_by_slug

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from permissions.models import User

FIXED_LABEL = "此内容不可修改"


class ConsoleRequest(HttpRequest):
    """A request that passed a guard: the member's rights and the tenant are known.

    ``viewing`` says with whose eyes an owner looks (None: with their own), ``own_access`` who really looks.
    """

    access: Access
    own_access: Access
    viewing: Viewing | None
    tenant: TenantFacts
    htmx: HtmxDetails
    user: User
    tenant_context: Callable[[], AbstractContextManager[None]]


class View(Protocol):
    """What a guard wraps: a function of the request and of what the URL captured, the tenant's slug left out."""

    def __call__(self, request: Any, /, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the request."""
        ...


class Deactivated(Exception):
    """The signed-in person's membership in this tenant has been switched off."""


class OtherCompany(Exception):
    """The session was opened by another company's WeCom, and counts there alone."""


class SecondFactorOwed(Exception):
    """The person's rights ask for a second factor, and this session has passed none."""


def requires(capability: str, *others: str, transaction: bool = True) -> Callable[[View], View]:
    """Open the page to members who hold ``capability`` in the tenant of the URL; everybody else gets 404 or 403.

    With ``others``: to those who hold one of them; the 403 page names the first.
    The view and its rendering run in one transaction in the tenant's context. ``transaction=False`` is for views that
    call out: they open ``request.tenant_context()`` around each step (the rendering still gets one).
    Raises UnknownCapability at import for a misspelt name.
    """
    any_of = tuple(check(name) for name in (capability, *others))

    def decorate(view: View) -> View:
        return _console(view, ("capability", *any_of), any_of, transaction)

    return decorate


def requires_membership(view: View) -> View:
    """Open the page to every active member of the tenant: for what concerns only the member (bell, own jobs)."""
    return _console(view, ("membership",), (), True)


def signed_in(view: View) -> View:
    """Open the page to everybody who is signed in, in whatever tenant; no tenant is set.

    Who still owes a second factor is led to set it up first.
    """
    return _signed_in(view, owing=False)


def signed_in_owing(view: View) -> View:
    """As :func:`signed_in`, also while the second factor is owed: the pages on which it is set up."""
    return _signed_in(view, owing=True)


def _signed_in(view: View, *, owing: bool) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_login(request)
        if not owing and OWED in request.session:
            return leave_for(request, "permissions:second-factor-new")
        return view(request, *args, **kwargs)

    guarded.access_rule = ("signed_in",)  # type: ignore[attr-defined]
    return guarded


def public(view: View) -> View:
    """Open the page to the world."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    guarded.access_rule = ("public",)  # type: ignore[attr-defined]
    return guarded


def to_login(request: HttpRequest) -> HttpResponse:
    """Send to the sign-in page and back afterwards; a part of a page (htmx) is told to move the whole window."""
    return leave_for(request, "permissions:login", status=401)


def leave_for(request: HttpRequest, page: str, *, status: int = 403) -> HttpResponse:
    """Send to another page and back afterwards; for a part of a page (htmx) the whole window goes, and comes back."""
    if request.headers.get("HX-Request") == "true":
        current = getattr(request.htmx, "current_url_abs_path", None)  # type: ignore[attr-defined]
        answer = HttpResponse(status=status)
        answer["HX-Redirect"] = redirect_to_login(current or "/", reverse(page)).url
        return answer
    back = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
    return redirect_to_login(back, reverse(page))


def _console(view: View, rule: tuple[str, ...], any_of: tuple[str, ...], transaction: bool) -> View:
    @wraps(view)
    def guarded(request: Any, *args: Any, tenant_slug: str, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_login(request)
        facts = tenant_by_slug(tenant_slug)
        if facts is None:
            raise Http404
        request.tenant = facts
        request.viewing = None
        request.tenant_context = lambda: tenant_context(facts.id)
        alone = getattr(view, "ends_viewing", False)
        try:
            if transaction:
                with tenant_context(facts.id):
                    _admit(request, any_of, alone)
                    return _answered(request, view(request, *args, **kwargs))
            with tenant_context(facts.id):
                _admit(request, any_of, alone)
            response = view(request, *args, **kwargs)
            with request.tenant_context():
                return _answered(request, response)
        except Deactivated:
            logout(request)
            return redirect("permissions:login")
        except SecondFactorOwed:
            return leave_for(request, "permissions:second-factor-new")
        except OtherCompany:
            logout(request)
            return to_login(request)
        except ViewingOver as over:
            return _back_to_own_eyes(request, over)
        except InternalError as error:
            if request.viewing is None or not is_refused_write(error):
                raise
            return _refused(request, ViewingRefused(ONLY_LOOKING))
        except Denied as denied:
            return _refused(request, denied)

    guarded.access_rule = rule  # type: ignore[attr-defined]
    return guarded


def _admit(request: Any, any_of: tuple[str, ...], alone: bool) -> None:
    """Build the access of this request; Http404 for people of other tenants, Denied without any of the capabilities.

    ``alone``: also while an owner looks with somebody else's eyes the page is opened with the owner's own.
    """
    now = clock.now()
    origin = get_client_ip_address(request) or ""
    access = access_for(request.user.pk, request.tenant, now, origin=origin)
    if access is None:
        if membership_is_off(request.user.pk):
            raise Deactivated
        raise Http404
    if not counts_in(request.session, request.tenant.id):
        raise OtherCompany
    if access.needs_second_factor and not has_passed(request.session):
        raise SecondFactorOwed
    request.access = request.own_access = access
    viewing = None if alone else viewing_of(request.session, request.tenant.id)
    if viewing is not None:
        _look_as(request, viewing, now)
    if any_of and not any(request.access.may_enter(name) for name in any_of):
        raise Denied(any_of[0])


def _look_as(request: Any, viewing: Viewing, now: datetime) -> None:
    """From here on the request has the rights of the member who is looked through, and can write nothing."""
    if viewing.is_over:
        raise ViewingOver(viewing, "已满 30 分钟")
    if not request.own_access.is_owner:
        raise ViewingOver(viewing, "查看者不再是超级管理员")
    seen = access_for(viewing.user_id, request.tenant, now, origin=request.own_access.origin)
    if seen is None:
        raise ViewingOver(viewing, "成员已停用")
    request.viewing = viewing
    request.access = replace(seen, viewed_by=request.own_access.member_id)
    request.tenant_context = lambda: reading_context(request.tenant.id)
    if request.method not in SAFE:
        raise ViewingRefused(ONLY_LOOKING)
    make_read_only()


def _answered(request: Any, response: HttpResponseBase) -> HttpResponseBase:
    """The rendered response; ViewingRefused for a file while somebody only looks."""
    rendered = _rendered(response)
    if request.viewing is not None and is_file(rendered):
        raise ViewingRefused(NO_FILES)
    return rendered


def _back_to_own_eyes(request: Any, over: ViewingOver) -> HttpResponse:
    """The view has ended by itself: nothing of this request is done, the person starts again as themselves."""
    with tenant_context(request.tenant.id):
        viewing_end(access=request.own_access, member_id=over.viewing.member_id, why=over.why, now=clock.now())
    viewing_stop(request.session, request.tenant.id)
    rotate_token(request)
    messages.info(request, f"以「{over.viewing.name}」的视角查看已结束：{over.why}")
    home = f"/t/{request.tenant.slug}/"
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=403, headers={"HX-Redirect": home})
    return redirect(home)


def _rendered(response: HttpResponseBase) -> HttpResponseBase:
    """The response, rendered while the tenant is still set."""
    if response.streaming:
        raise TypeError("the console streams nothing: the tenant would be gone before the body is made")
    if isinstance(response, SimpleTemplateResponse):
        response.render()
    return response


def _refused(request: Any, denied: Denied) -> HttpResponse:
    """The 403 page, after the rollback; the attempt is committed to the audit log before anything is shown.

    Who looks with somebody else's eyes is on record as themselves.
    """
    now = clock.now()
    with tenant_context(request.tenant.id):
        denial_record(access=request.own_access, denied=denied, method=request.method, path=request.path, now=now)
    plain = getattr(denied, "plain", "")
    with tenant_context(request.tenant.id):
        context = {
            "plain": plain,
            "viewing": request.viewing,
            "tenant_slug": request.tenant.slug,
            "missing_label": "、".join(LABELS[name] for name in denied.missing) or FIXED_LABEL,
            "grantors": [] if plain else grantors(denied.missing, now=now),
            "home_url": f"/t/{request.tenant.slug}/",
        }
        page = TemplateResponse(request, "errors/403.html", context, status=403)
        page.render()
    if plain:
        # A part of a page shows no page: the script says this instead.
        page["X-Plain-Refusal"] = quote(plain)
    return page
