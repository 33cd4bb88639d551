"""Pages of reception: the welcome library with its ledger, a code's greeting, customers."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods

from codes.selectors import code_for, held_on
from livecode_admin.kernel import clock
from permissions.access import Denied
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from reception.forms import CodeWelcomeForm, TemplateForm
from reception.selectors import (
    MATCHES,
    customers_list,
    ledger,
    template_for,
    templates,
    welcome_of_code,
    welcome_settable,
)
from reception.services.library import WelcomeRefused, code_welcome_set, template_save

MOST = 100


@requires("welcome.choose", "welcome.library")
@require_GET
def welcomes(request: ConsoleRequest) -> HttpResponse:
    """The library by folder, and how the newest greetings ended."""
    context = {"templates": templates(request.access), "ledger": ledger(request.access)}
    return TemplateResponse(request, "reception/welcomes.html", context)


@requires("welcome.library")
@require_http_methods(["GET", "POST"])
def template_edit(request: ConsoleRequest, template_id: int | None = None) -> HttpResponse:
    """Make or change a template of the library."""
    row = template_for(request.access, template_id) if template_id else None
    if template_id and row is None:
        raise Http404
    initial = {"folder": row.folder, "name": row.name, "text": row.text} if row else {"folder": "通用"}
    form = TemplateForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            template_save(access=request.access, template_id=template_id, now=clock.now(), **form.cleaned_data)
        except WelcomeRefused as refused:
            form.add_error("name" if "同名" in str(refused) else "text", str(refused))
        else:
            messages.success(request, f"已保存欢迎语「{form.cleaned_data['name']}」")
            return HttpResponseRedirect(tenant_url(request.access, "reception:welcomes"))
    return TemplateResponse(request, "reception/template_form.html", {"form": form, "template_row": row})


@requires("welcome.choose")
@require_http_methods(["GET", "POST"])
def code_welcome(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """Choose a code's greeting; free text only for those who may write it."""
    code = code_for(request.access, code_id)
    if not welcome_settable(request.access, code):
        raise Denied("welcome.choose")
    current = welcome_of_code(request.access, code.pk)
    library = templates(request.access)
    free_text = "welcome.write" in held_on(request.access, code.pk, ["welcome.write"])
    if "text" in request.POST and not free_text:
        raise Denied("welcome.write", what="code.welcome_text")
    form = CodeWelcomeForm(
        request.POST or None,
        choices=[(row.pk, f"{row.folder} / {row.name}") for row in library],
        free_text=free_text,
        initial={"template": current.template_id if current else None, "text": current.own_text if current else ""},
    )
    if request.method == "POST" and form.is_valid():
        # Who may not write freely keeps a text that somebody else wrote: the field is not in their form.
        text = form.cleaned_data.get("text", current.own_text if current else "")
        try:
            code_welcome_set(
                access=request.access,
                code_id=code.pk,
                template_id=form.cleaned_data["template"],
                text=text,
                now=clock.now(),
            )
        except WelcomeRefused as refused:
            form.add_error("text", str(refused))
        else:
            messages.success(request, "已保存欢迎语")
            return HttpResponseRedirect(tenant_url(request.access, "console:code", code.pk))
    context = {"form": form, "code": code, "library": library, "current": current}
    return TemplateResponse(request, "reception/code_welcome.html", context)


@requires("customers.view")
@require_GET
def customers(request: ConsoleRequest) -> HttpResponse:
    """The newest customers in the member's scope, filtered by how their add was matched."""
    match = request.GET.get("match", "")
    match = match if match in MATCHES else ""
    context = {"rows": customers_list(request.access, match=match, limit=MOST), "match": match, "most": MOST}
    return TemplateResponse(request, "reception/customers.html", context)
