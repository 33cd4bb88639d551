"""The members of the tenant: the list, and each member's own page."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods

from livecode_admin.kernel import clock
from livecode_admin.kernel.web.menus import filter_menu
from livecode_admin.kernel.web.page import Action, Crumb
from livecode_admin.kernel.web.parameters import whole_number
from permissions.access import Access
from permissions.confirming import confirmed_to_write
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from permissions.selectors import (
    MemberFacts,
    MemberFilters,
    audit_entries,
    departments_tree,
    member_facts,
    members_list,
)
from permissions.selectors.arrivals import newcomers_count
from permissions.selectors.audit import audit_told
from permissions.selectors.giving import bundle_offers, held_by, rights_of
from permissions.selectors.members import NO_BUNDLE, PAGE_SIZE, STATES
from permissions.selectors.reach import departments_within
from permissions.services import BundleRefused, LastOwner, member_activate, member_deactivate, member_update
from permissions.views.invitations import invite_action
from permissions.wording import rights_lines

NAME_MAX = 40


@requires("members.manage")
@require_GET
def members(request: ConsoleRequest) -> HttpResponse:
    """The tenant's members, narrowed to what the address says; rows can be chosen like files."""
    access = request.access
    filters = filters_from(request.GET)
    found = members_list(access, filters, whole_number(request.GET.get("page")) or 1, now=clock.now())
    departments = ((str(one.id), "　" * one.depth + one.name) for one in departments_tree(access))
    bundles = [(offer.key, offer.name) for offer in bundle_offers(access)]
    context = {
        "rows": found.rows,
        "page": Paginator(range(found.total), PAGE_SIZE).page(found.number),
        "q": filters.q,
        "query": request.GET.urlencode(),
        "filters": [
            filter_menu(request.GET, "department", "部门", departments),
            filter_menu(request.GET, "bundle", "角色权限包", [*bundles, (NO_BUNDLE, "未授权")]),
            filter_menu(request.GET, "state", "状态", STATES.items()),
        ],
        "keep": [(key, value) for key, value in request.GET.items() if key not in ("q", "page")],
        "bulk": [Action("给角色权限包", "shield-half", hx_post=tenant_url(access, "permissions:giving"), key="g")],
        "waiting": newcomers_count(access),
        "actions": [
            Action("批量导入", "upload", url=tenant_url(access, "permissions:import")),
            invite_action(access),
        ],
    }
    return TemplateResponse(request, "permissions/members.html", context)


def filters_from(query: QueryDict) -> MemberFilters:
    """What an address asks for; what it says wrong is left out."""
    return MemberFilters(
        q=query.get("q", "").strip(),
        department_id=whole_number(query.get("department")),
        bundle=query.get("bundle", ""),
        state=query.get("state", ""),
    )


@requires("members.manage")
@require_GET
def member(request: ConsoleRequest, member_id: int) -> HttpResponse:
    """What one member holds, what that adds up to, and what was changed."""
    access, now = request.access, clock.now()
    facts = member_facts(access, member_id)
    context = {
        "member": facts,
        "held": held_by([member_id], now=now).get(member_id, []),
        "rights": rights_lines(rights_of(member_id, is_owner=facts.is_owner, now=now)),
        "events": audit_told(audit_entries(access, "member", member_id), request.tenant.time_zone),
        "may_change": not facts.is_me and (access.is_owner or not facts.is_owner),
        "actions": _actions(access, facts),
        "crumbs": [Crumb("成员与权限", tenant_url(access, "permissions:members"))],
    }
    return TemplateResponse(request, "permissions/member.html", context)


def _actions(access: Access, facts: MemberFacts) -> list[Action]:
    """What this person may do with this member: nobody changes themselves, and only owners change owners."""
    edit = Action("编辑资料", "edit", hx_get=tenant_url(access, "permissions:member-edit", facts.id))
    if facts.is_me:
        return [edit]
    if facts.is_owner and not access.is_owner:
        return []
    switch = tenant_url(access, "permissions:member-switch", facts.id)
    label, icon = ("停用", "user-off") if facts.is_active else ("启用", "user-check")
    give = tenant_url(access, "permissions:giving") + f"?ids={facts.id}"
    look = Action("以此人视角查看", "eye", url=tenant_url(access, "permissions:view-as", facts.id))
    return [
        *([look] if access.is_owner and facts.is_active else []),
        edit,
        Action(label, icon, hx_get=switch),
        Action("给角色权限包", "shield-half", hx_post=give, tone="primary"),
    ]


@requires("members.manage")
@confirmed_to_write
@require_http_methods(["GET", "POST"])
def member_switch(request: ConsoleRequest, member_id: int) -> HttpResponse:
    """Ask, then switch a membership off, or on again; felt on that person's next request."""
    facts = member_facts(request.access, member_id)
    error = ""
    if request.method == "POST":
        service = member_deactivate if facts.is_active else member_activate
        try:
            service(access=request.access, member_id=member_id, now=clock.now())
        except LastOwner:
            error = "企业至少要保留一位超级管理员，请先再授予一位"
        except BundleRefused:
            raise
        except ValueError:
            error = "不能停用或启用自己"
        else:
            done = "停用，下一次操作起需要重新登录" if facts.is_active else "启用，恢复原有角色权限包"
            return _done(request, member_id, f"已将「{facts.name}」{done}")
    context = {"member": facts, "error": error}
    return TemplateResponse(request, "permissions/_member_switch.html", context, status=_status(request, error))


@requires("members.manage")
@confirmed_to_write
@require_http_methods(["GET", "POST"])
def member_edit(request: ConsoleRequest, member_id: int) -> HttpResponse:
    """A member's name and department."""
    facts = member_facts(request.access, member_id)
    name, department_id, error = facts.name, facts.department_id, ""
    within = departments_within(request.access)
    if request.method == "POST":
        name, department_id = request.POST.get("name", "").strip(), whole_number(request.POST.get("department"))
        error = name_problem(name)
        if not error:
            try:
                member_update(
                    access=request.access,
                    member_id=member_id,
                    display_name=name,
                    department_id=department_id,
                    now=clock.now(),
                )
            except LookupError:
                error = "部门不存在，请刷新后重试"
            else:
                return _done(request, member_id, f"已保存「{name}」的资料")
    context = {
        "member": facts,
        "name": name,
        "department_id": department_id,
        "departments": [row for row in departments_tree(request.access) if within is None or row.id in within],
        "company_wide": within is None,
        "may_move": request.access.is_owner or not (facts.is_me or facts.is_owner),
        "error": error,
    }
    return TemplateResponse(request, "permissions/_member_edit.html", context, status=_status(request, error))


def name_problem(name: str) -> str:
    """What is wrong with a member's name, or an empty text."""
    if not name:
        return "请填写姓名"
    return f"姓名最多 {NAME_MAX} 个字" if len(name) > NAME_MAX else ""


def _status(request: ConsoleRequest, error: str) -> int:
    return 422 if error else 200


def _done(request: ConsoleRequest, member_id: int, said: str) -> HttpResponse:
    """Say what was done, on the page where it was asked."""
    messages.success(request, said)
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return HttpResponseRedirect(tenant_url(request.access, "permissions:member", member_id))
