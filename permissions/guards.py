"""Who may open which page. Every view of the product wears exactly one of these guards.

``view.access_rule`` says which: ``("capability", "codes.view")``, ``("membership",)``, ``("signed_in",)`` or
``("public",)``.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import TYPE_CHECKING, Any, Protocol

from axes.helpers import get_client_ip_address
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import reverse

from livecode_admin.kernel import clock
from permissions.access import Access, Denied, access_for
from permissions.audit import denial_record
from permissions.capabilities import LABELS, check
from permissions.selectors import grantors, membership_is_off
from tenants.context import tenant_context
from tenants.selectors import TenantFacts, tenant_by_slug

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from permissions.models import User

FIXED_LABEL = "此内容不可修改"


class ConsoleRequest(HttpRequest):
    """A request that passed a guard: the member's rights and the tenant are known."""

    access: Access
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


def requires(capability: str, *, transaction: bool = True) -> Callable[[View], View]:
    """Open the page to members who hold ``capability`` in the tenant of the URL; everybody else gets 404 or 403.

    The view and its rendering run in one transaction in the tenant's context. ``transaction=False`` is for views that
    call out: they open ``request.tenant_context()`` around each step (the rendering still gets one).
    Raises UnknownCapability at import for a misspelt name.
    """
    check(capability)

    def decorate(view: View) -> View:
        return _console(view, ("capability", capability), capability, transaction)

    return decorate


def requires_membership(view: View) -> View:
    """Open the page to every active member of the tenant: for what concerns only the member (bell, own jobs)."""
    return _console(view, ("membership",), None, True)


def signed_in(view: View) -> View:
    """Open the page to everybody who is signed in, in whatever tenant; no tenant is set."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_login(request)
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
    if request.headers.get("HX-Request") == "true":
        current = getattr(request.htmx, "current_url_abs_path", None)  # type: ignore[attr-defined]
        answer = HttpResponse(status=401)
        answer["HX-Redirect"] = redirect_to_login(current or "/", reverse("permissions:login")).url
        return answer
    back = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
    return redirect_to_login(back, reverse("permissions:login"))


def _console(view: View, rule: tuple[str, ...], capability: str | None, transaction: bool) -> View:
    @wraps(view)
    def guarded(request: Any, *args: Any, tenant_slug: str, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_login(request)
        facts = tenant_by_slug(tenant_slug)
        if facts is None:
            raise Http404
        request.tenant = facts
        request.tenant_context = lambda: tenant_context(facts.id)
        try:
            if transaction:
                with tenant_context(facts.id):
                    _admit(request, capability)
                    return _rendered(view(request, *args, **kwargs))
            with tenant_context(facts.id):
                _admit(request, capability)
            response = view(request, *args, **kwargs)
            with tenant_context(facts.id):
                return _rendered(response)
        except Deactivated:
            logout(request)
            return redirect("permissions:login")
        except Denied as denied:
            return _refused(request, denied)

    guarded.access_rule = rule  # type: ignore[attr-defined]
    return guarded


def _admit(request: Any, capability: str | None) -> None:
    """Build the access of this request; Http404 for people of other tenants, Denied without the capability."""
    now = clock.now()
    origin = get_client_ip_address(request) or ""
    access = access_for(request.user.pk, request.tenant, now, origin=origin)
    if access is None:
        if membership_is_off(request.user.pk):
            raise Deactivated
        raise Http404
    request.access = access
    if capability is not None and not access.may_enter(capability):
        raise Denied(capability)


def _rendered(response: HttpResponseBase) -> HttpResponseBase:
    """The response, rendered while the tenant is still set."""
    if response.streaming:
        raise TypeError("the console streams nothing: the tenant would be gone before the body is made")
    if isinstance(response, SimpleTemplateResponse):
        response.render()
    return response


def _refused(request: Any, denied: Denied) -> HttpResponse:
    """The 403 page, after the rollback; the attempt is committed to the audit log before anything is shown."""
    now = clock.now()
    with request.tenant_context():
        denial_record(access=request.access, denied=denied, method=request.method, path=request.path, now=now)
    with request.tenant_context():
        context = {
            "missing_label": "、".join(LABELS[name] for name in denied.missing) or FIXED_LABEL,
            "grantors": grantors(denied.missing, now=now),
            "home_url": f"/t/{request.tenant.slug}/",
        }
        page = TemplateResponse(request, "errors/403.html", context, status=403)
        page.render()
    return page
