"""People of a roster who add far fewer friends than the others: a part of the code's page."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from livecode_admin.kernel import clock
from permissions.guards import ConsoleRequest, requires
from routing.selectors.trouble import roster_trouble
from routing.services.roster import may_cap


@requires("codes.view")
@require_GET
def trouble(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """The notes under the roster; empty when there is nothing to say."""
    found = roster_trouble(request.access, code_id, now=clock.now())
    people = [(row, may_cap(request.access, row.card)) for row in found]
    return TemplateResponse(request, "routing/_trouble.html", {"people": people})
