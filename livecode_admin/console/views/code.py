"""A code's page: what it is, its figures, who receives, the greeting, the tags, its changes."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from codes.rules import Status, allowed_actions, effective_status
from codes.selectors import LiveCode, code_for, code_to_work_on, held_on, only_looks, printed_text
from livecode_admin.console.changes import change_events
from livecode_admin.console.roster import edit_actions, roster_panel
from livecode_admin.kernel import clock
from livecode_admin.kernel.web import formats
from livecode_admin.kernel.web.page import Action, Crumb, Event
from permissions.access import Access
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from permissions.metric_groups import ON_DASHBOARDS
from permissions.selectors import audit_entries
from reception.selectors import contacts_of_code, welcome_of_code, welcome_settable
from routing.selectors import (
    changes_told,
    current_version,
    peak_on,
    rule_facts,
    ways_progress,
)
from routing.services.roster import SEAT_FIELDS
from tagging.selectors import tags_of_code

ON_THIS_CODE = (
    "routing.caps",
    "analytics.quality",
    "codes.edit",
    "codes.renew",
    "codes.download",
    "codes.pause",
    "codes.retire",
    *SEAT_FIELDS,
    "routing.plan",
    "routing.live",
    "analytics.view",
    "analytics.traffic",
    "analytics.growth",
    "analytics.people",
)


@requires("codes.view")
@require_GET
def code(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """One code within the member's scope; panels of figures load by themselves."""
    access, now, zone = request.access, clock.now(), request.tenant.time_zone
    row = code_for(access, code_id)
    status = effective_status(state=row.state, expires_at=row.expires_at, now=now)
    if only_looks(access, row.pk):
        return _own(request, row, status)
    held = held_on(access, row.pk, ON_THIS_CODE)
    url = printed_text(request.tenant, row)
    today = clock.local_day(now, zone)
    context: dict[str, object] = {
        "code": row,
        "status": status,
        "progress": ways_progress(row.pk),
        "link": url,
        "link_text": url.split("://", 1)[-1],
        "thumb_url": tenant_url(access, "codes:qr-svg", row.pk) if "codes.download" in held and url else "",
        "until_text": formats.local_datetime(row.expires_at, zone) if row.expires_at else "永久有效",
        "until_note": formats.relative_days(clock.local_day(row.expires_at, zone), today) if row.expires_at else "",
        "facts": _facts(row),
        "pills": [("", text, "") for text in _kinds(row)],
        "actions": _actions(access, row, status, held),
        "more": _more(access, row, status, held),
        "crumbs": _crumbs(access, row),
        "edit": edit_actions(access, row, status, held, roster=_edit_roster(held, status)),
        **roster_panel(access, row, held, now),
        "edit_roster": _edit_roster(held, status),
        "may_rules": "routing.rules" in held,
        # WeCom routes a native code itself: there is no fallback to choose.
        "may_fallback": "codes.edit" in held and row.delivery != "native",
        "may_plan": "routing.plan" in held and row.delivery != "native",
        "published": current_version(row.pk),
        "peak_on": peak_on(row.pk),
        "figures": "analytics.view" in held and not held.isdisjoint(ON_DASHBOARDS),
        "charted": _charted(row, held),
        "may_scans": row.delivery != "native" and not held.isdisjoint({"analytics.traffic", "routing.live"}),
        "rules": rule_facts(access, row.pk),
        "welcome": welcome_of_code(access, row.pk),
        "may_greet": welcome_settable(access, row) and status is not Status.RETIRED,
        "tags": tags_of_code(row.pk, access=access),
        "contacts": contacts_of_code(access, row.pk, limit=8),
        "events": _events(access, row, zone),
        "company": request.tenant.name,
        "days": request.GET.get("days", "14"),
    }
    return TemplateResponse(request, "console/code.html", context)


def _charted(row: LiveCode, held: frozenset[str]) -> bool:
    """Whether there is a line to draw for the member: WeCom reports no scans of a native code."""
    lines = {"analytics.growth"} if row.delivery == "native" else {"analytics.growth", "analytics.traffic"}
    return "analytics.view" in held and not held.isdisjoint(lines)


def _own(request: ConsoleRequest, row: LiveCode, status: Status) -> HttpResponse:
    """One of the member's own codes: its QR and the download, nothing of rules, people and figures."""
    access, zone = request.access, request.tenant.time_zone
    may = "codes.download" in held_on(access, row.pk, ["codes.download"]) and printed_text(request.tenant, row)
    files = (("下载 PNG", "codes:qr-png"), ("下载 SVG", "codes:qr-svg")) if may else ()
    context = {
        "code": row,
        "status": status,
        "until_text": formats.local_datetime(row.expires_at, zone) if row.expires_at else "永久有效",
        "qr_url": f"{tenant_url(access, 'codes:qr-svg', row.pk)}?inline=1" if may else "",
        "actions": [Action(label, "download", url=tenant_url(access, name, row.pk)) for label, name in files],
        "crumbs": [Crumb("我的活码", tenant_url(access, "console:codes"))],
    }
    return TemplateResponse(request, "console/my_code.html", context)


@requires("codes.view")
@require_GET
def readiness(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """How many contact ways are ready, until the code is live; asked for every second while they are made."""
    row = code_to_work_on(request.access, code_id)
    context = {"code": row, "progress": ways_progress(row.pk)}
    response = TemplateResponse(request, "console/_readiness.html", context)
    if row.state != "draft":
        # State, roster and history change with it: the page is read again.
        response["HX-Refresh"] = "true"
    return response


def _events(access: Access, row: LiveCode, zone: str) -> list[Event]:
    rows = audit_entries(access, "code", row.pk, limit=8)
    told = changes_told(access, row.pk)
    return change_events(rows, zone, told, tenant_url(access, "routing:versions", row.pk))


def _kinds(row: LiveCode) -> list[str]:
    return [row.get_purpose_display(), row.get_delivery_display(), row.get_kind_display()]


def _facts(row: LiveCode) -> list[str]:
    facts = []
    if row.owner:
        facts.append(f"负责人 {row.owner.display_name}")
    if row.department:
        facts.append(row.department.name)
    if row.channel:
        facts.append(f"渠道 {row.channel.name}")
    return facts


def _actions(access: Access, row: LiveCode, status: Status, held: frozenset[str]) -> list[Action]:
    found = []
    if row.delivery != "native":
        found.append(Action("测试扫码", "eye-check", url=tenant_url(access, "routing:trial", row.pk), new_tab=True))
    allowed = allowed_actions(status)
    if "codes.renew" in held and "renew" in allowed and row.expires_at is not None:
        found.append(Action("延长期限", "calendar-plus", hx_get=tenant_url(access, "codes:renew", row.pk), key="r"))
    if "codes.download" in held:
        found.append(Action("下载 PNG", "download", url=tenant_url(access, "codes:qr-png", row.pk)))
    return found


def _edit_roster(held: frozenset[str], status: Status) -> str:
    """What the way to the roster editor is called, empty without one: caps, weights and hours are set there, too."""
    if status is Status.RETIRED or held.isdisjoint(SEAT_FIELDS):
        return ""
    return "编辑名单" if "routing.roster" in held else "席位设置"


def _more(access: Access, row: LiveCode, status: Status, held: frozenset[str]) -> list[Action]:
    found = []
    allowed = allowed_actions(status)
    if "codes.download" in held:
        found.append(Action("下载 SVG", "download", url=tenant_url(access, "codes:qr-svg", row.pk)))
    if "codes.pause" in held and "pause" in allowed:
        found.append(Action("暂停", "player-pause", hx_get=tenant_url(access, "codes:pause", row.pk), apart=True))
    if "codes.pause" in held and "resume" in allowed:
        found.append(Action("恢复", "player-play", hx_get=tenant_url(access, "codes:resume", row.pk), apart=True))
    if "codes.retire" in held and "retire" in allowed:
        found.append(Action("归档", "archive", hx_get=tenant_url(access, "codes:retire", row.pk)))
    return found


def _crumbs(access: Access, row: LiveCode) -> list[Crumb]:
    crumbs = [Crumb("活码", tenant_url(access, "console:codes"))]
    if row.folder:
        crumbs.append(Crumb(row.folder.name, f"{tenant_url(access, 'console:codes')}?folder={row.folder_id}"))
    return crumbs
