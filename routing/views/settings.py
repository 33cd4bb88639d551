"""接待设置: what holds for all codes of the company, and its calendar (product.md §1.5, §2.2, §2.5)."""

from __future__ import annotations

import hashlib
from datetime import date

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from livecode_admin.kernel import clock
from livecode_admin.kernel.web.page import PickerItem
from people.selectors import staff_for_picker, staff_item
from permissions.access import Denied
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from routing.forms.defaults import DefaultsForm
from routing.rules.calendars import calendar_read
from routing.selectors.defaults import calendar_rows, defaults_now, following_codes
from routing.selectors.rules import code_ids_named, default_words, fallback_choices
from routing.services.defaults import calendar_add, calendar_remove, defaults_set, require_defaults
from routing.services.rules import RuleRefused

PASTE_MAX = 20_000


@requires("routing.rules")
@require_http_methods(["GET", "POST"])
def reception(request: ConsoleRequest) -> HttpResponse:
    """Duty person, fallback, 换一位, friends from outside; the calendar beside them."""
    require_defaults(request.access)
    may_fallback = request.access.can("tenant.settings")
    if not may_fallback and {"fallback", "fallback_code"} & request.POST.keys():
        raise Denied("tenant.settings", what="tenant.fallback")
    form = DefaultsForm(request.POST or None, initial=defaults_now(), may_fallback=may_fallback)
    if request.method == "POST" and form.is_valid() and request.POST.get("stamp", _stamp()) != _stamp():
        form.conflict(_stored_words())
    elif request.method == "POST" and form.is_valid():
        changes = form.changes(code_ids_named(request.access, request.POST.get("fallback_code", "")))
        try:
            if not form.errors:
                job_id = defaults_set(access=request.access, now=clock.now(), **changes)
                messages.success(request, "接待设置已保存，下一次扫码起生效")
                back = tenant_url(request.access, "routing:settings")
                return HttpResponseRedirect(f"{back}?job={job_id}" if job_id is not None else back)
        except RuleRefused as refused:
            form.refuse(refused.where)
    return _page(request, form)


@requires("routing.rules")
@require_http_methods(["GET", "POST"])
def calendar(request: ConsoleRequest) -> HttpResponse:
    """Add the pasted lines (``days``), or take out the days that were chosen (``remove``).

    A browser stays at this address after lines that couldn't be read: asked for again, it leads to the page.
    """
    access, now = request.access, clock.now()
    require_defaults(access)
    back = HttpResponseRedirect(tenant_url(access, "routing:settings") + "#calendar")
    if request.method == "GET":
        return back
    removed = [day for text in request.POST.getlist("remove") if (day := _day(text)) is not None]
    if removed:
        count = calendar_remove(access=access, days=removed, now=now)
        messages.success(request, f"已删除 {count} 天")
        return back
    typed = request.POST.get("days", "")[:PASTE_MAX]
    entries, errors = calendar_read(typed)
    if not entries and not errors:
        errors = ["请填写至少一行，如 2026-10-01 国庆"]
    if errors:
        may_fallback = access.can("tenant.settings")
        form = DefaultsForm(initial=defaults_now(), may_fallback=may_fallback)
        return _page(request, form, typed=typed, errors=errors)
    count = calendar_add(access=access, entries=entries, now=now)
    messages.success(request, f"日历已更新 {count} 天，下一次扫码起生效" if count else "日历没有改动")
    return back


def _page(
    request: ConsoleRequest, form: DefaultsForm, *, typed: str = "", errors: list[str] | None = None
) -> HttpResponse:
    access, now = request.access, clock.now()
    today = clock.local_day(now, request.tenant.time_zone)
    job = request.GET.get("job", "")
    context = {
        "form": form,
        "duty_items": _duty_items(request, form),
        "default": default_words(),
        "stamp": _stamp(),
        "may_fallback": "fallback" in form.fields,
        "fallback_names": fallback_choices(access, None) if "fallback" in form.fields else [],
        "following": following_codes(),
        "days": calendar_rows(today),
        "typed": typed,
        "day_errors": errors or [],
        "job_url": tenant_url(access, "workspace:job", int(job)) if job.isdecimal() and len(job) < 18 else "",
    }
    return TemplateResponse(request, "routing/settings.html", context, status=422 if errors or form.errors else 200)


def _stamp() -> str:
    """What the settings were when the page was opened, so that two people editing them are told."""
    return hashlib.sha256(repr(sorted(defaults_now().items())).encode()).hexdigest()[:16]


def _stored_words() -> dict[str, str]:
    """The stored settings in words, by field of the form."""
    stored, words = defaults_now(), default_words()
    switches = {name: "开" if stored[name] else "关" for name in ("swap_allowed", "outside_count")}
    named = {"fallback": words.fallback, "fallback_code": words.fallback}
    return switches | named | {"duty": words.duty or "不设置"}


def _duty_items(request: ConsoleRequest, form: DefaultsForm) -> list[PickerItem]:
    chosen = str(form["duty"].value() or "")
    nobody = PickerItem("", "不设置", search="不设置", chosen=not chosen)
    return [nobody, *(staff_item(card, chosen=str(card.id) == chosen) for card in staff_for_picker(request.access))]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
