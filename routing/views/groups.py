"""客服分组: groups of staff, filled by drag, by hand, by a list, or by a department (product.md §2.11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST

from livecode_admin.kernel import clock
from livecode_admin.kernel.web.page import Crumb, PickerItem
from people.selectors import GroupRow, StaffCard, group_for, groups_list, staff_item, staff_rows
from people.services import GroupRefused, group_create, group_rename
from permissions.access import Access, Scope
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from permissions.selectors import DepartmentRow, departments_tree
from routing.forms.groups import GroupForm, group_stamp, read_group
from routing.selectors.groups import GroupImpact, group_impact, group_uses
from routing.services.groups import group_department_save, group_people_save, group_remove


@requires("staff.manage")
@require_http_methods(["GET", "POST"])
def groups(request: ConsoleRequest) -> HttpResponse:
    """All groups with their people; a new one is made here."""
    access = request.access
    name, error = request.POST.get("name", ""), ""
    if request.method == "POST":
        try:
            made = group_create(access=access, name=name, now=clock.now())
        except GroupRefused as refused:
            error = refused.message
        else:
            messages.success(request, "已新建分组，现在添加客服")
            return HttpResponseRedirect(tenant_url(access, "routing:group", made))
    rows, staff = groups_list(access), _movable(request)
    uses = group_uses([row.id for row in rows])
    context = {
        "groups": [(row, uses[row.id]) for row in rows],
        "staff": staff,
        "movable": {card.id for card in staff},
        "name": name,
        "error": error,
    }
    return TemplateResponse(request, "routing/groups.html", context, status=422 if error else 200)


@requires("staff.manage")
@require_http_methods(["GET", "POST"])
def group(request: ConsoleRequest, group_id: int) -> HttpResponse:
    """One group: name and people. What a change does to codes is told first, and done when that is confirmed."""
    row, staff = group_for(request.access, group_id), _movable(request)
    form = GroupForm(row.name, row.department_id, row.staff_ids)
    if request.method == "POST":
        form = read_group(request.POST, request.FILES.get("file"), row, staff)
        if not form.errors:
            impact = _impact(request, row, form)
            if impact is not None and (impact.codes or impact.hidden) and "confirm" not in request.POST:
                return _preview(request, row, form, impact)
            try:
                changed = _save(request, row, form)
            except GroupRefused as refused:
                form.errors[refused.field or "people"] = refused.message
            else:
                also = f"，{changed} 个活码的名单已跟着调整" if changed else ""
                messages.success(request, f"分组「{form.name}」已保存{also}")
                return _leave(request)
    return _page(request, row, form, staff)


@requires("staff.manage")
@require_POST
def group_delete(request: ConsoleRequest, group_id: int) -> HttpResponse:
    """Delete a group that no code uses."""
    row = group_for(request.access, group_id)
    try:
        group_remove(access=request.access, group_id=group_id, now=clock.now())
    except GroupRefused as refused:
        messages.error(request, refused.message)
        return HttpResponseRedirect(tenant_url(request.access, "routing:group", group_id))
    messages.success(request, f"已删除分组「{row.name}」")
    return HttpResponseRedirect(tenant_url(request.access, "routing:groups"))


def _impact(request: ConsoleRequest, row: GroupRow, form: GroupForm) -> GroupImpact | None:
    """What the change would do; None when the group would hold whom it holds now."""
    if (row.department_id, row.staff_ids) == (form.department_id, form.staff_ids) or (
        form.department_id is not None and form.department_id == row.department_id
    ):
        return None
    return group_impact(request.access, row.id, staff_ids=form.staff_ids, department_id=form.department_id)


def _save(request: ConsoleRequest, row: GroupRow, form: GroupForm) -> int:
    """Name and people; how many codes changed with them."""
    access, now = request.access, clock.now()
    group_rename(access=access, group_id=row.id, name=form.name, now=now)
    if form.department_id is not None:
        changed = group_department_save(access=access, group_id=row.id, department_id=form.department_id, now=now)
    else:
        changed = group_people_save(access=access, group_id=row.id, staff_ids=form.staff_ids, now=now)
    return len(changed)


def _preview(request: ConsoleRequest, row: GroupRow, form: GroupForm, impact: GroupImpact) -> HttpResponse:
    context = {
        "group": row,
        "form": form,
        "impact": impact,
        "stamp": group_stamp(row),
        "crumbs": _crumbs(request, row),
    }
    in_dialog = request.headers.get("HX-Request") == "true"
    return TemplateResponse(
        request, "routing/group_dialog.html" if in_dialog else "routing/group_preview.html", context
    )


def _leave(request: ConsoleRequest) -> HttpResponse:
    url = tenant_url(request.access, "routing:groups")
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def _page(request: ConsoleRequest, row: GroupRow, form: GroupForm, staff: Sequence[StaffCard]) -> HttpResponse:
    chosen, movable = set(form.staff_ids), {card.id for card in staff}
    context = {
        "group": row,
        "form": form,
        "stamp": group_stamp(row),
        "items": [_item(card, card.id in chosen) for card in staff],
        "others": [card.name for card in row.people if card.id not in movable],
        "departments": _departments(request.access),
        "foreign": row.department_id is not None and not _reaches(request.access, row.department_id),
        "may_delete": all(card.id in movable for card in row.people),
        "uses": group_uses([row.id])[row.id],
        "crumbs": _crumbs(request, row),
    }
    return TemplateResponse(request, "routing/group.html", context, status=422 if form.errors else 200)


def _departments(access: Access) -> list[DepartmentRow]:
    """Those that the member may let a group follow."""
    return [one for one in departments_tree(access) if _reaches(access, one.id)]


def _reaches(access: Access, department_id: int) -> bool:
    return access.scope("staff.manage") is Scope.ALL or department_id in access.department_ids


def _item(card: StaffCard, chosen: bool) -> PickerItem:
    """Who can't receive may be in a group all the same: they join its rosters as soon as they can."""
    item = staff_item(card, chosen=chosen)
    return replace(item, why_not="", path=" · ".join(part for part in (item.path, item.why_not) if part))


def _crumbs(request: ConsoleRequest, row: GroupRow) -> list[Crumb]:
    return [
        Crumb("客服分组", tenant_url(request.access, "routing:groups")),
        Crumb(row.name, tenant_url(request.access, "routing:group", row.id)),
    ]


def _movable(request: ConsoleRequest) -> list[StaffCard]:
    """Those whom the member may put into groups: within the scope, and still here."""
    return [row.card for row in staff_rows(request.access) if row.left_at is None]
