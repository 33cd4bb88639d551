"""Members from a list: upload, a preview with what is wrong beside each row, then links for all of them."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from livecode_admin.kernel import clock
from livecode_admin.kernel.sheets import SheetRefused, csv_bytes, read_sheet
from livecode_admin.kernel.web.formats import local_datetime
from permissions.arrival_forms import ImportForm, UploadForm
from permissions.confirming import confirmed_to_write
from permissions.guards import ConsoleRequest, requires
from permissions.selectors.arrivals import newcomers_count
from permissions.services.member_import import (
    COLUMNS,
    MOST_ROWS,
    ImportRefused,
    ImportRow,
    Invited,
    import_check,
    members_import,
    read_rows,
)
from permissions.views.invitations import join_url

Row = tuple[int, tuple[str, str, str, str]]


@requires("members.manage")
@confirmed_to_write
@require_http_methods(["GET", "POST"])
def upload(request: ConsoleRequest) -> HttpResponse:
    """Choose a file; what it holds is shown row by row, and nothing is written yet."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            rows = read_rows(read_sheet(file.read(), file.name))
            if not 0 < len(rows) <= MOST_ROWS:
                raise SheetRefused(f"名单要有 1 到 {MOST_ROWS} 人" if rows else "文件里没有成员")
        except SheetRefused as refused:
            form.add_error("file", str(refused))
        else:
            return _preview(request, import_check(request.access, rows, now=clock.now()))
    context = {"form": form, "columns": COLUMNS, "most": MOST_ROWS, "waiting": newcomers_count(request.access)}
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "permissions/import.html", context, status=status)


@never_cache
@requires("members.manage")
@confirmed_to_write
@require_POST
def carry_out(request: ConsoleRequest) -> HttpResponse:
    """Invite everybody of the preview, or nobody; the links are shown, and are there as a CSV file, this once."""
    form = ImportForm(request.POST)
    if not form.is_valid():
        again = UploadForm()
        context: dict[str, Any] = {"form": again, "columns": COLUMNS, "most": MOST_ROWS, "problem": "请重新上传文件"}
        return TemplateResponse(request, "permissions/import.html", context, status=422)
    rows, days = form.cleaned_data["rows"], form.cleaned_data["days"]
    try:
        made = members_import(access=request.access, rows=rows, days=days, now=clock.now())
    except ImportRefused as refused:
        return _preview(request, refused.rows, status=422)
    links = [(one, join_url(request, one.issued)) for one in made]
    file = base64.b64encode(_file(request, links)).decode()
    context = {"links": links, "file": file, "until": made[0].issued.expires_at}
    return TemplateResponse(request, "permissions/import_done.html", context)


def _preview(request: ConsoleRequest, rows: Sequence[ImportRow], status: int = 200) -> HttpResponse:
    sent: list[Row] = [(row.number, (row.name, row.department, row.bundles, row.email)) for row in rows]
    context = {
        "rows": rows,
        "wrong": sum(1 for row in rows if row.errors),
        "form": ImportForm(initial={"rows": json.dumps(sent, ensure_ascii=False)}),
    }
    return TemplateResponse(request, "permissions/import_preview.html", context, status=status)


def _file(request: ConsoleRequest, links: Sequence[tuple[Invited, str]]) -> bytes:
    zone = request.tenant.time_zone
    head = (*COLUMNS, "邀请链接", "有效期至")
    return csv_bytes(
        head,
        [
            (
                one.row.name,
                one.row.department,
                "、".join(one.row.bundle_names),
                one.row.email,
                link,
                local_datetime(one.issued.expires_at, zone),
            )
            for one, link in links
        ],
    )
