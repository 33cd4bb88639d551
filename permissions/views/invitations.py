"""Inviting people: the list of links that wait, and the dialog that makes one."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from livecode_admin.kernel import clock
from livecode_admin.kernel.web.page import Action
from permissions.access import Access
from permissions.arrival_forms import InviteForm
from permissions.confirming import confirmed_to_write
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from permissions.selectors import departments_tree
from permissions.selectors.arrivals import (
    invitation_name,
    newcomers_count,
    open_invitations,
)
from permissions.selectors.giving import bundle_offers
from permissions.selectors.reach import departments_within
from permissions.services.invitations import (
    InvitationClosed,
    Issued,
    Plan,
    invitation_create,
    invitation_renew,
    invitation_withdraw,
)


def join_url(request: ConsoleRequest, issued: Issued) -> str:
    """The whole address of a link, to be sent to somebody."""
    return request.build_absolute_uri(reverse("permissions:join", args=[request.access.tenant_slug, issued.token]))


def invite_action(access: Access) -> Action:
    """The button that opens the dialog."""
    return Action("邀请成员", "user-plus", hx_get=tenant_url(access, "permissions:invitation-new"), tone="primary")


@requires("members.manage")
@require_GET
def invitations(request: ConsoleRequest) -> HttpResponse:
    """The links that wait or have ended."""
    context = {
        "rows": open_invitations(request.access, now=clock.now()),
        "waiting": newcomers_count(request.access),
        "actions": [
            Action("批量导入", "upload", url=tenant_url(request.access, "permissions:import")),
            invite_action(request.access),
        ],
    }
    return TemplateResponse(request, "permissions/invitations.html", context)


@never_cache
@requires("members.manage")
@confirmed_to_write
@require_http_methods(["GET", "POST"])
def invitation_new(request: ConsoleRequest) -> HttpResponse:
    """The dialog, and after it the link, which is shown once."""
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        plan = Plan(data["display_name"].strip(), data["department_id"], tuple(data["bundles"]))
        issued = invitation_create(access=request.access, plan=plan, days=data["days"], now=clock.now())
        return _link(request, plan.display_name, issued)
    status = 200 if request.method == "GET" or request.htmx else 422
    return TemplateResponse(request, "permissions/invite.html", {"form": form}, status=status)


@never_cache
@requires("members.manage")
@confirmed_to_write
@require_POST
def invitation_again(request: ConsoleRequest, invitation_id: int) -> HttpResponse:
    """A new link in place of the old one."""
    name = _name(request, invitation_id)
    try:
        issued = invitation_renew(access=request.access, invitation_id=invitation_id, now=clock.now())
    except InvitationClosed:
        return _gone(request)
    return _link(request, name, issued)


@requires("members.manage")
@require_POST
def invitation_off(request: ConsoleRequest, invitation_id: int) -> HttpResponse:
    """Take a link back."""
    name = _name(request, invitation_id)
    try:
        invitation_withdraw(access=request.access, invitation_id=invitation_id, now=clock.now())
    except InvitationClosed:
        return _gone(request)
    messages.success(request, f"已撤回给「{name}」的邀请，链接不能再使用")
    return HttpResponseRedirect(tenant_url(request.access, "permissions:invitations"))


def _form(request: ConsoleRequest) -> InviteForm:
    access, within = request.access, departments_within(request.access)
    departments = [
        (row.id, "　" * row.depth + row.name) for row in departments_tree(access) if within is None or row.id in within
    ]
    # Who may hand out only some bundles is offered only those.
    bundles = [offer for offer in bundle_offers(access) if not offer.lacks]
    only = departments[0][0] if len(departments) == 1 else None
    initial = {"department_id": access.department_id or only}
    data = request.POST if request.method == "POST" else None
    return InviteForm(data, initial=initial, departments=departments, bundles=bundles, free=within is None)


def _name(request: ConsoleRequest, invitation_id: int) -> str:
    name = invitation_name(request.access, invitation_id)
    if name is None:
        raise Http404
    return name


def _link(request: ConsoleRequest, name: str, issued: Issued) -> HttpResponse:
    context = {"name": name, "link": join_url(request, issued), "until": issued.expires_at}
    return TemplateResponse(request, "permissions/invite_link.html", context)


def _gone(request: ConsoleRequest) -> HttpResponse:
    messages.error(request, "邀请已被接受或撤回")
    back = tenant_url(request.access, "permissions:invitations")
    return HttpResponse(status=204, headers={"HX-Redirect": back}) if request.htmx else HttpResponseRedirect(back)
