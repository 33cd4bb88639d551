"""测试扫码: from the code's page to the customer's page of now (product.md §1.8)."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET

from codes.selectors import code_to_work_on, entry_url
from livecode_admin.kernel import clock
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from routing.edge.tokens import trial_token


@requires("codes.view")
@require_GET
def trial(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """Send on to the edge with a token that is good for ten minutes; the edge writes nothing for it."""
    code = code_to_work_on(request.access, code_id)
    if code.delivery == "native":
        # What is printed is WeCom's own QR, which no page of ours stands before (product.md §1.2).
        messages.info(request, "原生活码打开的是企业微信的添加页，请用微信扫码测试")
        return HttpResponseRedirect(tenant_url(request.access, "console:code", code_id))
    query = urlencode({"test": trial_token(code.slug, clock.now().timestamp())})
    return HttpResponseRedirect(f"{entry_url(request.tenant, code.slug)}?{query}")
