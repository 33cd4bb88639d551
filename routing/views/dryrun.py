"""试算 of what is published, for those who plan and change nothing (routing.plan)."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from codes.selectors import code_to_act_on
from livecode_admin.kernel import clock
from livecode_admin.kernel.web.page import Crumb
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from routing.forms.tryout import question_form, read_question
from routing.rules.regions import regions_known
from routing.selectors.rules import rule_facts
from routing.selectors.tryout import try_out


@requires("routing.plan")
@require_GET
def dryrun(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """What the stored rules would do with the scans that the address names; without any, the empty form."""
    access, now, zone = request.access, clock.now(), request.tenant.time_zone
    code = code_to_act_on(access, code_id, "routing.plan")
    asked = "try_scans" in request.GET
    question = read_question(request.GET, now, zone) if asked else question_form(now, zone)
    native = code.delivery == "native"
    result = try_out(code, question.question, now=now) if asked and question.question and not native else None
    context = {
        "code": code,
        "question": question,
        "result": result,
        "problems": list(question.errors.values()),
        "native": native,
        "facts": rule_facts(access, code_id),
        "regions_known": regions_known(),
        "crumbs": [
            Crumb("活码", tenant_url(access, "console:codes")),
            Crumb(code.name, tenant_url(access, "console:code", code_id)),
        ],
    }
    return TemplateResponse(request, "routing/dryrun.html", context)
