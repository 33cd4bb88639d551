"""Pages of folders and channels: how codes are filed and where they hang."""

from __future__ import annotations

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST

from codes.forms import ChannelForm, FolderForm, FolderRenameForm
from codes.rules import Refused
from codes.selectors import channels as channel_rows
from codes.selectors import folders as folder_rows
from codes.services import channel_create, channel_update, folder_create, folder_rename
from livecode_admin.kernel import clock
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url


@requires("codes.organize")
@require_http_methods(["GET", "POST"])
def folders(request: ConsoleRequest) -> HttpResponse:
    """The tree of folders, and a new one."""
    rows = folder_rows(request.access)
    form = FolderForm(request.POST or None, parents=[(row.id, row.path) for row in rows])
    if request.method == "POST" and form.is_valid():
        try:
            folder_create(access=request.access, now=clock.now(), **form.cleaned_data)
        except Refused as refused:
            _beside(form, refused)
        else:
            return _saved(request, f"已新建分类「{form.cleaned_data['name']}」", "codes:folders")
    status = 422 if form.errors else 200
    return TemplateResponse(request, "codes/folders.html", {"rows": rows, "form": form}, status=status)


@requires("codes.organize")
@require_POST
def folder(request: ConsoleRequest, folder_id: int) -> HttpResponse:
    """Another name for a folder."""
    if all(row.id != folder_id for row in folder_rows(request.access)):
        raise Http404
    form = FolderRenameForm(request.POST)
    try:
        if form.is_valid():
            folder_rename(access=request.access, folder_id=folder_id, name=form.cleaned_data["name"], now=clock.now())
    except Refused as refused:
        _beside(form, refused)
    return _answered(request, form, "已保存分类", "codes:folders")


@requires("codes.organize")
@require_http_methods(["GET", "POST"])
def channels(request: ConsoleRequest) -> HttpResponse:
    """The channels, and a new one."""
    form = ChannelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            channel_create(access=request.access, now=clock.now(), **form.cleaned_data)
        except Refused as refused:
            _beside(form, refused)
        else:
            return _saved(request, f"已新建渠道「{form.cleaned_data['name']}」", "codes:channels")
    context = {"rows": channel_rows(request.access), "form": form}
    return TemplateResponse(request, "codes/channels.html", context, status=422 if form.errors else 200)


@requires("codes.organize")
@require_POST
def channel(request: ConsoleRequest, channel_id: int) -> HttpResponse:
    """Another name or cost for a channel."""
    if all(row.id != channel_id for row in channel_rows(request.access)):
        raise Http404
    form = ChannelForm(request.POST)
    try:
        if form.is_valid():
            channel_update(access=request.access, channel_id=channel_id, now=clock.now(), **form.cleaned_data)
    except Refused as refused:
        _beside(form, refused)
    return _answered(request, form, "已保存渠道", "codes:channels")


def _beside(form: Form, refused: Refused) -> None:
    """The refusal stands beside its field, or over the form when the form has no such field."""
    form.add_error(refused.field if refused.field in form.fields else None, refused.message)


def _answered(request: ConsoleRequest, form: Form, said: str, page: str) -> HttpResponse:
    """Back to the list, with what was saved or what is wrong."""
    if not form.errors:
        return _saved(request, said, page)
    for errors in form.errors.values():
        messages.error(request, f"没有保存：{errors[0]}")
    return HttpResponseRedirect(tenant_url(request.access, page))


def _saved(request: ConsoleRequest, said: str, page: str) -> HttpResponse:
    messages.success(request, said)
    return HttpResponseRedirect(tenant_url(request.access, page))
