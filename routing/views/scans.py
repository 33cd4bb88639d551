"""The scans of a code, and why each ended where it did."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

from codes.selectors import LiveCode, code_for, held_on
from livecode_admin.kernel import clock
from livecode_admin.kernel.web.menus import address_with, filter_menu
from livecode_admin.kernel.web.page import Crumb, Filter
from livecode_admin.kernel.web.parameters import whole_number
from permissions.access import Access, Denied
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from routing.rules.words import OUTCOME_LABELS, SLOT_LABELS
from routing.selectors.traces import ScanFilters, recent_scans, scan_page, scan_story, staff_of_code

DAYS = 7
# Either shows single scans with the colleague who got them (product.md §5.4).
SHOW_SCANS = ("routing.live", "analytics.traffic")


@requires("codes.view")
@require_GET
def recent(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """The code's last scans with their reasons; a panel of the code's page."""
    code = _code(request.access, code_id)
    context = {"code": code, "scans": recent_scans(request.access, code_id)}
    return TemplateResponse(request, "routing/_scans.html", context)


@requires("codes.view")
@require_GET
def scans(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """All scans of a code, filtered, newest first."""
    access, query = request.access, request.GET
    code = _code(access, code_id)
    filters = _filters(query)
    page = scan_page(access, code_id, filters)
    today = clock.local_day(clock.now(), request.tenant.time_zone)
    context = {
        "code": code,
        "scans": page.rows,
        "filters": _menus(access, code, query, today),
        "keep": [(name, value) for name, value in query.items() if name not in ("p", "before")],
        "filtered": bool(set(query) - {"before"}),
        "next_url": address_with(query, "before", _written(page.more)) if page.more else "",
        "first_url": address_with(query, "", "") if filters.before else "",
        "crumbs": _crumbs(access, code),
    }
    return TemplateResponse(request, "routing/scans.html", context)


@requires("codes.view")
@require_GET
def why(request: ConsoleRequest, code_id: int, scan_id: UUID) -> HttpResponse:
    """「为什么分给了她」 for one scan: a dialog where a page asks for it, a page of its own when opened directly."""
    access = request.access
    code = _code(access, code_id)
    story = scan_story(access, code_id, scan_id)
    if story is None:
        raise Http404
    context = {
        "code": code,
        "story": story,
        "scan": story.trace,
        "version_url": _version_url(access, story.through_id or code_id, story.trace.version),
        "crumbs": [*_crumbs(access, code), Crumb("扫码记录", tenant_url(access, "routing:scans", code_id))],
    }
    response = TemplateResponse(request, "routing/why_dialog.html" if request.htmx else "routing/why.html", context)
    response["Vary"] = "HX-Request"
    return response


def _code(access: Access, code_id: int) -> LiveCode:
    """The code whose scans this member may see: their own figures alone don't reach to single scans."""
    code = code_for(access, code_id)
    if not held_on(access, code_id, SHOW_SCANS):
        raise Denied(SHOW_SCANS[0])
    return code


def _filters(query: QueryDict) -> ScanFilters:
    """What an address asks for; what it says wrong is left out."""
    outcome, slot = query.get("outcome", ""), query.get("slot", "")
    return ScanFilters(
        outcome=outcome if outcome in OUTCOME_LABELS else "",
        staff_id=whole_number(query.get("staff")),
        sub_channel=query.get("p", "").strip().replace("\x00", "")[:64],
        day=_day(query.get("day", "")),
        slot=slot if slot in SLOT_LABELS else "",
        before=_place(query.get("before", "")),
    )


def _menus(access: Access, code: LiveCode, query: QueryDict, today: date) -> list[Filter]:
    days = {(today - timedelta(days=back)).isoformat(): _day_text(today, back) for back in range(DAYS)}
    if asked := _day(query.get("day", "")):
        days.setdefault(asked.isoformat(), asked.isoformat())
    people = ((str(card.id), card.name) for card in staff_of_code(access, code.pk))
    return [
        filter_menu(query, "outcome", "结果", OUTCOME_LABELS.items()),
        filter_menu(query, "staff", "客服", people),
        filter_menu(query, "slot", "名额", SLOT_LABELS.items()),
        filter_menu(query, "day", "日期", days.items()),
    ]


def _day_text(today: date, back: int) -> str:
    text = (today - timedelta(days=back)).isoformat()
    return {0: f"今天 {text}", 1: f"昨天 {text}"}.get(back, text)


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _written(place: tuple[date, int]) -> str:
    return f"{place[0].isoformat()}.{place[1]}"


def _place(text: str) -> tuple[date, int] | None:
    day, _, number = text.partition(".")
    found, last = _day(day), whole_number(number)
    return None if found is None or last is None else (found, last)


def _crumbs(access: Access, code: LiveCode) -> list[Crumb]:
    return [
        Crumb("活码", tenant_url(access, "console:codes")),
        Crumb(code.name, tenant_url(access, "console:code", code.pk)),
    ]


def _version_url(access: Access, code_id: int, version: int | None) -> str:
    """The page of the versions from the one that decided on; empty when none did."""
    return "" if version is None else f"{tenant_url(access, 'routing:versions', code_id)}?before={version + 1}"
