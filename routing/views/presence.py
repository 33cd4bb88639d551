"""A receptionist's own 上线/下线, and 恢复接待 for somebody who was held as 疑似已满."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from livecode_admin.kernel import clock
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from routing.selectors.people import own_presence
from routing.services.presence import PresenceRefused, own_online_set, suspect_lift

ON = "已上线，下一次扫码起可以分配到您"
OFF = "已下线，下一次扫码起不再分配给您；已分配的客户仍可添加"


@requires("routing.self")
@never_cache
@require_http_methods(["GET", "POST"])
def presence(request: ConsoleRequest) -> HttpResponse:
    """The member's own switch; POST ``online`` 1 or 0 sets it. Every switch on the page is told of the change."""
    now, said, tone = clock.now(), "", "ok"
    if request.method == "POST":
        online = request.POST.get("online") == "1"
        try:
            own_online_set(access=request.access, online=online, now=now)
            said = ON if online else OFF
        except PresenceRefused as refused:
            said, tone = str(refused), "bad"
    if not request.htmx:
        if said:
            messages.add_message(request, messages.SUCCESS if tone == "ok" else messages.ERROR, said)
        return HttpResponseRedirect(tenant_url(request.access, "console:home"))
    context = {"presence": own_presence(request.access, now=now), "wide": request.GET.get("wide") == "1"}
    response = TemplateResponse(request, "routing/_presence.html", context)
    if request.method == "POST":
        response["HX-Trigger"] = json.dumps({"presence": {}, "toast": {"text": said, "kind": tone}})
    return response


@requires("routing.roster")
@require_POST
def lift(request: ConsoleRequest, staff_id: int) -> HttpResponse:
    """恢复接待 for one colleague; the live page shows it with its next reading."""
    try:
        lifted = suspect_lift(access=request.access, staff_id=staff_id, now=clock.now())
    except PresenceRefused as refused:
        raise Http404 from refused
    text = "已恢复接待，下一次扫码起生效" if lifted else "已经恢复接待"
    if not request.htmx:
        messages.success(request, text)
        return HttpResponseRedirect(tenant_url(request.access, "routing:live"))
    response = HttpResponse(status=204)
    response["HX-Trigger"] = json.dumps({"toast": {"text": text, "kind": "ok"}})
    return response
