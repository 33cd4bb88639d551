"""The page behind an invitation's link: open to the world, for whoever holds the link."""

from __future__ import annotations

from axes.helpers import get_client_ip_address
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from livecode_admin.kernel import clock
from permissions import sessions
from permissions.arrival_forms import JoinForm
from permissions.entry import let_in
from permissions.guards import public
from permissions.models import User
from permissions.selectors.arrivals import InvitationFacts, InvitationState, invitation_by_token, membership_of
from permissions.services.invitations import (
    AlreadyMember,
    InvitationClosed,
    UsernameTaken,
    invitation_accept,
    invitation_accept_new,
)
from tenants.context import tenant_context
from tenants.selectors import TenantFacts, tenant_by_slug


@sensitive_post_parameters("password", "again")
@never_cache
@public
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, tenant_slug: str, token: str) -> HttpResponse:
    """Choose a user name and password, or accept with the account that is signed in; else say whom to ask."""
    tenant = tenant_by_slug(tenant_slug)
    if tenant is None:
        raise Http404
    with tenant_context(tenant.id):
        facts = invitation_by_token(token, tenant, now=clock.now())
        known = membership_of(request.user.pk)
    if facts is None or facts.state is not InvitationState.OPEN:
        return _closed(request, tenant, facts)
    # A session that another company's WeCom opened counts in that company alone.
    if request.user.is_authenticated and request.session.get(sessions.COMPANY) in (None, tenant.id):
        if known is not None:
            return _member_already(request, tenant, active=known.is_active)
        return _with_account(request, tenant, facts, token)
    return _as_new(request, tenant, facts, token)


def _with_account(request: HttpRequest, tenant: TenantFacts, facts: InvitationFacts, token: str) -> HttpResponse:
    if request.method == "GET":
        return _page(request, tenant, facts, None)
    try:
        with tenant_context(tenant.id):
            invitation_accept(
                tenant=tenant, token=token, user_id=request.user.pk or 0, now=clock.now(), origin=_origin(request)
            )
    except AlreadyMember as known:
        return _member_already(request, tenant, active=known.active)
    except (InvitationClosed, LookupError):
        return _closed_now(request, tenant, token)
    return HttpResponseRedirect(f"/t/{tenant.slug}/")


def _as_new(request: HttpRequest, tenant: TenantFacts, facts: InvitationFacts, token: str) -> HttpResponse:
    form = JoinForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return _page(request, tenant, facts, form)
    name, password = form.cleaned_data["username"], form.cleaned_data["password"]
    try:
        with tenant_context(tenant.id):
            user_id = invitation_accept_new(
                tenant=tenant, token=token, username=name, password=password, now=clock.now(), origin=_origin(request)
            )
    except UsernameTaken:
        form.add_error("username", "这个用户名已有人使用，请换一个；如果是您的账号，请先登录")
        return _page(request, tenant, facts, form)
    except (InvitationClosed, LookupError):
        return _closed_now(request, tenant, token)
    return let_in(request, User.objects.get(pk=user_id), following=f"/t/{tenant.slug}/")


def _page(request: HttpRequest, tenant: TenantFacts, facts: InvitationFacts, form: JoinForm | None) -> HttpResponse:
    context = {"company": tenant, "facts": facts, "form": form, "here": request.path}
    status = 422 if form is not None and form.is_bound else 200
    return TemplateResponse(request, "permissions/join.html", context, status=status)


def _closed(request: HttpRequest, tenant: TenantFacts, facts: InvitationFacts | None) -> HttpResponse:
    """Whom to ask is told to holders of a link that was once good, and to nobody else."""
    context = {"company": tenant, "facts": facts, "state": facts.state.value if facts else "unknown"}
    return TemplateResponse(request, "permissions/join_closed.html", context, status=410 if facts else 404)


def _closed_now(request: HttpRequest, tenant: TenantFacts, token: str) -> HttpResponse:
    """Somebody else was faster, or the link was taken back in between."""
    with tenant_context(tenant.id):
        facts = invitation_by_token(token, tenant, now=clock.now())
    return _closed(request, tenant, facts)


def _member_already(request: HttpRequest, tenant: TenantFacts, *, active: bool) -> HttpResponse:
    if active:
        return HttpResponseRedirect(f"/t/{tenant.slug}/")
    context = {"company": tenant, "facts": None, "state": "off"}
    return TemplateResponse(request, "permissions/join_closed.html", context, status=403)


def _origin(request: HttpRequest) -> str:
    return get_client_ip_address(request) or ""
