"""The roster editor: who receives, in which order, with pauses, caps, weights and hours (product.md §2.10)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from codes.selectors import code_for, held_on
from livecode_admin.kernel import clock
from livecode_admin.kernel.web.page import Crumb
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from routing.forms.hours import hours_grid
from routing.forms.roster import May, read_roster, roster_stamp, stored_form
from routing.rules.rulewords import Change
from routing.selectors import roster_rows
from routing.selectors.compiled import rules_of
from routing.selectors.sources import as_inputs, standing
from routing.services.roster import RosterRefused, roster_save
from routing.views.roster_entries import editor_page

CHANGED_BY_OTHERS = "名单刚刚被其他人修改过：下面是您的版本，请核对后再保存一次"


@requires("routing.roster")
@require_http_methods(["GET", "POST"])
def roster(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """The roster editor; caps, weights and hours are fields for those who may change them and text for others."""
    access, zone = request.access, request.tenant.time_zone
    code = code_for(access, code_id)
    rows = roster_rows(access, code_id)
    held = held_on(access, code_id, ("routing.caps", "routing.rules"))
    may = May(caps="routing.caps" in held, rules="routing.rules" in held)
    stored = stored_form(*as_inputs(standing(code_id)))
    stamp = roster_stamp(rows, stored.sources)
    page = editor_page(access, rows, zone=zone, may=may)
    form, problems = stored, []
    differences: list[Change] = []
    if request.method == "POST":
        form = read_roster(request.POST, rows, zone=zone, may=may)
        problems = form.problems
        if request.POST.get("stamp") != stamp:
            problems.insert(0, CHANGED_BY_OTHERS)
            differences = page.differences(stored, form)
        elif not problems and not request.POST.get("act"):
            try:
                roster_save(
                    access=access,
                    code_id=code_id,
                    seats=form.seats,
                    sources=form.sources,
                    caps=form.caps,
                    now=clock.now(),
                )
            except RosterRefused as refused:
                form.errors, problems = refused.fields, refused.messages
            else:
                messages.success(request, "接待名单已保存，下一次扫码起生效")
                return HttpResponseRedirect(tenant_url(access, "console:code", code_id))
    people, backups = page.people(form)
    context = {
        "code": code,
        "may": may,
        "weighted": rules_of(code_id).strategy == "weighted",
        "problems": problems,
        "differences": differences,
        "stamp": stamp,
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
