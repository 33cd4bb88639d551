"""默认权限包: what newcomers of departments and positions are proposed with."""

from __future__ import annotations

import hashlib

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from livecode_admin.kernel import clock
from livecode_admin.kernel.web.parameters import whole_number
from permissions.confirming import confirmed_to_write
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from permissions.selectors.arrivals import DefaultRow, department_defaults, newcomers_count, position_defaults
from permissions.selectors.giving import Offer, bundle_offers
from permissions.selectors.reach import departments_within
from permissions.services.default_bundles import POSITION_LENGTH, default_bundles_set
from permissions.services.handing_out import BundleRefused

DEPARTMENT, POSITION = "department-", "position-"
CHANGED_BY_OTHERS = "默认权限包刚刚被其他人修改过，请核对后再保存一次"


@requires("members.manage")
@confirmed_to_write
@require_http_methods(["GET", "POST"])
def default_bundles(request: ConsoleRequest) -> HttpResponse:
    """All departments and positions with their default bundles, saved together."""
    departments, positions = department_defaults(request.access), position_defaults(request.access)
    problem = ""
    if request.method == "POST":
        problem = _save(request, departments, positions)
        if not problem:
            return HttpResponseRedirect(tenant_url(request.access, "permissions:default-bundles"))
    offers = bundle_offers(request.access)
    context = {
        "departments": [(row, _choices(row, offers)) for row in departments],
        "positions": [(row, _choices(row, offers)) for row in positions],
        "company_wide": departments_within(request.access) is None,
        "offers": [offer for offer in offers if not offer.lacks],
        "stamp": _stamp(departments, positions),
        "problem": problem,
        "typed": request.POST.get("new_position", ""),
        "waiting": newcomers_count(request.access),
    }
    return TemplateResponse(request, "permissions/default_bundles.html", context, status=422 if problem else 200)


def _save(request: ConsoleRequest, departments: list[DefaultRow], positions: list[DefaultRow]) -> str:
    """Save what was sent; what is wrong, or nothing."""
    data = request.POST
    if data.get("stamp") != _stamp(departments, positions):
        return CHANGED_BY_OTHERS
    sent = {pk: data[f"{DEPARTMENT}{pk}"] for pk in map(_id, data) if pk is not None}
    by_name = {row.label: data.get(f"{POSITION}{number}", row.bundle_key) for number, row in enumerate(positions)}
    name, key = data.get("new_position", "").strip(), data.get("new_bundle", "")
    if bool(name) != bool(key):
        return "新职务要同时填写名称并选择角色权限包"
    if len(name) > POSITION_LENGTH:
        return f"职务名称最多 {POSITION_LENGTH} 个字"
    if name:
        by_name[name] = key
    try:
        count = default_bundles_set(access=request.access, departments=sent, positions=by_name, now=clock.now())
    except BundleRefused as refused:
        return f"您不能授予或取消「{refused.what}」，缺少：{refused.lacks}"
    except LookupError:
        return "部门或角色权限包已不存在，请核对后再保存一次"
    messages.success(request, f"已修改 {count} 处默认权限包" if count else "没有需要保存的修改")
    return ""


def _id(name: str) -> int | None:
    return whole_number(name.removeprefix(DEPARTMENT)) if name.startswith(DEPARTMENT) else None


def _choices(row: DefaultRow, offers: list[Offer]) -> list[tuple[str, str, bool]]:
    """(key, name, chosen): what the member may hand out, and what is set already."""
    held = [offer for offer in offers if not offer.lacks or offer.key == row.bundle_key]
    return [(offer.key, offer.name, offer.key == row.bundle_key) for offer in held]


def _stamp(departments: list[DefaultRow], positions: list[DefaultRow]) -> str:
    """What was set when the page was opened."""
    told = [(row.key, row.bundle_key) for row in departments], [(row.key, row.bundle_key) for row in positions]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
