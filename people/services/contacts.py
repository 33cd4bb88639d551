"""The contact sync: departments, people and who has 客户联系, from WeCom (design.md §7, wecom-contract.md).

Claim → ask WeCom outside of any transaction → record in one transaction. Who is missing and unknown to ``user/get``
has left; who is there but beyond the app's scope is shown as 不在可见范围.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from people.models import ContactSync, Staff
from people.rules import Reason, Status, reason, status_of_wecom
from people.services.staff import staff_all_left, staff_moved, staff_upsert
from people.wecom_client import client_for
from permissions.access import Access
from permissions.services.departments import department_upsert
from permissions.services.newcomers import Arrival, newcomers_gone, newcomers_note
from tenants.context import tenant_context
from tenants.selectors import wecom_credentials
from wecom.client import Client
from wecom.client.directory import ACTIVATED, Department, User
from wecom.errors import Action, WecomError

CLAIM = timedelta(minutes=10)
LEFT = 5
UNKNOWN_PERSON = frozenset({60111, 46004, 40003})
BEYOND_SCOPE = frozenset({60011, 50002, 60021})
# One call a person; beyond that the reason shown is 未开客户联系, which needs the same administrator.
MOST_PROBES = 100


@dataclass(frozen=True, slots=True)
class Directory:
    """What WeCom said, before anything is written. ``people`` by user id; ``follows``: who has 客户联系;
    ``hidden``: who is there, but not for this app."""

    departments: list[Department]
    people: Mapping[str, User]
    follows: frozenset[str]
    hidden: frozenset[str]


@dataclass(frozen=True, slots=True)
class SyncResult:
    """How a sync ended. ``left``: our ids of those who have left since the last one; ``skipped``: another one runs."""

    staff: int = 0
    receivable: int = 0
    left: tuple[int, ...] = ()
    skipped: bool = False
    error: str = ""


def contacts_sync(*, access: Access, now: datetime) -> SyncResult:
    """Bring departments and staff in step with WeCom. Called outside of any tenant context and transaction.

    An error of WeCom is recorded, shown on the staff page and returned; nobody is taken as having left because of it.
    Raises Denied without ``staff.manage``.
    """
    access.require("staff.manage")
    with tenant_context(access.tenant_id):
        if not _claim(now):
            return SyncResult(skipped=True)
        credentials = wecom_credentials()
        here = list(Staff.objects.exclude(status=Status.LEFT).values_list("wecom_userid", flat=True))
    if credentials is None:
        return _give_up(access, "尚未连接企业微信", now)
    try:
        directory = fetch(client_for(credentials), here)
    except WecomError as error:
        return _give_up(access, error.text, now)
    with tenant_context(access.tenant_id):
        return _record(access, directory, now)


def fetch(client: Client, here: Sequence[str]) -> Directory:
    """Departments, their people, the follow users, and who of ``here`` (our staff) is hidden. Raises WecomError."""
    departments = client.list_departments()
    people = {user.userid: user for department in departments for user in client.list_users(department.id)}
    try:
        follows = frozenset(client.get_follow_user_list())
    except WecomError as error:
        # Without the right to ask, nobody can receive; the reason stands beside each name.
        if error.action is not Action.ADMIN:
            raise
        follows = frozenset()
    missing = [userid for userid in here if userid not in people]
    hidden = {userid for userid in missing if userid in follows or _is_there(client, userid)}
    unlisted = [user.userid for user in people.values() if user.status == ACTIVATED and user.userid not in follows]
    hidden |= {userid for userid in unlisted[:MOST_PROBES] if follows and _is_beyond_scope(client, userid)}
    return Directory(departments, people, follows, frozenset(hidden))


def _is_there(client: Client, userid: str) -> bool:
    """Whether somebody who is in no list any more still exists, by ``user/get``. Raises WecomError."""
    try:
        return client.get_user(userid).status != LEFT
    except WecomError as error:
        if error.code in UNKNOWN_PERSON:
            return False
        if error.code in BEYOND_SCOPE:
            return True
        raise


def _is_beyond_scope(client: Client, userid: str) -> bool:
    """Whether the app may not ask for this person's customers: that tells 不在可见范围 from 未开客户联系."""
    try:
        client.list_customers(userid)
    except WecomError as error:
        return error.code in BEYOND_SCOPE
    return False


@transaction.atomic
def _claim(now: datetime) -> bool:
    """Whether this run may go on: one at a time, and a run that died is taken over after ten minutes."""
    ContactSync.objects.bulk_create([ContactSync()], ignore_conflicts=True)
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    return bool(ContactSync.objects.filter(free).update(claimed_until=now + CLAIM, started_at=now))


def _give_up(access: Access, error: str, now: datetime) -> SyncResult:
    with tenant_context(access.tenant_id):
        ContactSync.objects.update(claimed_until=None, finished_at=now, error=error[:200])
    return SyncResult(error=error)


def _record(access: Access, directory: Directory, now: datetime) -> SyncResult:
    """Write all of it in the current transaction."""
    departments = _departments(access, directory.departments, now)
    known = {row.wecom_userid: row for row in Staff.objects.select_for_update()}
    receivable = 0
    for user in directory.people.values():
        why = _why(user, known.get(user.userid), directory, now)
        receivable += why is Reason.NONE
        _write(user, why, departments, now)
    outside = [row for userid, row in known.items() if userid not in directory.people]
    left = staff_all_left(
        wecom_userids=[row.wecom_userid for row in outside if row.wecom_userid not in directory.hidden], now=now
    )
    _out_of_scope([row for row in outside if row.wecom_userid in directory.hidden], now)
    _newcomers(directory, known, departments, now)
    # Departments may have moved as a whole.
    staff_moved()
    ContactSync.objects.update(
        claimed_until=None,
        finished_at=now,
        staff_count=len(directory.people),
        receivable_count=receivable,
        left_count=len(left),
        error="",
    )
    return SyncResult(len(directory.people), receivable, tuple(left))


def _departments(access: Access, departments: list[Department], now: datetime) -> dict[int, int]:
    """WeCom's tree into ours, parents first; returns our id by WeCom's. A parent that we may not see makes a root."""
    waiting = sorted(departments, key=lambda one: one.id)
    named = {one.id for one in waiting}
    ours: dict[int, int] = {}
    while waiting:
        ready = [one for one in waiting if one.parent_id in ours or one.parent_id not in named]
        for one in ready or waiting[:1]:
            ours[one.id] = department_upsert(
                access=access,
                name=one.name or f"部门{one.id}",
                parent_id=ours.get(one.parent_id),
                now=now,
                wecom_id=one.id,
                order=min(one.order, 2**31 - 1),
            )
        waiting = [one for one in waiting if one.id not in ours]
    return ours


def _why(user: User, row: Staff | None, directory: Directory, now: datetime) -> Reason:
    return reason(
        status=status_of_wecom(user.status),
        follows=user.userid in directory.follows,
        in_scope=user.userid not in directory.hidden,
        refusal=Reason(row.cannot_reason) if row else Reason.NONE,
        refused_at=row.reason_since if row else None,
        now=now,
    )


def _write(user: User, why: Reason, departments: Mapping[int, int], now: datetime) -> None:
    staff_upsert(
        wecom_userid=user.userid,
        name=user.name or user.userid,
        now=now,
        department_id=_department_of(user, departments),
        avatar_url=user.thumb_avatar or user.avatar,
        alias=user.alias,
        position=user.position,
        status=status_of_wecom(user.status),
        cannot_reason=why,
    )


def _newcomers(directory: Directory, known: Mapping[str, Staff], departments: Mapping[int, int], now: datetime) -> None:
    """Who has an account at work stands under 待开通 until they are members (product.md §5.1)."""
    arrivals, gone = [], []
    for user in directory.people.values():
        row = known.get(user.userid)
        if status_of_wecom(user.status) not in (Status.ACTIVE, Status.INACTIVE):
            gone.append(user.userid)
        elif row is None or row.member_id is None:
            arrivals.append(
                Arrival(
                    wecom_userid=user.userid,
                    name=user.name or user.userid,
                    position=user.position,
                    department_id=_department_of(user, departments),
                    returned=row is not None and row.status in (Status.LEFT, Status.DISABLED),
                )
            )
    newcomers_note(arrivals=arrivals, now=now)
    newcomers_gone(wecom_userids=gone, now=now)


def _department_of(user: User, departments: Mapping[int, int]) -> int | None:
    """Our id of somebody's main department, else of the first that we see."""
    own = [one for one in (user.main_department, *user.departments) if one in departments]
    return departments[own[0]] if own else None


def _out_of_scope(rows: list[Staff], now: datetime) -> None:
    """They exist, but no department list names them: they are beyond what this app may see."""
    hidden = Staff.objects.filter(pk__in=[row.pk for row in rows], status=Status.ACTIVE)
    hidden.exclude(cannot_reason=Reason.OUT_OF_SCOPE).update(
        can_receive=False, cannot_reason=Reason.OUT_OF_SCOPE, reason_since=now, synced_at=now
    )
