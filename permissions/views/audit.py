"""The audit log: a page whose filters stand in its address, and what is filtered as a file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET, require_POST

from livecode_admin.kernel import clock
from livecode_admin.kernel.web.menus import address_with, filter_menu
from livecode_admin.kernel.web.page import Filter, Option
from livecode_admin.kernel.web.parameters import whole_number
from permissions.access import Access
from permissions.actions import ACTION_GROUPS, action_label
from permissions.confirming import recently_confirmed
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from permissions.selectors import member_names, members_for_picker
from permissions.selectors.audit import (
    AuditFilters,
    audit_actions,
    audit_log,
    audit_told,
    object_label,
)
from permissions.services.auditing import ExportTooLong, audit_export

PAGE = 50
SYSTEM = "system"
OUTCOMES = {"done": "已执行", "denied": "被拒绝"}
SPANS = {0: "今天", 6: "最近 7 天", 29: "最近 30 天", 89: "最近 90 天"}


@requires("audit.view")
@require_GET
def audit_list(request: ConsoleRequest) -> HttpResponse:
    """The audit log, newest first; the next page begins below the last number shown."""
    access, query, zone = request.access, request.GET, request.tenant.time_zone
    filters = _filters(query, zone)
    page = audit_log(access, filters, limit=PAGE)
    context: dict[str, Any] = {
        "rows": audit_told(page.rows, zone),
        "older": address_with(query, "before", str(page.older)) if page.older else "",
        "newest": address_with(query, "before", "") if filters.before_id else "",
        "filters": [*_menus(access, query, filters), *_span_menu(query, zone)],
        "filtered": filters != AuditFilters(before_id=filters.before_id),
        "keep": [(key, value) for key, value in query.items() if key not in ("q", "before")],
        "keep_days": [(key, value) for key, value in query.items() if key not in ("from", "to", "before")],
        "since": query.get("from", ""),
        "until": query.get("to", ""),
        "q": filters.q,
        "export_url": f"{tenant_url(access, 'permissions:audit-export')}{address_with(query, '', '')}",
        "objects_url": address_with(_without(query, "object", "q"), "", ""),
    }
    return TemplateResponse(request, "permissions/audit.html", context)


@requires("audit.view")
@require_POST
@recently_confirmed
def audit_file(request: ConsoleRequest) -> HttpResponse:
    """What the address filters, as CSV."""
    access, zone, now = request.access, request.tenant.time_zone, clock.now()
    filters = replace(_filters(request.GET, zone), before_id=None)
    told = {item.label: item.value for item in _menus(access, request.GET, filters) if item.clear_url}
    told |= {
        name: request.GET[key] for key, name in (("from", "从"), ("to", "到"), ("q", "对象")) if key in request.GET
    }
    try:
        body = audit_export(access=access, filters=filters, told=told, zone=zone, now=now)
    except ExportTooLong as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(f"{tenant_url(access, 'permissions:audit')}{address_with(request.GET, '', '')}")
    answer = HttpResponse(body, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="audit-{clock.local_day(now, zone).isoformat()}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


def _filters(query: QueryDict, zone: str) -> AuditFilters:
    """What an address asks for; what it says wrong is left out. Days are the tenant's, the last one included."""
    group, outcome, member = query.get("kind", ""), query.get("outcome", ""), query.get("member", "")
    object_type, _, number = query.get("object", "").partition(":")
    object_id = whole_number(number)
    since, until = _day(query.get("from", "")), _day(query.get("to", ""))
    return AuditFilters(
        group=group if group in ACTION_GROUPS else "",
        action=_clean(query.get("action", ""))[:60],
        object_type=_clean(object_type)[:40] if object_id is not None else "",
        object_id=object_id,
        member_id=whole_number(member),
        by_system=member == SYSTEM,
        q=_clean(query.get("q", ""))[:60],
        since=_midnight(since, zone) if since else None,
        until=_midnight(until + timedelta(days=1), zone) if until else None,
        outcome=outcome if outcome in OUTCOMES else "",
        before_id=whole_number(query.get("before")),
    )


def _menus(access: Access, query: QueryDict, filters: AuditFilters) -> list[Filter]:
    people = {str(card.id): card.name for card in members_for_picker(access)}
    if filters.member_id is not None and str(filters.member_id) not in people:
        people |= {str(pk): name for pk, name in member_names([filters.member_id]).items()}
    actions = audit_actions(access, filters.group)
    if filters.action and filters.action not in actions:
        actions.append(filters.action)
    found = [
        filter_menu(query, "member", "操作人", [*people.items(), (SYSTEM, "系统")]),
        filter_menu(query, "kind", "类型", ACTION_GROUPS.items()),
        filter_menu(query, "action", "操作", ((one, action_label(one)) for one in actions)),
        filter_menu(query, "outcome", "结果", OUTCOMES.items()),
    ]
    if filters.object_id is not None:
        label = object_label(access, filters.object_type, filters.object_id) or f"编号 {filters.object_id}"
        found.append(Filter("object", "对象", label, [], address_with(query, "object", "")))
    return found


def _span_menu(query: QueryDict, zone: str) -> list[Filter]:
    """Usual spans of the tenant's days; other ones are typed beside."""
    today = clock.local_day(clock.now(), zone)
    chosen = (query.get("from", ""), query.get("to", ""))
    bare = _without(query, "from", "to", "before")
    spans = {text: (today - timedelta(days=back)).isoformat() for back, text in SPANS.items()}
    last = today.isoformat()
    options = [
        Option(text, f"?{_with(bare, first, last)}", current=chosen == (first, last)) for text, first in spans.items()
    ]
    if not any(chosen):
        return [Filter("span", "时间", "全部", options)]
    usual = next((option.label for option in options if option.current), "")
    text = usual or f"{chosen[0] or '最早'} 至 {chosen[1] or '现在'}"
    return [Filter("span", "时间", text, options, address_with(bare, "", ""))]


def _with(query: QueryDict, since: str, until: str) -> str:
    changed = query.copy()
    changed["from"], changed["to"] = since, until
    return changed.urlencode()


def _without(query: QueryDict, *names: str) -> QueryDict:
    changed = query.copy()
    for name in names:
        changed.pop(name, None)
    return changed


def _day(text: str) -> date | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day is not None and 2000 <= day.year <= 2200 else None


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


def _clean(text: str) -> str:
    return text.strip().replace("\x00", "")
