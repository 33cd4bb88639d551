"""The WeCom connection: tested when it is saved, staff synced from here (product.md §8)."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST

from livecode_admin.console.forms import ConnectionForm
from livecode_admin.console.services import wecom_connection_set
from livecode_admin.kernel import clock
from people.selectors import sync_state
from people.wecom_client import client_for
from permissions.confirming import confirmed_to_write
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from routing.selectors import links_exhausted_at, links_in_use, ways_used
from tenants.selectors import WeComCredentials, wecom_credentials
from tenants.tasks import enqueue_on_commit
from wecom.errors import WecomError


@requires("wecom.manage", transaction=False)
@confirmed_to_write
@require_http_methods(["GET", "POST"])
def connection(request: ConsoleRequest) -> HttpResponse:
    """The connection's form. Saving first asks WeCom for a token with what was typed: wrong secrets are not kept."""
    with request.tenant_context():
        current = wecom_credentials()
        state = sync_state(clock.now())
        used, limit = ways_used()
        doors = {"used": used, "limit": limit, "links": links_in_use(), "exhausted_at": links_exhausted_at()}
    form = ConnectionForm(
        request.POST or None,
        connected=current is not None,
        initial={"corp_id": current.corp_id, "agent_id": current.agent_id} if current else {},
    )
    if request.method == "POST" and form.is_valid():
        wanted = _wanted(form, current)
        if problem := _tested(wanted):
            form.add_error("secret", problem)
        elif not _saved(request, form):
            form.add_error("corp_id", "该企业 ID 已连接到另一家企业")
        else:
            messages.success(request, "已连接企业微信")
            return HttpResponseRedirect(tenant_url(request.access, "console:wecom"))
    context = {
        "form": form,
        "connected": current is not None,
        "callback_url": f"{settings.PUBLIC_URL.rstrip('/')}/callback/{current.callback_key}" if current else "",
        "sync": state,
        "doors": doors,
    }
    return TemplateResponse(request, "console/wecom.html", context)


@requires("wecom.manage")
@require_POST
def sync(request: ConsoleRequest) -> HttpResponse:
    """Fetch staff and departments again, in the background."""
    enqueue_on_commit("people.tasks.sync_contacts", tenant_id=request.access.tenant_id)
    messages.success(request, "正在同步通讯录，完成后客服列表会更新")
    return HttpResponseRedirect(tenant_url(request.access, "console:wecom"))


def _wanted(form: ConnectionForm, current: WeComCredentials | None) -> WeComCredentials:
    data = form.cleaned_data
    return WeComCredentials(
        corp_id=data["corp_id"],
        agent_id=data["agent_id"],
        secret=data["secret"] or (current.secret if current else ""),
        callback_token=data["callback_token"] or (current.callback_token if current else ""),
        aes_key=data["aes_key"] or (current.aes_key if current else ""),
        callback_key=current.callback_key if current else "",
        base_url=settings.WECOM_API_URL,
    )


def _tested(wanted: WeComCredentials) -> str:
    """Nothing when WeCom accepts the corp and the secret, else why not, in Chinese."""
    try:
        client_for(wanted).get_follow_user_list()
    except WecomError as error:
        return f"企业微信未接受：{error.text}（{error.code}）"
    return ""


def _saved(request: ConsoleRequest, form: ConnectionForm) -> bool:
    """Whether the connection was kept; a corp belongs to one company alone."""
    try:
        with request.tenant_context():
            wecom_connection_set(access=request.access, given=form.cleaned_data, now=clock.now())
    except IntegrityError:
        return False
    return True
