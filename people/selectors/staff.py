"""Reading staff and customers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from livecode_admin.kernel.web.page import PickerItem
from people.models import ContactSync, Customer, Staff
from people.rules import REASON_LABELS, Reason
from permissions.access import Access, Scope


@dataclass(frozen=True, slots=True)
class StaffCard:
    """A staff for pickers and rosters. ``reason``: why not receivable, in plain Chinese; empty when receivable."""

    id: int
    name: str
    initials: str
    pinyin: str
    avatar_url: str
    department_name: str
    receivable: bool
    reason: str
    wecom_userid: str
    department_id: int | None


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A row of the staff page."""

    card: StaffCard
    position: str
    status_label: str
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """A customer by name. ``gender`` and ``kind`` are WeCom's numbers."""

    id: int
    name: str
    avatar_url: str
    gender: int
    kind: int


@dataclass(frozen=True, slots=True)
class SyncState:
    """How the last contact sync went; ``finished_at`` None: never finished one."""

    running: bool
    finished_at: datetime | None
    staff_count: int
    receivable_count: int
    left_count: int
    error: str


def staff_for_picker(access: Access) -> list[StaffCard]:
    """Everybody who hasn't left, receivable or not (product.md §2.14), by pinyin.

    With department scope of the roster the own departments come first; nobody is hidden, because a campaign may
    take colleagues of another department.
    """
    rows = Staff.objects.exclude(status=Staff.Status.LEFT).select_related("department").order_by("pinyin", "id")
    own = access.department_ids
    return [staff_card(row) for row in sorted(rows, key=lambda row: row.department_id not in own)]


def staff_item(card: StaffCard, *, chosen: bool = False) -> PickerItem:
    """The card as an entry of a picker, found by name, department and pinyin; with the reason when not receivable."""
    return PickerItem(
        value=str(card.id),
        label=card.name,
        path=card.department_name,
        search=f"{card.name} {card.department_name} {card.pinyin} {card.initials}".lower(),
        chosen=chosen,
        why_not="" if card.receivable else card.reason,
    )


def staff_cards(ids: Iterable[int]) -> dict[int, StaffCard]:
    """The cards by id, also of people who have left."""
    rows = Staff.objects.filter(pk__in=set(ids)).select_related("department")
    return {row.pk: staff_card(row) for row in rows}


def staff_by_userid(userid: str) -> StaffCard | None:
    """The staff of a WeCom user id, or None."""
    row = Staff.objects.filter(wecom_userid=userid).select_related("department").first()
    return None if row is None else staff_card(row)


def staff_userids(ids: Iterable[int]) -> dict[int, str]:
    """WeCom user ids by our id."""
    return dict(Staff.objects.filter(pk__in=set(ids)).values_list("id", "wecom_userid"))


def staff_ids_of(userids: Iterable[str]) -> dict[str, int]:
    """Our ids by WeCom user id."""
    return dict(Staff.objects.filter(wecom_userid__in=set(userids)).values_list("wecom_userid", "id"))


def staff_members(ids: Iterable[int]) -> dict[int, int]:
    """The member behind each staff who has an account here; routing writes code participants from it."""
    rows = Staff.objects.filter(pk__in=set(ids), member__isnull=False)
    return {staff_id: member_id for staff_id, member_id in rows.values_list("id", "member_id") if member_id is not None}


def staff_of_member(member_id: int | None) -> list[int]:
    """The staff that are this member: their own customers and their own switch. Nobody for the system."""
    if member_id is None:
        return []
    return list(Staff.objects.filter(member=member_id).values_list("id", flat=True))


def staff_of_members(member_ids: Iterable[int]) -> dict[int, int]:
    """The staff that are these members, and the member of each, in one query."""
    return dict(Staff.objects.filter(member__in=set(member_ids)).values_list("id", "member_id"))


def staff_of_departments(department_ids: Iterable[int]) -> list[int]:
    """The staff of these departments, also those who have left."""
    return list(Staff.objects.filter(department__in=set(department_ids)).values_list("id", flat=True))


def staff_names(userids: Iterable[str]) -> dict[str, str]:
    """The names by WeCom user id."""
    return dict(Staff.objects.filter(wecom_userid__in=set(userids)).values_list("wecom_userid", "name"))


def staff_rows(access: Access, *, q: str = "", receivable: str = "") -> list[StaffRow]:
    """The staff page within the scope of ``staff.manage``; ``receivable``: ``yes``, ``no`` or empty for all.

    ``q`` looks into name, pinyin and initials. People who have left come last.
    """
    rows = staff_within(access).select_related("department").order_by("left_at", "pinyin", "id")
    if receivable in ("yes", "no"):
        rows = rows.filter(can_receive=receivable == "yes")
    wanted = q.strip().lower()
    return [
        StaffRow(staff_card(row), row.position, row.get_status_display(), row.left_at)
        for row in sorted(rows, key=lambda row: row.left_at is not None)
        if not wanted or wanted in row.name.lower() or wanted in row.pinyin or wanted in row.pinyin_initials
    ]


def customer_id_of(external_userid: str) -> int | None:
    """Our id of a customer, or None."""
    found: int | None = Customer.objects.filter(external_userid=external_userid).values_list("id", flat=True).first()
    return found


def customer_external_id(customer_id: int) -> str | None:
    """WeCom's id of a customer, for calls to WeCom alone; None for an unknown one."""
    found: str | None = Customer.objects.filter(pk=customer_id).values_list("external_userid", flat=True).first()
    return found


def customer_name_of(external_userid: str) -> str:
    """The nickname for a greeting; empty while we don't know the person."""
    found = Customer.objects.filter(external_userid=external_userid).values_list("name", flat=True).first()
    return found or ""


def customer_cards(access: Access, ids: Iterable[int]) -> dict[int, CustomerCard]:
    """The cards by id; whoever calls has cut the customers by scope.

    Without ``customers.view`` names are masked and pictures are left out (product.md §5.4).
    """
    rows = Customer.objects.filter(pk__in=set(ids))
    if not access.can("customers.view"):
        return {row.pk: CustomerCard(row.pk, masked_name(str(row)), "", 0, row.kind) for row in rows}
    return {row.pk: CustomerCard(row.pk, str(row), row.avatar_url, row.gender, row.kind) for row in rows}


def masked_name(name: str) -> str:
    """The first character and two stars: 小** of 小满妈妈."""
    return f"{name[:1]}**"


def customer_name(customer_id: int) -> str:
    """The name as it is, for what is sent to WeCom and the CRM; never for a page."""
    return str(Customer.objects.get(pk=customer_id))


def sync_state(now: datetime) -> SyncState:
    """How the company's contact sync stands."""
    row = ContactSync.objects.first() or ContactSync()
    return SyncState(
        running=row.claimed_until is not None and row.claimed_until > now,
        finished_at=row.finished_at,
        staff_count=row.staff_count,
        receivable_count=row.receivable_count,
        left_count=row.left_count,
        error=row.error,
    )


def staff_moves() -> int:
    """How often somebody came, went, changed departments or could no longer receive: rosters compare it."""
    return ContactSync.objects.values_list("moves", flat=True).first() or 0


def staff_card(row: Staff) -> StaffCard:
    """The card of a loaded row (with its department)."""
    return StaffCard(
        id=row.pk,
        name=row.name,
        initials=row.pinyin_initials,
        pinyin=row.pinyin,
        avatar_url=row.avatar_url,
        department_name=row.department.name if row.department else "",
        receivable=row.can_receive,
        reason=REASON_LABELS[Reason(row.cannot_reason)],
        wecom_userid=row.wecom_userid,
        department_id=row.department_id,
    )


def staff_within(access: Access) -> QuerySet[Staff]:
    """The staff within the member's scope of ``staff.manage``. Raises Denied."""
    scope = access.require("staff.manage")
    rows: QuerySet[Staff] = Staff.objects.all()
    if scope is Scope.DEPARTMENT:
        rows = rows.filter(department__in=access.department_ids)
    elif scope is Scope.OWN:
        rows = rows.filter(member=access.member_id)
    return rows
