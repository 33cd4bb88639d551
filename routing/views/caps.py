"""The caps page: daily cap, peak threshold and leave of each colleague, one by one or for a selection."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from livecode_admin.kernel import clock
from livecode_admin.kernel.web.parameters import whole_numbers
from permissions.access import Denied
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from routing.forms.caps import FIELDS, CapsForm, caps_beyond, read_caps, read_leaves
from routing.forms.roster import pause_day
from routing.selectors import StaffLoadRow, staff_loads
from routing.services.caps import may_leave
from routing.services.roster import RosterRefused, may_cap, staff_limits_save
from tenants.selectors import tenant_facts

BULK = ("bulk", "all_cap", "all_peak", "all_leave")


@requires("routing.caps")
@require_http_methods(["GET", "POST"])
def caps(request: ConsoleRequest) -> HttpResponse:
    """The limits of all colleagues beside today's load: fields for those in scope, text for the others."""
    access, now = request.access, clock.now()
    q = request.GET.get("q", "").strip().lower()
    everybody = staff_loads(access, now=now)
    open_ = {row.card.id for row in everybody if may_cap(access, row.card)}
    leaving = {row.card.id: row.leave_until for row in everybody if may_leave(access, row.card)}
    zone = tenant_facts().time_zone
    form, problems = CapsForm(), []
    if request.method == "POST":
        if missing := caps_beyond(request.POST, open_, leaving):
            raise Denied(*missing, what="staff")
        form = read_caps(request.POST, {row.card.id: (row.cap, row.peak) for row in everybody if row.card.id in open_})
        read_leaves(request.POST, form, leaving, zone=zone, now=now)
        problems = _problems(form, everybody)
        if not problems:
            try:
                count = staff_limits_save(access=access, limits=form.limits, now=now)
            except RosterRefused as refused:
                problems = refused.messages
            else:
                messages.success(request, f"已保存 {count} 位客服的设置，下一次扫码起生效" if count else "没有改动")
                _tell_refused(request, everybody, open_)
                return HttpResponseRedirect(_here(request))
    shown = [row for row in everybody if not q or _found(row, q)]
    context = {
        "people": [_person(row, row.card.id in open_, row.card.id in leaving, form, zone) for row in shown],
        "problems": problems,
        "form": form,
        "bulk_error": next((form.errors[key] for key in BULK if key in form.errors), ""),
        "q": q,
        "may_any": bool(open_),
        "may_leave": bool(leaving),
        "total": len(everybody),
    }
    return TemplateResponse(request, "routing/caps.html", context, status=422 if problems else 200)


def _tell_refused(request: ConsoleRequest, everybody: Sequence[StaffLoadRow], open_: Collection[int]) -> None:
    """Name those of a selection whom the member may not change; nothing was done to them."""
    asked = whole_numbers(request.POST.getlist("ids")) if "bulk" in request.POST else []
    names = {row.card.id: row.card.name for row in everybody}
    refused = [names.get(pk, f"编号 {pk}") for pk in dict.fromkeys(asked) if pk not in open_]
    if refused:
        messages.warning(request, f"没有权限，未改动：{'、'.join(refused)}")


def _problems(form: CapsForm, everybody: Sequence[StaffLoadRow]) -> list[str]:
    """The errors for the summary, with whose they are."""
    of = {f"{name}_{row.card.id}": f"{row.card.name}的{FIELDS[name][0]}" for row in everybody for name in FIELDS}
    of |= {f"leave_{row.card.id}": f"{row.card.name}的休假" for row in everybody}
    return [f"{of[key]}：{text}" if key in of else text for key, text in form.errors.items()]


def _here(request: ConsoleRequest) -> str:
    query = request.GET.urlencode()
    return tenant_url(request.access, "routing:caps") + (f"?{query}" if query else "")


def _found(row: StaffLoadRow, q: str) -> bool:
    card = row.card
    return any(q in text for text in (card.name.lower(), card.pinyin, card.initials, card.department_name.lower()))


def _person(row: StaffLoadRow, open_: bool, leave_open: bool, form: CapsForm, zone: str) -> dict[str, object]:
    pk, leave = row.card.id, pause_day(row.leave_until, zone)
    return {
        "row": row,
        "open": open_,
        "leave_open": leave_open,
        "leave": form.typed.get(f"leave_{pk}", leave),
        "leave_was": leave,
        "leave_error": form.errors.get(f"leave_{pk}", ""),
        "cap": form.typed.get(f"cap_{pk}", row.cap),
        "peak": form.typed.get(f"peak_{pk}", row.peak),
        "cap_error": form.errors.get(f"cap_{pk}", ""),
        "peak_error": form.errors.get(f"peak_{pk}", ""),
    }
