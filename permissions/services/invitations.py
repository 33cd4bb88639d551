"""Invitations: a link that makes whoever opens it a member, once, until it ends (product.md §5.1).

The token is told once, when the link is made; only its hash is kept. What may be handed out is checked when the link is
made and again, with the rights that the inviter has by then, when it is accepted.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from permissions import audit
from permissions.access import Access, Denied, TenantRef
from permissions.models import Department, Invitation, Member, RoleBundle, User
from permissions.selectors.arrivals import (
    InvitationState,
    inviter_access,
    state_of,
    token_hash,
)
from permissions.selectors.reach import departments_within
from permissions.services.handing_out import BundleRefused, check_givable, giver_now
from permissions.services.members import member_add
from permissions.services.users import user_create

DAYS = (1, 3, 7)
TOKEN_BYTES = 32


class InvitationClosed(ValueError):
    """Nothing can be done with the invitation any more; ``state`` says why."""

    def __init__(self, state: InvitationState) -> None:
        super().__init__(state.value)
        self.state = state


class AlreadyMember(ValueError):
    """The person is a member of the company; ``active``: and not switched off."""

    def __init__(self, active: bool) -> None:
        super().__init__("active" if active else "switched off")
        self.active = active


class UsernameTaken(ValueError):
    """Somebody has this user name, in whatever letters."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is to be invited, with which bundles on the whole tenant."""

    display_name: str
    department_id: int | None
    bundle_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Issued:
    """A link that was made: the invitation's id and the token, which nobody is told again."""

    id: int
    token: str
    expires_at: datetime


@transaction.atomic
def invitation_create(*, access: Access, plan: Plan, days: int, now: datetime) -> Issued:
    """Make one link, good for ``days`` (1, 3 or 7). Raises as :func:`invitations_create`."""
    return invitations_create(access=access, plans=[plan], days=days, now=now)[0]


@transaction.atomic
def invitations_create(*, access: Access, plans: Sequence[Plan], days: int, now: datetime) -> list[Issued]:
    """Make links for all of ``plans``, or for none; in their order.

    Raises Denied without ``members.manage`` or for a department out of reach, BundleRefused (product.md §5.6),
    LookupError for an unknown bundle or department, ValueError for another number of days.
    """
    access = giver_now(access, now=now)
    access.require("members.manage")
    if days not in DAYS or access.member_id is None:
        raise ValueError(f"an invitation is given by a member, for one of {DAYS} days")
    check_givable(access, {key for plan in plans for key in plan.bundle_keys})
    departments = _departments(access, plans)
    issued = []
    for plan in plans:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        row = Invitation(
            token_hash=token_hash(token),
            display_name=plan.display_name,
            department_id=plan.department_id,
            bundles=sorted(plan.bundle_keys),
            expires_at=now + timedelta(days=days),
            invited_by_id=access.member_id,
            invited_at=now,
        )
        row.save(force_insert=True)
        after = {
            "department": departments.get(plan.department_id or 0),
            "bundles": row.bundles,
            "expires_at": row.expires_at,
        }
        _write(access, row, "created", {}, after, now)
        issued.append(Issued(row.pk, token, row.expires_at))
    return issued


@transaction.atomic
def invitation_withdraw(*, access: Access, invitation_id: int, now: datetime) -> None:
    """Take a link back. Raises Denied, DoesNotExist, InvitationClosed when it was used or taken back already."""
    row = _locked(access, invitation_id)
    state = state_of(row, now)
    if state in (InvitationState.USED, InvitationState.WITHDRAWN):
        raise InvitationClosed(state)
    row.withdrawn_at = now
    row.save(update_fields=["withdrawn_at"])
    _write(access, row, "withdrawn", {"bundles": row.bundles}, {}, now)


@transaction.atomic
def invitation_renew(*, access: Access, invitation_id: int, now: datetime) -> Issued:
    """A new link in place of the old one, for as many days as that was good for; who asks for it is the inviter now.

    Raises Denied, BundleRefused, DoesNotExist, InvitationClosed when it was used or taken back.
    """
    row = _locked(access, invitation_id)
    state = state_of(row, now)
    if state in (InvitationState.USED, InvitationState.WITHDRAWN):
        raise InvitationClosed(state)
    access = giver_now(access, now=now)
    access.require("members.manage")
    if access.member_id is None:
        raise InvitationClosed(state)
    check_givable(access, row.bundles)
    token, before = secrets.token_urlsafe(TOKEN_BYTES), row.expires_at
    row.token_hash, row.expires_at = token_hash(token), now + (row.expires_at - row.invited_at)
    row.invited_by_id, row.invited_at = access.member_id, now
    row.save(update_fields=["token_hash", "expires_at", "invited_by", "invited_at"])
    _write(access, row, "link_renewed", {"expires_at": before}, {"expires_at": row.expires_at}, now)
    return Issued(row.pk, token, row.expires_at)


@transaction.atomic
def invitation_accept(*, tenant: TenantRef, token: str, user_id: int, now: datetime, origin: str = "") -> int:
    """Make a person with an account a member; the member's id. Of two at the same time one is told that it is used.

    Bundles that the inviter may not hand out by now, and those that are gone, are left out; the audit log says so.
    Raises InvitationClosed, AlreadyMember, LookupError for an unknown token.
    """
    row = Invitation.objects.select_for_update().filter(token_hash=token_hash(token)).first()
    if row is None:
        raise LookupError("no such invitation")
    state = state_of(row, now)
    if state is not InvitationState.OPEN:
        raise InvitationClosed(state)
    inviter = inviter_access(row, tenant, now, origin)
    if inviter is None:
        raise InvitationClosed(InvitationState.VOID)
    inviter = giver_now(inviter, now=now)
    if not inviter.can("members.manage"):
        raise InvitationClosed(InvitationState.VOID)
    known = Member.objects.filter(user_id=user_id).first()
    if known is not None:
        raise AlreadyMember(known.is_active)
    given = _still_givable(inviter, row.bundles)
    try:
        with transaction.atomic():
            member_id = member_add(
                access=inviter,
                user_id=user_id,
                display_name=row.display_name,
                department_id=row.department_id,
                bundle_keys=given,
                now=now,
            )
    except IntegrityError as error:
        # Two links for one person, opened at the same time.
        raise AlreadyMember(active=True) from error
    row.accepted_at, row.member_id = now, member_id
    row.save(update_fields=["accepted_at", "member"])
    left_out = sorted(set(row.bundles) - set(given))
    after = {"bundles": given, **({"left_out": left_out} if left_out else {})}
    _write(replace(inviter, reason="接受邀请"), row, "accepted", {"bundles": row.bundles}, after, now)
    return member_id


@transaction.atomic
def invitation_accept_new(
    *, tenant: TenantRef, token: str, username: str, password: str, now: datetime, origin: str = ""
) -> int:
    """Make an account and a member of somebody new; the user's id. No account is left when the link leads nowhere.

    Raises ValidationError for a weak password, UsernameTaken, and as :func:`invitation_accept`.
    """
    # The link is held before the account is made: of two at the same time, only one makes one.
    if not list(Invitation.objects.select_for_update().filter(token_hash=token_hash(token)).values_list("id")):
        raise LookupError("no such invitation")
    if User.objects.filter(username__iexact=username).exists():
        raise UsernameTaken(username)
    try:
        user_id = user_create(username=username, password=password, now=now)
    except IntegrityError as error:
        raise UsernameTaken(username) from error
    invitation_accept(tenant=tenant, token=token, user_id=user_id, now=now, origin=origin)
    return user_id


def _still_givable(inviter: Access, keys: Sequence[str]) -> list[str]:
    """Those of ``keys`` that exist and that the inviter may hand out now."""
    given = []
    for key in RoleBundle.objects.filter(key__in=keys).order_by("key").values_list("key", flat=True):
        try:
            check_givable(inviter, [key])
        except BundleRefused:
            continue
        given.append(key)
    return given


def _departments(access: Access, plans: Sequence[Plan]) -> dict[int, str]:
    """The names of the departments of ``plans``. Raises Denied for one out of reach, LookupError for an unknown one."""
    within = departments_within(access)
    wanted = {plan.department_id for plan in plans}
    if within is not None and not wanted <= within:
        raise Denied("members.manage", what="部门")
    known = dict(Department.objects.filter(pk__in=wanted - {None}).values_list("id", "name"))
    if unknown := wanted - {None} - known.keys():
        raise LookupError(f"no such department: {unknown}")
    return known


def _locked(access: Access, invitation_id: int) -> Invitation:
    within = departments_within(access)
    rows = Invitation.objects.select_for_update()
    row: Invitation = (rows if within is None else rows.filter(department__in=within)).get(pk=invitation_id)
    return row


def _write(
    access: Access, row: Invitation, verb: str, before: Mapping[str, object], after: Mapping[str, object], now: datetime
) -> None:
    audit.record(
        access=access,
        action=f"invitation.{verb}",
        object_type="invitation",
        object_id=row.pk,
        object_label=row.display_name,
        before=before,
        after=after,
        now=now,
    )
