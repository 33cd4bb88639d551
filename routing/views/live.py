"""实时接待: who receives, how many wait, caps used, where codes overflow to; up to date by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.http import Http404, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from livecode_admin.kernel import clock
from livecode_admin.kernel.web.formats import local_datetime, number, percent, ratio, through
from livecode_admin.kernel.web.menus import filter_menu
from livecode_admin.kernel.web.page import Crumb, Filter, Kpi
from livecode_admin.kernel.web.parameters import whole_number
from permissions.access import Access, Scope
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from permissions.selectors import DepartmentRow, departments_tree
from routing.rules.standing import Flow, Standing
from routing.rules.words import STANDING_LABELS
from routing.selectors.live import LiveFilters, LiveNow, StaffLive, codes_live, live_now
from routing.selectors.now import CodeRef
from routing.selectors.people import staff_today
from routing.services.presence import may_lift_suspect


@dataclass(frozen=True, slots=True)
class StaffLine:
    """A row of the page: the person's figures, the words of the state, and what may be done."""

    row: StaffLive
    state_text: str
    last_text: str
    may_lift: bool


@requires("routing.live")
@never_cache
@require_GET
def live(request: ConsoleRequest) -> HttpResponse:
    """The page; the part with the figures asks for itself every second."""
    access, now = request.access, clock.now()
    departments = departments_tree(access)
    found = live_now(access, _filters(request.GET, departments), now=now)
    context = _context(request, found) | {
        "filters": _menus(access, request.GET, departments, codes_live(access, now)),
        "codes_url": tenant_url(access, "console:codes"),
    }
    return TemplateResponse(request, "routing/live.html", context)


@requires("routing.live")
@never_cache
@require_GET
def live_part(request: ConsoleRequest) -> HttpResponse:
    """The part with the figures; 204 while nothing that it shows has changed since ``stamp``."""
    departments = departments_tree(request.access) if request.GET.get("department") else []
    found = live_now(request.access, _filters(request.GET, departments), now=clock.now())
    if found.stamp == request.GET.get("stamp"):
        return HttpResponse(status=204)
    return TemplateResponse(request, "routing/_live.html", _context(request, found))


@requires("routing.live")
@never_cache
@require_GET
def live_staff(request: ConsoleRequest, staff_id: int) -> HttpResponse:
    """One person: in which codes they receive and the scans of today; a dialog of the live page, or a page."""
    person = staff_today(request.access, staff_id, now=clock.now())
    if person is None:
        raise Http404
    context = {"person": person, "crumbs": [Crumb("实时接待", tenant_url(request.access, "routing:live"))]}
    name = "routing/_live_staff.html" if request.htmx else "routing/live_staff.html"
    return TemplateResponse(request, name, context)


def _filters(query: QueryDict, departments: Sequence[DepartmentRow]) -> LiveFilters:
    """What an address asks for; what it says wrong is left out."""
    wanted = whole_number(query.get("department"))
    above = next((one for one in departments if one.id == wanted), None)
    below = frozenset(one.id for one in departments if above is not None and one.path.startswith(above.path))
    standing = query.get("state", "")
    return LiveFilters(
        code_id=whole_number(query.get("code")),
        department_ids=below or None,
        standing=standing if standing in STANDING_LABELS else "",
    )


def _menus(
    access: Access, query: QueryDict, departments: Sequence[DepartmentRow], codes: Sequence[CodeRef]
) -> list[Filter]:
    row = [filter_menu(query, "code", "活码", ((str(code.id), code.name) for code in codes))]
    if access.scope("routing.live") is Scope.ALL:
        row.append(
            filter_menu(query, "department", "部门", ((str(d.id), "　" * d.depth + d.name) for d in departments))
        )
    elif len(own := [one for one in departments if one.id in access.department_ids]) > 1:
        row.append(filter_menu(query, "department", "部门", ((str(one.id), one.name) for one in own)))
    row.append(filter_menu(query, "state", "状态", ((str(key), label) for key, label in STANDING_LABELS.items())))
    return row


def _context(request: ConsoleRequest, found: LiveNow) -> dict[str, object]:
    access, zone = request.access, request.tenant.time_zone
    today = clock.local_day(clock.now(), zone)
    return {
        "now": found,
        "people": [
            StaffLine(
                row,
                state_text=_state_text(row, zone, short=may_lift),
                last_text=_last_text(row.last_at, today, zone),
                may_lift=may_lift,
            )
            for row in found.staff
            for may_lift in [row.standing is Standing.SUSPECT and may_lift_suspect(access, row.card)]
        ],
        "kpis": _kpis(found),
        "codes_note": "去向为当前，次数为近 5 分钟" if found.counted else "去向为当前",
        "degraded": sum(code.degraded for code in found.codes),
        "today": today,
        "query": request.GET,
    }


def _state_text(row: StaffLive, zone: str, *, short: bool) -> str:
    """The state in words where the usual word says too little; ``short`` where a button stands beside it."""
    if row.standing is Standing.UNABLE:
        return row.card.reason
    if row.standing is Standing.SUSPECT and row.until is not None and not short:
        return f"疑似已满，{local_datetime(row.until, zone)[11:]} 后再试"
    if row.standing is Standing.LEAVE and row.until is not None:
        return f"休假至 {through(row.until, zone)}"
    return STANDING_LABELS[row.standing]


def _last_text(moment: datetime | None, today: date, zone: str) -> str:
    """The time of today, or the day before that."""
    if moment is None:
        return ""
    day, time = local_datetime(moment, zone, seconds=True).split(" ")
    return time if clock.local_day(moment, zone) == today else day[5:]


def _kpis(found: LiveNow) -> list[Kpi]:
    """The head figures; the line under each says what is in it."""
    used, late = sum(row.used for row in found.staff), sum(row.late for row in found.staff)
    cap, states = sum(row.cap for row in found.staff), Counter(row.standing for row in found.staff)
    longest = max((row.waiting for row in found.staff), default=0)
    away = [f"{STANDING_LABELS[one]} {states[one]}" for one in (Standing.FULL, Standing.LEAVE, Standing.OFFLINE)]
    taken = f"{number(used)}+{number(late)}" if late else number(used)
    visits = _visits(found) if found.counted else []
    return [
        Kpi(
            "可接待",
            number(found.receiving),
            f"/ {number(len(found.staff))} 人",
            definition="下一次扫码可以分配到的客服",
            change="，".join(away),
        ),
        Kpi("等待中", number(found.waiting), "人", definition=WAITING, change=f"最长的一队 {number(longest)} 人"),
        Kpi(
            "今日接待",
            taken,
            f"/ {number(cap)}",
            definition=TAKEN,
            change=f"已用上限的 {percent(ratio(used + late, cap))}",
        ),
        *visits,
    ]


def _visits(found: LiveNow) -> list[Kpi]:
    """The figures of the last five minutes, of the codes whose 流量 the member sees."""
    codes = [code for code in found.codes if code.recent is not None]
    scans, page = sum(code.scans or 0 for code in codes), sum(code.page or 0 for code in codes)
    backup, duty = sum(code.backup or 0 for code in codes), sum(code.duty or 0 for code in codes)
    # A native code never leads to a page of ours: WeCom chooses among its roster (product.md §1.2).
    nobody = sum(code.flow is Flow.FALLBACK and not code.native for code in found.codes)
    return [
        Kpi("扫码", number(scans), basis=RECENT, definition=VISITED, change=f"{len(codes)} 个活码"),
        Kpi("溢出", number(backup + duty), basis=RECENT, definition=OVERFLOW, change=f"备用 {backup}，值班 {duty}"),
        Kpi("兜底页", number(page), basis=RECENT, definition=NOBODY, change=f"现在 {nobody} 个活码无人可接待"),
    ]


TAKEN = "今日占用的名额，+ 后为迟到添加，按全部活码计；/ 后为每日上限之和"
VISITED = "近 5 分钟内客户打开的次数"
OVERFLOW = "近 5 分钟内由备用客服或值班人接待的扫码"
NOBODY = "近 5 分钟内没有人可接待的扫码"
RECENT = "近 5 分钟"
WAITING = "获客链接：已申请未通过；其余：已分配未添加，且在峰值窗口内（默认 5 分钟，取所在活码中最长的）"
