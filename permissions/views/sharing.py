"""跨部门数据共享: departments by metric group, shared with whom, until when, and who sees it because of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST

from livecode_admin.kernel import clock
from livecode_admin.kernel.web.parameters import whole_number
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from permissions.metric_groups import METRIC_GROUPS, ON_DASHBOARDS
from permissions.selectors import departments_tree
from permissions.selectors.departments import DepartmentRow
from permissions.selectors.sharing import ShareRow, shareable_departments, shares_list
from permissions.services.sharing import ShareRefused, share_give, share_take

COMPANY = "company"
GONE = "部门已不存在，请重新选择"


@dataclass(frozen=True)
class MatrixRow:
    """One department with its shares of each metric group, in the order of the columns."""

    department: DepartmentRow
    cells: tuple[tuple[ShareRow, ...], ...]


@requires("analytics.share")
@require_http_methods(["GET", "POST"])
def sharing(request: ConsoleRequest) -> HttpResponse:
    """What is shared now; a form sent here shares one group more or moves an end."""
    problem = ""
    if request.method == "POST":
        problem = _give(request)
        if not problem:
            return HttpResponseRedirect(tenant_url(request.access, "permissions:sharing"))
    access, now = request.access, clock.now()
    departments, shares = shareable_departments(access), shares_list(access, now=now)
    context = {
        "groups": [(name, METRIC_GROUPS[name]) for name in ON_DASHBOARDS],
        "matrix": matrix(departments, shares),
        "departments": departments,
        "others": departments_tree(access),
        "shares": shares,
        "typed": request.POST,
        "problem": problem,
    }
    return TemplateResponse(request, "permissions/sharing.html", context, status=422 if problem else 200)


@requires("analytics.share")
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


def _give(request: ConsoleRequest) -> str:
    """Share what the form says; what is wrong with it, or nothing."""
    data, access = request.POST, request.access
    department, group, other = whole_number(data.get("department")), data.get("group", ""), data.get("with", "")
    if department is None or group not in ON_DASHBOARDS:
        return "请选择部门和指标"
    if other != COMPANY and whole_number(other) is None:
        return "请选择共享给谁"
    try:
        until = _end(data.get("until", ""), request.tenant.time_zone)
        changed = share_give(
            access=access,
            department_id=department,
            group=group,
            with_department_id=None if other == COMPANY else whole_number(other),
            until=until,
            now=clock.now(),
        )
    except ShareRefused as refused:
        return str(refused)
    except LookupError:
        return GONE
    messages.success(request, "已共享" if changed else "已经这样共享，没有修改")
    return ""


def _end(text: str, zone: str) -> datetime | None:
    """The moment after the last day that the form names; None without one. Raises ShareRefused."""
    if not text:
        return None
    try:
        return clock.day_start(date.fromisoformat(text) + timedelta(days=1), zone)
    except (ValueError, OverflowError):
        raise ShareRefused("请填写正确的结束日期") from None
