"""The roster editor: who receives, in which order, with pauses, caps, weights and hours (product.md §2.10)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from codes.selectors import code_for, held_on
from livecode_admin.kernel import clock
from livecode_admin.kernel.web.page import Crumb
from permissions.access import Denied
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from routing.forms.hours import hours_grid
from routing.forms.roster import May, RosterForm, read_roster, roster_beyond, roster_stamp, stored_form
from routing.selectors import roster_rows
from routing.selectors.compiled import rules_of
from routing.selectors.sources import as_inputs, standing
from routing.services.roster import SEAT_FIELDS, RosterRefused, roster_save
from routing.views.both_versions import ROSTER_ACTIONS, BothVersions, both_versions, chosen
from routing.views.roster_entries import EditorPage, editor_page

WORDS = {
    "head": "拖动排序，按序号轮流接待；每日上限按全部活码计",
    "locked": "只有持有「分流规则」权限的人能修改权重与时段",
    "foot": "平均分配：能接待的客服占比相同；权重在分流方式为「按权重分配」时才生效",
    "saved": "保存后下一次扫码起生效",
    "done": "接待名单已保存，下一次扫码起生效",
}
WEIGHTED = WORDS | {"foot": "占比按能接待的客服的权重计算，合计 100%；备用按序号接替，没有占比"}
LEAST = WORDS | {
    "head": "拖动排序；每日上限按全部活码计",
    "foot": "最少接待优先：谁接待得最少由当日情况决定，没有固定占比；权重在分流方式为「按权重分配」时才生效",
}
# What differs in a native code: WeCom chooses among its roster (product.md §1.2).
NATIVE = {
    "head": "由企业微信在名单内分配；每日上限按全部活码计，可能略有超出",
    "locked": "只有持有「分流规则」权限的人能修改时段",
    "foot": "原生活码不分轮次与权重：名单内能接待的人都在企业微信的二维码里",
    "saved": "保存后更新企业微信中的接待名单",
    "done": "接待名单已保存，正在更新企业微信",
}


@requires("codes.view")
@require_http_methods(["GET", "POST"])
def roster(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """The roster editor for whoever may change anything in it; what somebody may not change is text to them."""
    access, zone = request.access, request.tenant.time_zone
    code = code_for(access, code_id)
    held = held_on(access, code_id, SEAT_FIELDS)
    if not held:
        raise Denied(SEAT_FIELDS[0])
    rows = roster_rows(access, code_id)
    may = May.on(code.delivery, held)
    stored = stored_form(*as_inputs(standing(code_id)))
    stamp = roster_stamp(rows, stored.sources, caps=may.caps)
    now, strategy = clock.now(), rules_of(code_id).strategy
    page = editor_page(access, rows, zone=zone, may=may, strategy=strategy, now=now)
    words = _words(may, strategy)
    form, problems = stored, []
    both: BothVersions | None = None
    if request.method == "POST":
        if missing := roster_beyond(request.POST, stored, held, fresh=chosen(request.POST, stamp)):
            raise Denied(*missing, what="seat")
        form = read_roster(request.POST, rows, stored, zone=zone, may=may)
        problems = page.problems(form)
        if not chosen(request.POST, stamp):
            changes, caps = page.differences(stored, form), form.caps
            both = both_versions(
                access, code_id, ROSTER_ACTIONS, changes=changes, over=stamp, zone=zone, staff_ids=caps
            )
            problems.insert(0, both.told("名单"))
        elif not problems and not request.POST.get("act"):
            problems = _save(request, code_id, page, stored, form)
            if not problems:
                messages.success(request, words["done"])
                return HttpResponseRedirect(tenant_url(access, "console:code", code_id))
    people, backups = page.people(form)
    context = {
        "code": code,
        "may": may,
        "words": words,
        "head": words["head"] if may.roster else words["head"].removeprefix("拖动排序").lstrip("，；"),
        "strategy": strategy,
        "today": clock.local_day(now, zone),
        "problems": problems,
        "both": both,
        # The page keeps what it was opened with until the other's version is given up or chosen over.
        "stamp": request.POST.get("stamp", "") if both else stamp,
        "roster": people,
        "backups": backups,
        "items": page.picker_items(form),
        "grid": hours_grid("grid", None, label="接待时段"),
        "crumbs": [
            Crumb("活码", tenant_url(access, "console:codes")),
            Crumb(code.name, tenant_url(access, "console:code", code_id)),
        ],
    }
    return TemplateResponse(request, "routing/roster.html", context, status=422 if problems else 200)


def _save(request: ConsoleRequest, code_id: int, page: EditorPage, stored: RosterForm, form: RosterForm) -> list[str]:
    """Save what was sent; returns what refuses it. Whoever gets no customers by it is told of."""
    nobody = page.new_nobody(stored, form)
    try:
        roster_save(
            access=request.access,
            code_id=code_id,
            seats=form.seats,
            sources=form.sources,
            caps=form.caps,
            now=page.now,
        )
    except RosterRefused as refused:
        form.errors = refused.fields
        return refused.messages
    for text in nobody:
        messages.warning(request, text)
    return []


def _words(may: May, strategy: str) -> dict[str, str]:
    """What stands around the lists."""
    if not may.weights:
        return NATIVE
    return {"weighted": WEIGHTED, "least_loaded": LEAST}.get(strategy, WORDS)
