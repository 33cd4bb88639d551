"""The caps page: the daily cap and the peak threshold of each colleague, one by one or for a selection."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from livecode_admin.kernel import clock
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from routing.forms.caps import FIELDS, CapsForm, read_caps
from routing.selectors import StaffLoadRow, staff_loads
from routing.services.roster import RosterRefused, may_cap, staff_limits_save


@requires("routing.caps")
@require_http_methods(["GET", "POST"])
def caps(request: ConsoleRequest) -> HttpResponse:
    """The limits of all colleagues beside today's load: fields for those in scope, text for the others."""
    access, now = request.access, clock.now()
    q = request.GET.get("q", "").strip().lower()
    everybody = staff_loads(access, now=now)
    open_ = {row.card.id for row in everybody if may_cap(access, row.card)}
    form, problems = CapsForm(), []
    if request.method == "POST":
        form = read_caps(request.POST, {row.card.id: (row.cap, row.peak) for row in everybody if row.card.id in open_})
        problems = _problems(form, everybody)
        if not problems:
            try:
                count = staff_limits_save(access=access, limits=form.limits, now=now)
            except RosterRefused as refused:
                problems = refused.messages
            else:
                messages.success(request, f"已保存 {count} 位客服的上限，下一次扫码起生效" if count else "没有改动")
                return HttpResponseRedirect(_here(request))
    shown = [row for row in everybody if not q or _found(row, q)]
    context = {
        "people": [_person(row, row.card.id in open_, form) for row in shown],
        "problems": problems,
        "form": form,
        "bulk_error": form.errors.get("bulk") or form.errors.get("all_cap") or form.errors.get("all_peak", ""),
        "q": q,
        "may_any": bool(open_),
        "total": len(everybody),
    }
    return TemplateResponse(request, "routing/caps.html", context, status=422 if problems else 200)


def _problems(form: CapsForm, everybody: Sequence[StaffLoadRow]) -> list[str]:
    """The errors for the summary, with whose they are."""
    of = {f"{name}_{row.card.id}": f"{row.card.name}的{FIELDS[name][0]}" for row in everybody for name in FIELDS}
    return [f"{of[key]}：{text}" if key in of else text for key, text in form.errors.items()]


def _here(request: ConsoleRequest) -> str:
    query = request.GET.urlencode()
    return tenant_url(request.access, "routing:caps") + (f"?{query}" if query else "")


def _found(row: StaffLoadRow, q: str) -> bool:
    card = row.card
    return any(q in text for text in (card.name.lower(), card.pinyin, card.initials, card.department_name.lower()))


def _person(row: StaffLoadRow, open_: bool, form: CapsForm) -> dict[str, object]:
    pk = row.card.id
    return {
        "row": row,
        "open": open_,
        "cap": form.typed.get(f"cap_{pk}", row.cap),
        "peak": form.typed.get(f"peak_{pk}", row.peak),
        "cap_error": form.errors.get(f"cap_{pk}", ""),
        "peak_error": form.errors.get(f"peak_{pk}", ""),
    }
