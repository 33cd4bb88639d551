"""The code list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from analytics.selectors import Figures, data_until, groups_held, sparklines, today_by_code
from codes.listing import CodeFilters, CodePage, CodeRow, code_rows, purpose_counts
from codes.selectors import only_own_codes
from livecode_admin.console.filters import PURPOSES, filter_row, filters_from
from livecode_admin.console.roster import codes_with_load, sees_people
from livecode_admin.kernel import clock
from livecode_admin.kernel.web.page import Action, Tab
from livecode_admin.kernel.web.parameters import whole_number
from permissions.access import Access, Scope
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from routing.selectors import RosterSummary, rosters_of

NARROWING = ("q", "folder", "channel", "state", "department", "owner", "expiring", "purpose")


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row of the list: the code, its roster and its figures, each as far as the member may see it.

    ``load``: whether today's load of the roster against its caps is shown.
    """

    code: CodeRow
    roster: RosterSummary | None
    load: bool
    figures: Figures | None
    days: Sequence[int] | None
    last_day: date | None

    @property
    def roster_names(self) -> list[str]:
        """The names of the roster, in order."""
        return [card.name for card in self.roster.cards] if self.roster else []


@requires("codes.view")
@require_GET
def codes(request: ConsoleRequest) -> HttpResponse:
    """The codes that the member may see, filtered by the address."""
    access, now = request.access, clock.now()
    if only_own_codes(access):
        return _own(request)
    filters = filters_from(request.GET)
    found = code_rows(access, filters, whole_number(request.GET.get("page")) or 1, now=now)
    context = {
        "people_figures": sees_people(access),
        "narrow": access.scope("codes.view") is not Scope.ALL,
        "rows": list_rows(request, found.rows),
        "page": _page(found, filters),
        "tabs": _tabs(request, filters),
        "filters": filter_row(access, request.GET),
        "filters_on": any(request.GET.get(key) for key in NARROWING),
        "keep": [(key, value) for key, value in request.GET.items() if key not in ("q", "page")],
        "q": filters.q,
        "query": request.GET.urlencode(),
        "bulk": bulk_actions(access),
        "shows": shown_groups(access),
        "actions": _head_actions(access),
        "today": clock.local_day(now, request.tenant.time_zone),
        "data_until": data_until() if access.may_enter("analytics.view") else None,
    }
    return TemplateResponse(request, "console/codes.html", context)


def _own(request: ConsoleRequest) -> HttpResponse:
    """「我的活码」: the own codes with their QR to download, and nothing else (product.md §5.4)."""
    access, now, zone = request.access, clock.now(), request.tenant.time_zone
    filters = CodeFilters()
    found = code_rows(access, filters, whole_number(request.GET.get("page")) or 1, now=now)
    may = access.can("codes.download")
    context = {
        "rows": [
            (row, clock.local_day(row.expires_at, zone) if row.expires_at else None, may and row.printed)
            for row in found.rows
        ],
        "page": _page(found, filters),
        "today": clock.local_day(now, zone),
    }
    return TemplateResponse(request, "console/my_codes.html", context)


def list_rows(request: ConsoleRequest, rows: Sequence[CodeRow]) -> list[ListRow]:
    """The rows with roster and figures; the number of queries is the same for 2 rows and for 200."""
    access, zone = request.access, request.tenant.time_zone
    ids = [row.id for row in rows]
    last_day = clock.local_day(clock.now(), zone)
    rosters = rosters_of(access, ids)
    loads, shown = codes_with_load(access, ids), shown_groups(access)
    figures = today_by_code(access, day=last_day, code_ids=ids) if any(shown.values()) else {}
    lines = sparklines(access, code_ids=ids, last_day=last_day) if shown["traffic"] else {}
    return [
        ListRow(
            code=row,
            roster=rosters.get(row.id),
            load=row.id in loads,
            figures=figures.get(row.id),
            days=lines.get(row.id),
            last_day=clock.local_day(row.expires_at, zone) if row.expires_at else None,
        )
        for row in rows
    ]


def shown_groups(access: Access) -> dict[str, bool]:
    """The metric groups whose columns the list has: what may not be seen is not there (product.md §5.3)."""
    held = groups_held(access) if access.may_enter("analytics.view") else frozenset[str]()
    return {name: f"analytics.{name}" in held for name in ("traffic", "growth", "quality")}


def bulk_actions(access: Access) -> list[Action]:
    """What may be done to selected codes, in the order of the selection bar and of the context menu."""

    def action(do: str, label: str, icon: str, key: str = "", *, apart: bool = False) -> Action:
        url = f"{tenant_url(access, 'console:codes-batch')}?do={do}"
        return Action(label, icon, hx_post=url, key=key, apart=apart)

    found = []
    if access.can("codes.renew"):
        found.append(action("renew", "批量延长期限", "calendar-plus", "r"))
    if access.can("codes.pause"):
        found.append(action("pause", "暂停", "player-pause", "p", apart=True))
        found.append(action("resume", "恢复", "player-play"))
    if access.can("codes.retire"):
        found.append(action("retire", "归档", "archive"))
    return found


def _head_actions(access: Access) -> list[Action]:
    if not access.can("codes.create"):
        return []
    return [Action("新建活码", "plus", url=tenant_url(access, "console:code-new"), tone="primary", key="c")]


def _tabs(request: ConsoleRequest, filters: CodeFilters) -> list[Tab]:
    counts = purpose_counts(request.access, filters, now=clock.now())
    tabs = []
    for purpose, label in [*PURPOSES.items(), ("", "全部")]:
        query = request.GET.copy()
        query.pop("page", None)
        query["purpose"] = purpose
        tabs.append(Tab(label, f"?{query.urlencode()}", counts[purpose], current=filters.purpose == purpose))
    return tabs


def _page(found: CodePage, filters: CodeFilters) -> Page[int]:
    """The pager's view of the page: it only counts, the rows are read already."""
    return Paginator(range(found.total), filters.page_size).page(found.number)
