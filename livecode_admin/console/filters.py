"""The code list's filters: from the address to a query, and as the row of menus over the list."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import QueryDict

from codes.listing import PAGE_SIZES, CodeFilters
from codes.rules import STATUS_LABELS
from codes.selectors import channels, folders
from livecode_admin.kernel.web.page import Filter, Option
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
        _menu("folder", "分类", query, ((str(one.id), one.path) for one in folders(access))),
        _menu("channel", "渠道", query, ((str(one.id), one.name) for one in channels(access))),
        _menu("state", "状态", query, ((str(key), label) for key, label in STATUS_LABELS.items())),
    ]
    if access.scope("codes.view") is not Scope.OWN:
        departments = ((str(one.id), "　" * one.depth + one.name) for one in departments_tree(access))
        row.append(_menu("department", "部门", query, departments))
        row.append(_menu("owner", "负责人", query, ((str(one.id), one.name) for one in members_for_picker(access))))
    row.append(_menu("expiring", "有效期", query, EXPIRING.items()))
    return row


def _menu(key: str, label: str, query: QueryDict, choices: Iterable[tuple[str, str]]) -> Filter:
    present = query.get(key, "")
    options = [Option(text, _with(query, key, value), current=value == present) for value, text in choices]
    chosen = next((option.label.strip() for option in options if option.current), "")
    clear = _with(query, key, "") if chosen else ""
    return Filter(key=key, label=label, value=chosen or "全部", options=options, clear_url=clear)


def _with(query: QueryDict, key: str, value: str) -> str:
    changed = query.copy()
    changed.pop("page", None)
    if value:
        changed[key] = value
    else:
        changed.pop(key, None)
    return f"?{changed.urlencode()}"
