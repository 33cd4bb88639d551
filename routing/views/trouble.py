"""People of a roster who add far fewer friends than the others: a part of the code's page."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from codes.selectors import code_to_work_on, held_on
from livecode_admin.kernel import clock
from permissions.guards import ConsoleRequest, requires
from routing.selectors.trouble import roster_trouble
from routing.services.roster import may_cap

# Who is to be looked at is for all who run the roster, by how much is 质量 and 个人明细 (product.md §5.3).
RATES = ("analytics.view", "analytics.quality", "analytics.people")


@requires("codes.view")
@require_GET
def trouble(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """The notes under the roster; empty when there is nothing to say."""
    code_to_work_on(request.access, code_id)
    found = roster_trouble(request.access, code_id, now=clock.now())
    people = [(row, may_cap(request.access, row.card)) for row in found]
    rates = bool(people) and len(held_on(request.access, code_id, RATES)) == len(RATES)
    return TemplateResponse(request, "routing/_trouble.html", {"people": people, "rates": rates})
