"""Reading about members and what they hold. Inside a tenant's context."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import Http404

from livecode_admin.kernel import clock
from permissions.access import Access
from permissions.capabilities import CODENAME, GUARDED, check
from permissions.models import BundleAssignment, Department, Member, TenantGrant
from permissions.rules import Scope, Target
from permissions.selectors.reach import members_within

PAGE_SIZE = 50
NO_BUNDLE = "none"
STATES = {"active": "启用", "off": "已停用"}


@dataclass(frozen=True)
class MemberCard:
    """A member as a picker shows them; ``department`` is the department's name or empty."""

    id: int
    name: str
    department: str


@dataclass(frozen=True)
class MemberRow:
    """A member with their bundles that count now, for the member list."""

    id: int
    name: str
    username: str
    department: str
    is_active: bool
    is_owner: bool
    joined_at: datetime
    bundles: tuple[str, ...]

    @property
    def is_inactive(self) -> bool:
        """For templates that show who is switched off."""
        return not self.is_active


@dataclass(frozen=True)
class MemberFilters:
    """What the member list is narrowed to. ``bundle``: a key, or :data:`NO_BUNDLE`; ``department_id``: and below."""

    q: str = ""
    department_id: int | None = None
    bundle: str = ""
    state: str = ""


@dataclass(frozen=True)
class MemberPage:
    """One page of the member list; ``number`` counts from 1 and is moved into range."""

    rows: list[MemberRow]
    total: int
    number: int


@dataclass(frozen=True)
class MemberFacts:
    """One member as their own page shows them."""

    id: int
    name: str
    username: str
    department_id: int | None
    department: str
    is_active: bool
    is_owner: bool
    is_me: bool
    joined_at: datetime
    wecom_userid: str

    @property
    def is_inactive(self) -> bool:
        """For templates that show who is switched off."""
        return not self.is_active


class NoSuchMember(ObjectDoesNotExist, Http404):
    """No such member in this company."""


@dataclass(frozen=True)
class AccountCard:
    """The member as the account menu names them; ``roles`` are the bundles that count now, 、 between them."""

    name: str
    roles: str
    department: str


def account_card(access: Access, *, now: datetime | None = None) -> AccountCard:
    """Who is signed in, in which role: one query."""
    held = BundleAssignment.objects.filter(_ahead(now or clock.now()), member_id=access.member_id)
    rows = list(held.order_by("bundle_id").values_list("bundle__name", "member__department__name").distinct())
    roles = "、".join(dict.fromkeys(name for name, _ in rows))
    return AccountCard(access.display_name, roles, (rows[0][1] or "") if rows else "")


def members_for_picker(access: Access) -> list[MemberCard]:
    """All active members by name: colleagues know each other, whatever the scope of their data."""
    rows = Member.objects.filter(is_active=True).order_by("display_name", "id")
    return [
        MemberCard(pk, name, department or "")
        for pk, name, department in rows.values_list("id", "display_name", "department__name")
    ]


def member_names(ids: Iterable[int]) -> dict[int, str]:
    """The names of members by id, also of those who have left; for lists of who did what."""
    return dict(Member.objects.filter(pk__in=set(ids)).values_list("id", "display_name"))


def members_holding(capability: str, department_id: int | None = None, *, now: datetime | None = None) -> list[int]:
    """Active members who hold the capability for the tenant, owners included, by id.

    With ``department_id``: only those whose scope reaches that department (all, or a department at or above it).
    ``now`` decides which assignments count; without it the product's clock does. Raises UnknownCapability.
    """
    moment = now or clock.now()
    held = BundleAssignment.objects.filter(
        _ahead(moment),
        member=OuterRef("pk"),
        target=Target.TENANT,
        bundle__capabilities__contains=[check(capability)],
        bundle__group__in=TenantGrant.objects.filter(permission__codename=CODENAME[capability]).values("group"),
    ).annotate(reach=Coalesce(NullIf("scope", Value("")), "bundle__scope"))
    if department_id is not None:
        path = Department.objects.filter(pk=department_id).values_list("path", flat=True).first() or ""
        at_or_above = [int(part) for part in path.split("/") if part]
        held = held.filter(Q(reach=Scope.ALL) | Q(reach=Scope.DEPARTMENT, member__department_id__in=at_or_above))
    members = Member.objects.filter(is_active=True, user__is_active=True)
    return list(members.filter(Q(is_owner=True) | Exists(held)).order_by("id").values_list("id", flat=True))


def grantors(missing: Iterable[str], *, now: datetime, most: int = 3) -> list[str]:
    """Names of members who can hand out what is missing (product.md §5.6), at most ``most``; owners first."""
    able = set(members_holding("members.manage", now=now))
    for capability in GUARDED.intersection(missing):
        able &= set(members_holding(capability, now=now))
    rows = Member.objects.filter(pk__in=able).order_by("-is_owner", "id")
    return list(rows.values_list("display_name", flat=True)[:most])


def membership_is_off(user_id: int) -> bool:
    """Whether the user has a membership in the current tenant that was switched off."""
    off: bool = Member.objects.filter(user_id=user_id, is_active=False).exists()
    return off


def members_list(access: Access, filters: MemberFilters, page: int = 1, *, now: datetime) -> MemberPage:
    """A page of the members within reach, active ones first, with the bundles that count; four queries for any number.

    Raises Denied without ``members.manage``.
    """
    found = _filtered(members_within(access), filters, now)
    total = found.count()
    pages = max(1, ceil(total / PAGE_SIZE))
    number = min(max(1, page), pages)
    shown = found.select_related("user", "department").order_by("-is_active", "-is_owner", "id")
    rows = list(shown[(number - 1) * PAGE_SIZE : number * PAGE_SIZE])
    bundles = _bundle_labels([row.pk for row in rows], now)
    return MemberPage(
        [
            MemberRow(
                id=row.pk,
                name=row.display_name,
                username=row.user.username,
                department=row.department.name if row.department else "",
                is_active=row.is_active,
                is_owner=row.is_owner,
                joined_at=row.joined_at,
                bundles=tuple(bundles.get(row.pk, ())),
            )
            for row in rows
        ],
        total,
        number,
    )


def member_ids(access: Access, filters: MemberFilters, *, now: datetime) -> list[int]:
    """All ids of the filter result, for "select all". Raises Denied without ``members.manage``."""
    return list(_filtered(members_within(access), filters, now).order_by("id").values_list("id", flat=True))


def member_facts(access: Access, member_id: int) -> MemberFacts:
    """One member for their page. Raises Denied without ``members.manage``, NoSuchMember, also out of its reach."""
    row = members_within(access).select_related("user", "department").filter(pk=member_id).first()
    if row is None:
        raise NoSuchMember(f"no member {member_id}")
    return MemberFacts(
        id=row.pk,
        name=row.display_name,
        username=row.user.username,
        department_id=row.department_id,
        department=row.department.name if row.department else "",
        is_active=row.is_active,
        is_owner=row.is_owner,
        is_me=row.pk == access.member_id,
        joined_at=row.joined_at,
        wecom_userid=row.wecom_userid,
    )


def _filtered(rows: QuerySet[Member], filters: MemberFilters, now: datetime) -> QuerySet[Member]:
    for word in filters.q.split()[:5]:
        rows = rows.filter(Q(display_name__icontains=word) | Q(user__username__icontains=word))
    if filters.department_id is not None:
        path = Department.objects.filter(pk=filters.department_id).values_list("path", flat=True).first()
        rows = rows.filter(department__path__startswith=path) if path else rows.none()
    held = BundleAssignment.objects.filter(_ahead(now), member=OuterRef("pk"))
    if filters.bundle == NO_BUNDLE:
        rows = rows.exclude(Exists(held))
    elif filters.bundle:
        rows = rows.filter(Exists(held.filter(bundle__key=filters.bundle)))
    if filters.state in STATES:
        rows = rows.filter(is_active=filters.state == "active")
    return rows


def _bundle_labels(ids: list[int], now: datetime) -> dict[int, list[str]]:
    """What these members hold now, by name; what is for some folder or code alone says so."""
    found: dict[int, list[str]] = {}
    held = BundleAssignment.objects.filter(_ahead(now), member__in=ids).order_by("bundle_id", "id")
    for member_id, name, target in held.values_list("member_id", "bundle__name", "target"):
        label = name if target == Target.TENANT else f"{name}（部分）"
        names = found.setdefault(member_id, [])
        if label not in names:
            names.append(label)
    return found


def _ahead(now: datetime) -> Q:
    return Q(until__isnull=True) | Q(until__gt=now)
