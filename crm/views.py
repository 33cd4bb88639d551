"""The CRM page: the endpoint and its switch, what was delivered, test and replay."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_POST

from crm.forms import EndpointForm, ReplayForm
from crm.selectors import endpoint_facts, recent_messages, state_counts
from crm.services.endpoints import endpoint_set, test_event_send
from crm.services.outbox import replay_period
from livecode_admin.kernel import clock
from permissions.confirming import recently_confirmed
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url


def _page(request: ConsoleRequest, **extra: object) -> HttpResponse:
    facts = endpoint_facts(request.access)
    form = EndpointForm(initial={"url": facts.url, "enabled": facts.enabled} if facts else {"enabled": True})
    context: dict[str, object] = {
        "endpoint": facts,
        "form": form,
        "replay_form": ReplayForm(),
        "messages_rows": recent_messages(request.access),
        "counts": state_counts(request.access),
    }
    return TemplateResponse(request, "crm/endpoint.html", context | extra)


@requires("crm.view")
@require_GET
def endpoint(request: ConsoleRequest) -> HttpResponse:
    """The endpoint with its newest events."""
    return _page(request)


@requires("crm.manage")
@recently_confirmed
@require_POST
def endpoint_save(request: ConsoleRequest) -> HttpResponse:
    """Save the address and the switch; a new signing secret is shown once."""
    form = EndpointForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form)
    secret = endpoint_set(access=request.access, now=clock.now(), **form.cleaned_data)
    if secret:
        return _page(request, new_secret=secret)
    messages.success(request, "已保存 CRM 对接设置")
    return HttpResponseRedirect(tenant_url(request.access, "crm:endpoint"))


@requires("crm.manage")
@require_POST
def endpoint_test(request: ConsoleRequest) -> HttpResponse:
    """Send a test event, when there is an endpoint that it can go to."""
    facts = endpoint_facts(request.access)
    if facts is None or not facts.enabled or facts.disabled_at is not None:
        messages.error(request, "CRM 对接未开启，保存接收地址并开启后再发送测试事件")
    else:
        message_id = test_event_send(access=request.access, now=clock.now())
        messages.success(request, f"已发出测试事件 {message_id}，几秒后在推送记录中查看结果")
    return HttpResponseRedirect(tenant_url(request.access, "crm:endpoint"))


@requires("crm.manage")
@require_POST
def replay(request: ConsoleRequest) -> HttpResponse:
    """Send the events of a period again."""
    form = ReplayForm(request.POST)
    if not form.is_valid():
        return _page(request, replay_form=form)
    zone = request.tenant.time_zone
    count = replay_period(
        access=request.access,
        since=clock.day_start(form.cleaned_data["since"], zone),
        until=clock.day_start(form.cleaned_data["until"] + timedelta(days=1), zone),
        now=clock.now(),
    )
    messages.success(request, f"已安排重发 {count} 条事件")
    return HttpResponseRedirect(tenant_url(request.access, "crm:endpoint"))
