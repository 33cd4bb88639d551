"""Work on the selected codes: first what would happen, then what happened, row by row (product.md §1.9)."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBadRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from codes.listing import code_ids
from codes.rules import MAX_MONTHS, bulk_renewal_warnings
from codes.selectors import code_cards
from livecode_admin.console.filters import filters_from
from livecode_admin.console.services import ACTIONS, batch_apply, batch_capability, batch_preview
from livecode_admin.kernel import clock
from livecode_admin.kernel.web.parameters import whole_number, whole_numbers
from permissions.access import Denied
from permissions.guards import ConsoleRequest, requires

AT_ONCE = 500


@requires("codes.view")
@require_POST
def batch(request: ConsoleRequest) -> HttpResponse:
    """The dialog of one action over the selection; with ``confirm`` it is done and the results are shown."""
    action = request.POST.get("do") or request.GET.get("do", "")
    if action not in ACTIONS:
        return HttpResponseBadRequest("未知的操作")
    if not request.access.may_enter(batch_capability(action)):
        raise Denied(batch_capability(action))
    now = clock.now()
    selected = _selected(request)
    ids = selected[:AT_ONCE]
    months = _months(request.POST.get("months", "3"))
    context: dict[str, object] = {"do": action, "label": ACTIONS[action], "ids": ids, "months": months or 3}
    if request.POST.get("confirm") and not (action == "renew" and months is None):
        rows = batch_apply(access=request.access, code_ids=ids, action=action, months=months or 0, now=now)
        context["results"] = rows
    else:
        rows = batch_preview(access=request.access, code_ids=ids, action=action, now=now)
        purposes = [card.purpose for card in code_cards(ids).values()]
        warnings = bulk_renewal_warnings(purposes) if action == "renew" else []
        if len(selected) > AT_ONCE:
            warnings.append(f"一次最多处理 {AT_ONCE} 个，另外 {len(selected) - AT_ONCE} 个请稍后再选")
        context["warnings"] = warnings
        context["error"] = f"请填写 1 至 {MAX_MONTHS} 个月" if request.POST.get("confirm") else ""
    context["done"] = [row for row in rows if row.done]
    context["left"] = [row for row in rows if not row.done]
    return TemplateResponse(request, "console/_batch.html", context)


def _selected(request: ConsoleRequest) -> list[int]:
    """The ids of the selection, or of the whole filter result when all of it was chosen."""
    if request.POST.get("all") == "1":
        filters = filters_from(request.POST.get("query", ""))
        return code_ids(request.access, filters, now=clock.now())
    return whole_numbers(request.POST.getlist("ids"))


def _months(text: str) -> int | None:
    months = whole_number(text)
    return months if months is not None and 1 <= months <= MAX_MONTHS else None
