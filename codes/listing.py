"""The code list: filters, search, one page of rows. The number of queries doesn't depend on the number of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db.models import Count, F, OrderBy, Q, QuerySet

from codes.models import LiveCode
from codes.rules import STATUS_LABELS, Status, allowed_actions, effective_status
from codes.selectors import codes_visible, folders_below, time_zone
from livecode_admin.kernel.clock import day_end, local_day
from permissions.access import Access

PAGE_SIZES = (20, 50, 100, 200)
NEWEST = ("-created_at", "-id")
# Permanent codes stand where an end far away would.
SORTS: Mapping[str, tuple[str | OrderBy, ...]] = {
    "name": ("name", "id"),
    "-name": ("-name", "-id"),
    "created": ("created_at", "id"),
    "-created": NEWEST,
    "expires": (F("expires_at").asc(nulls_last=True), "id"),
    "-expires": (F("expires_at").desc(nulls_first=True), "-id"),
}


@dataclass(frozen=True, slots=True)
class CodeFilters:
    """What the list's address asks for; None and empty mean: not filtered. ``state`` is a status of codes/rules.py.

    ``department_id`` is one department by itself, ``department_ids`` any of these.
    """

    folder_id: int | None = None
    channel_id: int | None = None
    purpose: str = ""
    state: str = ""
    department_id: int | None = None
    department_ids: frozenset[int] | None = None
    owner_id: int | None = None
    expiring_days: int | None = None
    q: str = ""
    ids: tuple[int, ...] | None = None
    sort: str = "-created"
    page_size: int = PAGE_SIZES[0]


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One row of the list. ``printed``: there is a QR to print; WeCom may still be making that of a native code."""

    id: int
    name: str
    slug: str
    purpose: str
    purpose_label: str
    purpose_text: str
    kind_label: str
    delivery_label: str
    folder_name: str
    channel_name: str
    owner_name: str
    department_name: str
    status: Status
    status_label: str
    expires_at: datetime | None
    published_at: datetime | None
    created_at: datetime
    actions: frozenset[str]
    printed: bool


@dataclass(frozen=True, slots=True)
class CodePage:
    """One page of the list; ``number`` counts from 1 and is moved into range."""

    rows: list[CodeRow]
    total: int
    number: int
    pages: int


def code_rows(access: Access, filters: CodeFilters, page: int = 1, *, now: datetime) -> CodePage:
    """The page of codes that the member may see; two queries (three with a folder), whatever the number of rows."""
    found = filtered(access, filters, now=now)
    size = filters.page_size if filters.page_size in PAGE_SIZES else PAGE_SIZES[0]
    total = found.count()
    pages = max(1, ceil(total / size))
    number = min(max(1, page), pages)
    ordered = found.order_by(*SORTS.get(filters.sort, NEWEST))
    chosen = ordered.select_related("folder", "channel", "owner", "department")[(number - 1) * size : number * size]
    return CodePage([_row(code, now) for code in chosen], total, number, pages)


def code_ids(access: Access, filters: CodeFilters, *, now: datetime) -> list[int]:
    """All ids of the filter result, for "select all"."""
    return list(filtered(access, filters, now=now).order_by(*NEWEST).values_list("id", flat=True))


def purpose_counts(access: Access, filters: CodeFilters, *, now: datetime) -> dict[str, int]:
    """Codes per purpose under the other filters, for the tabs: ``campaign``, ``service`` and ``""`` for all."""
    found = filtered(access, filters, now=now, by_purpose=False).order_by()
    counts: dict[str, int] = dict(found.values_list("purpose").annotate(n=Count("pk")))
    return {"": sum(counts.values()), **{purpose: counts.get(purpose, 0) for purpose in LiveCode.Purpose.values}}


def filtered(access: Access, filters: CodeFilters, *, now: datetime, by_purpose: bool = True) -> QuerySet[LiveCode]:
    """The codes that the member may see and the filters keep."""
    rows = codes_visible(access)
    exact = {
        "channel": filters.channel_id,
        "department": filters.department_id,
        "owner": filters.owner_id,
        "purpose": (filters.purpose or None) if by_purpose else None,
    }
    rows = rows.filter(**{field: value for field, value in exact.items() if value is not None})
    if filters.folder_id is not None:
        rows = rows.filter(folder__in=folders_below([filters.folder_id]))
    if filters.department_ids is not None:
        rows = rows.filter(department__in=filters.department_ids)
    if filters.ids is not None:
        rows = rows.filter(pk__in=filters.ids)
    if filters.state:
        rows = rows.filter(_status_is(filters.state, now))
    if filters.expiring_days is not None:
        zone = time_zone()
        until = day_end(local_day(now, zone) + timedelta(days=filters.expiring_days), zone)
        rows = rows.filter(state__in=("live", "paused"), expires_at__gte=now, expires_at__lte=until)
    for word in filters.q.lower().split()[:5]:
        rows = rows.filter(search_key__contains=word)
    return rows


def _status_is(status: str, now: datetime) -> Q:
    """``effective_status`` as a condition of the database."""
    running = Q(expires_at__isnull=True) | Q(expires_at__gte=now)
    match status:
        case Status.EXPIRED:
            return Q(state__in=("live", "paused"), expires_at__lt=now)
        case Status.LIVE | Status.PAUSED:
            return Q(state=status) & running
        case Status.DRAFT | Status.RETIRED:
            return Q(state=status)
    return Q(pk__in=[])


def _row(code: LiveCode, now: datetime) -> CodeRow:
    status = effective_status(state=code.state, expires_at=code.expires_at, now=now)
    return CodeRow(
        id=code.pk,
        name=code.name,
        slug=code.slug,
        purpose=code.purpose,
        purpose_label=code.get_purpose_display(),
        purpose_text=code.purpose_text,
        kind_label=code.get_kind_display(),
        delivery_label=code.get_delivery_display(),
        folder_name=code.folder.name if code.folder else "",
        channel_name=code.channel.name if code.channel else "",
        owner_name=code.owner.display_name if code.owner else "",
        department_name=code.department.name if code.department else "",
        status=status,
        status_label=STATUS_LABELS[status],
        expires_at=code.expires_at,
        published_at=code.published_at,
        created_at=code.created_at,
        actions=allowed_actions(status),
        printed=code.delivery != LiveCode.Delivery.NATIVE or bool(code.native_qr),
    )
