"""Reading about people on their way in: invitations, newcomers from WeCom, default bundles. In a tenant's context."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from permissions.access import Access, TenantRef, access_for
from permissions.models import Department, Invitation, Member, Newcomer, PositionBundle, RoleBundle
from permissions.selectors.departments import DepartmentRow, departments_tree
from permissions.selectors.members import grantors
from permissions.selectors.reach import departments_within

# An invitation that nobody took stays in the list for so long, to be sent again.
SHOWN_AFTER_END = timedelta(days=30)


class InvitationState(StrEnum):
    """What can still be done with an invitation. ``void``: whoever gave it may invite nobody any more."""

    OPEN = "open"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    USED = "used"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """A line of the list of invitations."""

    id: int
    name: str
    department: str
    bundles: tuple[str, ...]
    invited_by: str
    invited_at: datetime
    expires_at: datetime
    is_expired: bool


@dataclass(frozen=True, slots=True)
class InvitationFacts:
    """What the page behind a link says. ``ask``: whom to ask when the link leads nowhere."""

    state: InvitationState
    name: str
    department: str
    bundles: tuple[str, ...]
    invited_by: str
    expires_at: datetime
    ask: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewcomerRow:
    """Somebody of the company's WeCom who is no member. ``bundle_key``: what is proposed, or empty."""

    id: int
    name: str
    wecom_userid: str
    position: str
    department: str
    bundle_key: str
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class DefaultRow:
    """A department or position with its default bundle; ``inherited``: the name of the one from above, or empty."""

    key: str
    label: str
    depth: int
    bundle_key: str
    inherited: str = ""


def token_hash(token: str) -> str:
    """What is kept of an invitation's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def state_of(row: Invitation, now: datetime) -> InvitationState:
    """Where an invitation stands, whoever gave it. The end is exclusive."""
    if row.accepted_at is not None:
        return InvitationState.USED
    if row.withdrawn_at is not None:
        return InvitationState.WITHDRAWN
    return InvitationState.EXPIRED if row.expires_at <= now else InvitationState.OPEN


def inviter_access(row: Invitation, tenant: TenantRef, now: datetime, origin: str = "") -> Access | None:
    """What the inviter may do now; None when they may invite nobody (any more)."""
    access = access_for(row.invited_by.user_id, tenant, now, origin=origin)
    return access if access is not None and access.can("members.manage") else None


def open_invitations(access: Access, *, now: datetime) -> list[InvitationRow]:
    """Invitations that wait, newest first, and those that ended within 30 days. Raises Denied."""
    within = departments_within(access)
    rows = Invitation.objects.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=now - SHOWN_AFTER_END)
    if within is not None:
        rows = rows.filter(department__in=within)
    names = bundle_names()
    return [
        InvitationRow(
            id=row.pk,
            name=row.display_name,
            department=row.department.name if row.department else "",
            bundles=tuple(names.get(key, key) for key in row.bundles),
            invited_by=row.invited_by.display_name,
            invited_at=row.invited_at,
            expires_at=row.expires_at,
            is_expired=row.expires_at <= now,
        )
        for row in rows.select_related("department", "invited_by").order_by("-id")
    ]


def invitation_name(access: Access, invitation_id: int) -> str | None:
    """The name on an invitation within the member's reach; None: there is no such invitation. Raises Denied."""
    within = departments_within(access)
    rows = Invitation.objects.filter(pk=invitation_id)
    if within is not None:
        rows = rows.filter(department__in=within)
    name: str | None = rows.values_list("display_name", flat=True).first()
    return name


def invitation_by_token(token: str, tenant: TenantRef, *, now: datetime) -> InvitationFacts | None:
    """What a link leads to; None for a token that was never given, or was replaced by a new one."""
    rows = Invitation.objects.select_related("department", "invited_by")
    row = rows.filter(token_hash=token_hash(token)).first()
    if row is None:
        return None
    state = state_of(row, now)
    if state is InvitationState.OPEN and inviter_access(row, tenant, now) is None:
        state = InvitationState.VOID
    names = bundle_names()
    asked = [row.invited_by.display_name] if row.invited_by.is_active and state is not InvitationState.VOID else []
    return InvitationFacts(
        state=state,
        name=row.display_name,
        department=row.department.name if row.department else "",
        bundles=tuple(names[key] for key in row.bundles if key in names),
        invited_by=row.invited_by.display_name,
        expires_at=row.expires_at,
        ask=tuple(asked or (grantors(["members.manage"], now=now) if state is not InvitationState.OPEN else ())),
    )


def membership_of(user_id: int | None) -> Member | None:
    """The user's membership of the current tenant, also a switched-off one."""
    return Member.objects.filter(user_id=user_id).first() if user_id is not None else None


def newcomers_waiting(access: Access) -> list[NewcomerRow]:
    """待开通, newest first. Raises Denied without ``members.manage``."""
    within = departments_within(access)
    rows = Newcomer.objects.filter(settled_at=None)
    if within is not None:
        rows = rows.filter(department__in=within)
    return [
        NewcomerRow(
            id=row.pk,
            name=row.display_name,
            wecom_userid=row.wecom_userid,
            position=row.position,
            department=row.department.name if row.department else "",
            bundle_key=row.bundle.key if row.bundle else "",
            arrived_at=row.arrived_at,
        )
        for row in rows.select_related("department", "bundle").order_by("-arrived_at", "-id")
    ]


def newcomers_count(access: Access) -> int:
    """How many stand under 待开通, for the tab. Raises Denied."""
    within = departments_within(access)
    rows = Newcomer.objects.filter(settled_at=None)
    count: int = (rows if within is None else rows.filter(department__in=within)).count()
    return count


def bundle_names() -> dict[str, str]:
    """The names of all bundles of the tenant by key, built-in ones first."""
    return dict(RoleBundle.objects.order_by("-builtin", "id").values_list("key", "name"))


def proposals(people: Iterable[tuple[str, int | None]]) -> list[RoleBundle | None]:
    """The default bundle for each (position, department): the position's, else of the nearest department upwards."""
    by_position = {row.position: row.bundle for row in PositionBundle.objects.select_related("bundle")}
    by_department = _bundles_of_departments()
    return [
        by_position.get(position) or (by_department.get(department_id) if department_id is not None else None)
        for position, department_id in people
    ]


def _bundles_of_departments() -> dict[int, RoleBundle]:
    """The default bundle that counts for each department: its own or the nearest one's above."""
    rows = list(Department.objects.select_related("default_bundle"))
    own: Mapping[int, RoleBundle] = {row.pk: row.default_bundle for row in rows if row.default_bundle is not None}
    found = {}
    for row in rows:
        line = [int(part) for part in row.path.split("/") if part]
        nearest = next((own[pk] for pk in reversed(line) if pk in own), None)
        if nearest is not None:
            found[row.pk] = nearest
    return found


def department_defaults(access: Access) -> list[DefaultRow]:
    """The departments' tree with the default bundles. Raises Denied."""
    within = departments_within(access)
    tree = [row for row in departments_tree(access) if within is None or row.id in within]
    own = dict(Department.objects.values_list("id", "default_bundle__key"))
    counts = _bundles_of_departments()
    return [_default_row(row, own.get(row.id) or "", counts.get(row.id)) for row in tree]


def _default_row(row: DepartmentRow, own: str, counts: RoleBundle | None) -> DefaultRow:
    return DefaultRow(str(row.id), row.name, row.depth, own, "" if own or counts is None else counts.name)


def position_defaults(access: Access) -> list[DefaultRow]:
    """Positions with a bundle of their own, and those that newcomers have: the whole company's. Raises Denied."""
    if departments_within(access) is not None:
        return []
    own = dict(PositionBundle.objects.values_list("position", "bundle__key"))
    seen = Newcomer.objects.filter(settled_at=None).exclude(position="").values_list("position", flat=True).distinct()
    return [DefaultRow(name, name, 0, own.get(name, "")) for name in sorted({*own, *seen[:200]})]
