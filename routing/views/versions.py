"""The versions of a code, and restoring one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods

from codes.selectors import code_for, code_to_work_on
from livecode_admin.kernel import clock
from livecode_admin.kernel.web.page import Crumb
from livecode_admin.kernel.web.parameters import whole_number
from permissions.access import Access, Denied
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from routing.selectors.versions import current_version, often_text, rule_publishes, version_rows
from routing.services.changing import RoutingRefused
from routing.services.versions import PARTS, RestoreRefused, restorable_parts, restore_plan, version_restore

CHANGED_BY_OTHERS = "刚刚有人发布了新版本：下面是与它的比较，请核对后再恢复一次"
NEEDED = {"rules": "routing.rules", "roster": "routing.roster"}
PART_LABELS = {"rules": "规则", "roster": "接待名单"}


@requires("codes.view")
@require_GET
def versions(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """Who published when and what it changed, newest first; ``before`` goes back further."""
    access, now = request.access, clock.now()
    code = code_to_work_on(access, code_id)
    rows = version_rows(access, code_id, before=whole_number(request.GET.get("before")))
    context = {
        "code": code,
        "rows": rows,
        "parts": restorable_parts(access, code_id),
        "often": often_text(rule_publishes(code_id, now)),
        "older": rows[-1].version if rows and not rows[-1].first else None,
        "crumbs": _crumbs(access, code.name, code_id),
    }
    return TemplateResponse(request, "routing/versions.html", context)


@requires("codes.view")
@require_http_methods(["GET", "POST"])
def restore(request: ConsoleRequest, code_id: int, version: int) -> HttpResponse:
    """What restoring would change and leave out (GET), and doing it (POST). ``part``: rules, roster or both."""
    access, now = request.access, clock.now()
    code = code_for(access, code_id)
    may = restorable_parts(access, code_id)
    if not may:
        raise Denied("routing.rules", "routing.roster")
    data = request.POST if request.method == "POST" else request.GET
    asked = [part for part in PARTS if part in data.getlist("part")]
    if request.method == "POST" and (missing := [NEEDED[part] for part in asked if part not in may]):
        raise Denied(*missing, what="code")
    parts = asked if asked or request.method == "POST" else may
    problems: list[str] = []
    plan = None
    try:
        plan = restore_plan(access=access, code_id=code_id, version=version, parts=parts, now=now)
        if request.method == "POST" and request.POST.get("stamp", _stamp(code_id)) != _stamp(code_id):
            problems = [CHANGED_BY_OTHERS]
        elif request.method == "POST":
            version_restore(access=access, code_id=code_id, version=version, parts=parts, now=now)
            messages.success(request, f"已恢复第 {version} 版的{'和'.join(PART_LABELS[part] for part in parts)}")
            return HttpResponseRedirect(tenant_url(access, "routing:versions", code_id))
    except RestoreRefused as refused:
        problems = refused.messages
    except RoutingRefused as refused:
        problems = [f"暂不能恢复：{text}" for text in refused.messages]
    context = {
        "code": code,
        "version": version,
        "title": f"恢复第 {version} 版",
        "plan": plan,
        "stamp": _stamp(code_id),
        "problems": problems,
        "may": [(part, PART_LABELS[part], part in parts) for part in may],
        "often": often_text(rule_publishes(code_id, now), publishing=True) if "rules" in parts else "",
        "crumbs": [
            *_crumbs(access, code.name, code_id),
            Crumb("版本", tenant_url(access, "routing:versions", code_id)),
        ],
    }
    return TemplateResponse(request, "routing/version_restore.html", context, status=422 if problems else 200)


def _stamp(code_id: int) -> str:
    """The version that the comparison was made with."""
    current = current_version(code_id)
    return str(current[0]) if current else ""


def _crumbs(access: Access, name: str, code_id: int) -> list[Crumb]:
    return [
        Crumb("活码", tenant_url(access, "console:codes")),
        Crumb(name, tenant_url(access, "console:code", code_id)),
    ]
