"""What pages about members need of other apps: folders and codes to give a bundle for, and the staff a member is."""

from __future__ import annotations

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods

from codes.listing import CodeFilters, code_rows
from codes.selectors import folders
from livecode_admin.console.arrivals import StaffTaken, member_link
from livecode_admin.kernel import clock
from livecode_admin.kernel.web.page import PickerItem
from livecode_admin.kernel.web.parameters import whole_number
from people.selectors import staff_cards, staff_for_picker, staff_item, staff_of_departments, staff_of_member
from permissions.access import Access
from permissions.confirming import confirmed_to_write
from permissions.guards import ConsoleRequest, requires
from permissions.selectors import member_facts
from permissions.selectors.reach import departments_within


@requires("members.manage")
@require_GET
def giving_places(request: ConsoleRequest) -> HttpResponse:
    """The folders or the codes for which a bundle can be given, within what the giver may see."""
    target, chosen = request.GET.get("target", ""), whole_number(request.GET.get("chosen"))
    found: list[tuple[int, str, str]] = []
    if target == "folder":
        found = [(row.id, row.path, "") for row in folders(request.access)]
    elif target == "code" and request.access.may_enter("codes.view"):
        page = code_rows(request.access, CodeFilters(page_size=200), now=clock.now())
        found = [(row.id, row.name, row.slug) for row in page.rows]
    items = [
        PickerItem(str(pk), name, path=path, search=f"{name} {path}".lower(), chosen=pk == chosen)
        for pk, name, path in found
    ]
    context = {"items": items, "label": "分类" if target == "folder" else "活码", "target": target}
    return TemplateResponse(request, "permissions/_giving_places.html", context)


def _linkable(access: Access) -> list[PickerItem]:
    """The staff that a member can be linked with, by whoever manages this member."""
    within = departments_within(access)
    reached = None if within is None else set(staff_of_departments(within))
    return [staff_item(card) for card in staff_for_picker(access) if reached is None or card.id in reached]


@requires("members.manage")
@confirmed_to_write
@require_http_methods(["GET", "POST"])
def member_staff(request: ConsoleRequest, member_id: int) -> HttpResponse:
    """Which 客服 a member is: the panel, and with POST another one or none."""
    facts = member_facts(request.access, member_id)
    error = ""
    if request.method == "POST":
        staff_id = whole_number(request.POST.get("staff"))
        try:
            member_link(access=request.access, member_id=member_id, staff_id=staff_id, now=clock.now())
        except StaffTaken as taken:
            error = str(taken)
        except IntegrityError:
            error = "该企业微信账号已属于另一位成员"
        else:
            messages.success(request, "已保存关联的客服")
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    linked = staff_of_member(member_id)
    context = {
        "member": facts,
        "linked": list(staff_cards(linked).values()),
        "items": [] if linked else _linkable(request.access),
        "may_change": request.access.is_owner or not (facts.is_me or facts.is_owner),
        "error": error,
    }
    return TemplateResponse(request, "permissions/_member_staff.html", context, status=422 if error else 200)
