"""Downloads of a code's QR, and what is done to one code from its page: pause, resume, renew, retire."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.http import content_disposition_header, url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods

from codes import qr
from codes.forms import RenewForm
from codes.models import LiveCode
from codes.rules import Refused, renewed_end
from codes.selectors import code_for, code_to_act_on, printed_text
from codes.services import code_pause, code_renew, code_resume, code_retire
from livecode_admin.kernel import clock
from livecode_admin.kernel.web.formats import local_date
from livecode_admin.kernel.web.parameters import whole_number
from permissions.guards import ConsoleRequest, requires

# What each action is called, what it means for the next scan, and what is said when it is done.
WORDS = {
    "pause": ("暂停", "暂停后，下一次扫码起引导到企业兜底页，可随时恢复。", "已暂停「{name}」"),
    "resume": ("恢复", "恢复后，下一次扫码起按当前接待名单分配。", "已恢复「{name}」"),
    "retire": (
        "归档",
        "归档后扫码会引导到企业兜底页，不能恢复使用；短码永久保留。",
        "已归档「{name}」",
    ),
    "renew": ("延长期限", "从今天与原到期日中较晚者起算，到当日结束。", "已将「{name}」延长至 {until}"),
}


@requires("codes.download")
@require_GET
def qr_png(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """The QR as PNG, to print or, with ``?inline=1``, to show; ``?px=`` is the width of one module, 1 to 64."""
    code = code_for(request.access, code_id, "codes.download")
    asked = whole_number(request.GET.get("px"))
    module_px = qr.MODULE_PX if asked is None else min(max(asked, 1), qr.MAX_MODULE_PX)
    return _file(request, code, qr.png_bytes(_printed(request, code), module_px), "png", "image/png")


def _printed(request: ConsoleRequest, code: LiveCode) -> str:
    """What is printed. Raises Http404 for a native code whose QR WeCom has not made yet."""
    text = printed_text(request.tenant, code)
    if not text:
        raise Http404("原生二维码生成中")
    return text


@requires("codes.download")
@require_GET
def qr_svg(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """The QR as SVG, sharp at any size."""
    code = code_for(request.access, code_id, "codes.download")
    text = qr.svg_text(_printed(request, code))
    return _file(request, code, text.encode(), "svg", "image/svg+xml")


@requires("codes.pause")
@require_http_methods(["GET", "POST"])
def pause(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """Ask, then pause."""
    return _act(request, code_id, "pause", "codes.pause", code_pause)


@requires("codes.pause")
@require_http_methods(["GET", "POST"])
def resume(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """Ask, then resume."""
    return _act(request, code_id, "resume", "codes.pause", code_resume)


@requires("codes.retire")
@require_http_methods(["GET", "POST"])
def retire(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """Ask, then retire."""
    return _act(request, code_id, "retire", "codes.retire", code_retire)


@requires("codes.renew")
@require_http_methods(["GET", "POST"])
def renew(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """Ask for how long, showing the new end beforehand; then renew."""
    code = code_to_act_on(request.access, code_id, "codes.renew")
    form = RenewForm(request.POST or None)
    now, zone = clock.now(), request.tenant.time_zone
    if request.method == "POST" and form.is_valid():
        months = form.cleaned_data["months"]
        try:
            until = code_renew(access=request.access, code_id=code_id, months=months, now=now)
        except Refused as refused:
            form.add_error("months", refused.message)
        else:
            return _done(request, code, WORDS["renew"][2].format(name=code.name, until=local_date(until, zone)))
    context = _context(code, "renew") | {"form": form, "ends": []}
    if code.expires_at is not None:
        ends = ((m, renewed_end(old_end=code.expires_at, now=now, zone=zone, months=m)) for m in (1, 3, 6, 12))
        context["ends"] = [(m, local_date(end, zone)) for m, end in ends]
    return TemplateResponse(request, "codes/_renew.html", context, status=_status(request))


def _act(
    request: ConsoleRequest, code_id: int, action: str, capability: str, service: Callable[..., None]
) -> HttpResponse:
    """The dialog on GET; the action on POST."""
    code = code_to_act_on(request.access, code_id, capability)
    context = _context(code, action)
    if request.method == "POST":
        try:
            service(access=request.access, code_id=code_id, now=clock.now())
        except Refused as refused:
            context["error"] = refused.message
        else:
            return _done(request, code, WORDS[action][2].format(name=code.name))
    return TemplateResponse(request, "codes/_act.html", context, status=_status(request))


def _context(code: LiveCode, action: str) -> dict[str, object]:
    title, meaning, _ = WORDS[action]
    return {"code": code, "title": title, "meaning": meaning, "action_url_name": f"codes:{action}", "action": action}


def _status(request: ConsoleRequest) -> int:
    """htmx swaps only answers of success; without it a refused form is 422."""
    return 200 if request.method == "GET" or request.htmx else 422


def _done(request: ConsoleRequest, code: LiveCode, said: str) -> HttpResponse:
    """Say what was done, on the page where it was asked: the list or the code's own."""
    messages.success(request, said)
    if request.htmx:
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    back = request.POST.get("next", "")
    own_page = f"/t/{request.access.tenant_slug}/codes/{code.pk}/"
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(back if safe else own_page)


def _file(request: ConsoleRequest, code: LiveCode, body: bytes, suffix: str, content_type: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=content_type)
    name = "".join(char for char in code.name if char not in '\\/:*?"<>|' and char.isprintable())
    attached = request.GET.get("inline") != "1"
    answer["Content-Disposition"] = content_disposition_header(attached, f"{name}-{code.slug}.{suffix}") or ""
    answer["Cache-Control"] = "private, no-store"
    return answer
