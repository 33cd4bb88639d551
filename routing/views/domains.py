"""入口域名 and 落地域名, their verification files, and how they answer (product.md §1.12)."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST

from codes.addresses import host_of
from livecode_admin.kernel import clock
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from routing.forms.domains import DomainForm
from routing.rules.domains import FILE_BYTES
from routing.selectors.domains import domain_rows, verification_files
from routing.services.domains import (
    DomainRefused,
    domains_set,
    verification_file_put,
    verification_file_remove,
)
from tenants.tasks import enqueue_on_commit


@requires("tenant.settings")
@require_http_methods(["GET", "POST"])
def domains(request: ConsoleRequest) -> HttpResponse:
    """Both hosts, how they answered, and the files."""
    facts = request.tenant
    form = DomainForm(
        request.POST or None, initial={"entry_host": facts.entry_host, "landing_host": facts.landing_host}
    )
    if request.method == "POST" and form.is_valid() and request.POST.get("stamp", _stamp(request)) != _stamp(request):
        for field in form.changed_data:
            form.add_error(field, f"刚刚被其他人改为「{form.initial[field] or '空'}」，再保存一次即以您填写的为准")
        if not form.changed_data:
            return HttpResponseRedirect(tenant_url(request.access, "routing:domains"))
    elif request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            changed = domains_set(
                access=request.access,
                entry_host=data["entry_host"],
                landing_host=data["landing_host"],
                now=clock.now(),
            )
        except DomainRefused as refused:
            for field, text in refused.errors.items():
                form.add_error(field, text)
        else:
            if changed:
                enqueue_on_commit("routing.tasks.domains.probe_tenant", tenant_id=request.access.tenant_id)
            messages.success(request, "域名已保存，30 秒内生效，正在检测" if changed else "没有改动")
            return HttpResponseRedirect(tenant_url(request.access, "routing:domains"))
    return _page(request, form, "")


@requires("tenant.settings")
@require_POST
def check(request: ConsoleRequest) -> HttpResponse:
    """Probe the hosts now, in the background."""
    enqueue_on_commit("routing.tasks.domains.probe_tenant", tenant_id=request.access.tenant_id)
    messages.success(request, "正在检测，结果会在几秒后显示，请刷新本页")
    return HttpResponseRedirect(tenant_url(request.access, "routing:domains"))


@requires("tenant.settings")
@require_POST
def file_add(request: ConsoleRequest) -> HttpResponse:
    """Keep one verification file."""
    sent = request.FILES.get("file")
    problem = "" if sent is not None and not isinstance(sent, list) else "请先选择文件"
    if not problem and sent is not None:
        try:
            # One byte more than is allowed tells a file that is too long; the rest is never read.
            content = sent.read(FILE_BYTES + 1)
            verification_file_put(access=request.access, name=sent.name or "", content=content, now=clock.now())
        except DomainRefused as refused:
            problem = refused.errors["file"]
        else:
            messages.success(request, f"已上传 {sent.name}，30 秒内可以访问")
            return HttpResponseRedirect(tenant_url(request.access, "routing:domains"))
    facts = request.tenant
    form = DomainForm(initial={"entry_host": facts.entry_host, "landing_host": facts.landing_host})
    return _page(request, form, problem)


@requires("tenant.settings")
@require_POST
def file_remove(request: ConsoleRequest, file_id: int) -> HttpResponse:
    """Take one verification file away."""
    name = verification_file_remove(access=request.access, file_id=file_id, now=clock.now())
    messages.success(request, f"已删除 {name}")
    return HttpResponseRedirect(tenant_url(request.access, "routing:domains"))


def _stamp(request: ConsoleRequest) -> str:
    """Both hosts as they are stored, so that two people editing them are told."""
    return f"{request.tenant.entry_host} {request.tenant.landing_host}"


def _page(request: ConsoleRequest, form: DomainForm, file_problem: str) -> HttpResponse:
    rows = domain_rows(request.access)
    context = {
        "form": form,
        "stamp": _stamp(request),
        "rows": rows,
        "files": verification_files(request.access),
        "file_problem": file_problem,
        "file_base": f"https://{rows[-1].host}/" if rows else "",
        "target": host_of(settings.ENTRY_URL.partition("://")[2].partition("/")[0]),
    }
    refused = bool(form.errors or file_problem)
    return TemplateResponse(request, "routing/domains.html", context, status=422 if refused else 200)
