"""跨部门数据共享: departments by metric group, shared with whom, until when, and who sees it because of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST

from livecode_admin.kernel import clock
from livecode_admin.kernel.web.parameters import whole_number
from permissions.access import Denied
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from permissions.metric_groups import METRIC_GROUPS, ON_DASHBOARDS
from permissions.selectors import departments_tree
from permissions.selectors.departments import DepartmentRow
from permissions.selectors.sharing import ShareRow, shareable_departments, shares_list
from permissions.services.sharing import SHARE, ShareRefused, share_take, shares_give
from permissions.sharing_forms import ShareForm


@dataclass(frozen=True)
class MatrixRow:
    """One department with its shares of each metric group, in the order of the columns."""

    department: DepartmentRow
    cells: tuple[tuple[ShareRow, ...], ...]


@requires(SHARE)
@require_http_methods(["GET", "POST"])
def sharing(request: ConsoleRequest) -> HttpResponse:
    """What is shared now; a form sent here shares some groups more or moves their end."""
    access, now = request.access, clock.now()
    departments, others = shareable_departments(access), departments_tree(access)
    form = ShareForm(request.POST or None, departments=departments, others=others)
    if request.method == "POST":
        _refuse_beyond(request, departments, others)
        if form.is_valid() and _given(request, form):
            return HttpResponseRedirect(tenant_url(access, "permissions:sharing"))
    shares = shares_list(access, now=now)
    context = {
        "form": form,
        "groups": [METRIC_GROUPS[name] for name in ON_DASHBOARDS],
        "matrix": matrix(departments, shares),
        "shares": shares,
    }
    return TemplateResponse(request, "permissions/sharing.html", context, status=422 if form.errors else 200)


@requires(SHARE)
@require_POST
def sharing_end(request: ConsoleRequest, share_id: int) -> HttpResponse:
    """Close one share at once. One that is gone, or another company's, is not there."""
    try:
        share_take(access=request.access, share_id=share_id, now=clock.now())
    except LookupError:
        raise Http404 from None
    messages.success(request, "已停止共享")
    return HttpResponseRedirect(tenant_url(request.access, "permissions:sharing"))


def matrix(departments: Sequence[DepartmentRow], shares: Sequence[ShareRow]) -> list[MatrixRow]:
    """The departments with what is shared of each group that dashboards show."""
    found: dict[tuple[int, str], list[ShareRow]] = {}
    for share in shares:
        found.setdefault((share.department_id, share.group), []).append(share)
    return [
        MatrixRow(row, tuple(tuple(found.get((row.id, name), ())) for name in ON_DASHBOARDS)) for row in departments
    ]


def _refuse_beyond(
    request: ConsoleRequest, departments: Sequence[DepartmentRow], others: Sequence[DepartmentRow]
) -> None:
    """Refuse a department that exists and is not the member's to share: it is in no form that they were shown."""
    wanted = whole_number(request.POST.get("department"))
    if wanted in {row.id for row in others} - {row.id for row in departments}:
        raise Denied(SHARE, what="部门")


def _given(request: ConsoleRequest, form: ShareForm) -> bool:
    """Whether what the valid form says was carried out; else the form says why not."""
    try:
        changed = shares_give(
            access=request.access,
            department_id=form.cleaned_data["department"],
            groups=form.cleaned_data["group"],
            with_department_id=form.with_department_id(),
            until=form.end(request.tenant.time_zone),
            now=clock.now(),
        )
    except ShareRefused as refused:
        form.add_error(refused.field, str(refused))
        return False
    except LookupError:
        form.add_error("department", "部门已不存在，请重新选择")
        return False
    messages.success(request, f"已共享 {changed} 组指标" if changed else "已经这样共享，没有修改")
    return True
