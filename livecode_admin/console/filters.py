"""The code list's filters: from the address to a query, and as the row of menus over the list."""

from __future__ import annotations

from django.http import QueryDict

from codes.listing import PAGE_SIZES, CodeFilters
from codes.rules import STATUS_LABELS
from codes.selectors import channels, folders
from livecode_admin.kernel.web.menus import filter_menu
from livecode_admin.kernel.web.page import Filter
from livecode_admin.kernel.web.parameters import whole_number
from permissions.access import Access, Scope
from permissions.selectors import departments_tree, members_for_picker

PURPOSES = {"campaign": "短期活动", "service": "长期服务"}
EXPIRING = {"3": "3 天内到期", "7": "7 天内到期", "30": "30 天内到期"}


def filters_from(query: str | QueryDict) -> CodeFilters:
    """What an address asks for; what it says wrong is left out."""
    params = QueryDict(query) if isinstance(query, str) else query

    def number(key: str) -> int | None:
        return whole_number(params.get(key))

    purpose, state = params.get("purpose", ""), params.get("state", "")
    return CodeFilters(
        folder_id=number("folder"),
        channel_id=number("channel"),
        purpose=purpose if purpose in PURPOSES else "",
        state=state if state in STATUS_LABELS else "",
        department_id=number("department"),
        owner_id=number("owner"),
        expiring_days=number("expiring") if params.get("expiring", "") in EXPIRING else None,
        q=params.get("q", "").strip(),
        sort=params.get("sort", ""),
        page_size=number("size") or PAGE_SIZES[0],
    )


def filter_row(access: Access, query: QueryDict) -> list[Filter]:
    """The menus over the list; a member who sees only own codes is not asked for departments and owners."""
    row = [
        filter_menu(query, "folder", "分类", ((str(one.id), one.path) for one in folders(access))),
        filter_menu(query, "channel", "渠道", ((str(one.id), one.name) for one in channels(access))),
        filter_menu(query, "state", "状态", ((str(key), label) for key, label in STATUS_LABELS.items())),
    ]
    if access.scope("codes.view") is not Scope.OWN:
        whole = access.scope("codes.view") is Scope.ALL
        within = (one for one in departments_tree(access) if whole or one.id in access.department_ids)
        departments = ((str(one.id), "　" * one.depth + one.name) for one in within)
        row.append(filter_menu(query, "department", "部门", departments))
        row.append(
            filter_menu(query, "owner", "负责人", ((str(one.id), one.name) for one in members_for_picker(access)))
        )
    row.append(filter_menu(query, "expiring", "有效期", EXPIRING.items()))
    return row
