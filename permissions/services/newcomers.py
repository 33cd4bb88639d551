"""待开通: people of the company's WeCom who are no members yet, one click away (product.md §5.1).

The contact sync and the callbacks say who is there (`newcomers_note`, `newcomers_gone`); members let them in.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction

from permissions import audit
from permissions.access import Access
from permissions.models import Member, Newcomer, User
from permissions.selectors.arrivals import proposals
from permissions.selectors.reach import departments_within
from permissions.services.handing_out import BundleRefused, check_givable, giver_now
from permissions.services.members import member_add

# One request lets in so many; each is a handful of statements.
MOST_AT_ONCE = 200
_NAME_LENGTH, _POSITION_LENGTH, _USERNAME_LENGTH = 40, 40, 60


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody whom WeCom names, and who is no member. ``returned``: was gone or disabled until now."""

    wecom_userid: str
    name: str
    position: str
    department_id: int | None
    returned: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """Somebody who was let in."""

    member_id: int
    wecom_userid: str
    name: str
    bundle: str


@dataclass(slots=True)
class OpenResult:
    """Who was let in, and who was not with the reason, in Chinese."""

    opened: list[Opened] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)


@transaction.atomic
def newcomers_note(*, arrivals: Sequence[Arrival], now: datetime) -> int:
    """Bring 待开通 in step with who is there; how many are new. Members never stand there.

    Whoever was settled stays so, but for people who come back. Four statements, however many there are.
    """
    wanted = {one.wecom_userid: one for one in arrivals}
    known = {
        row.wecom_userid: row
        for row in Newcomer.objects.select_for_update().filter(wecom_userid__in=wanted).order_by("id")
    }
    members = set(Member.objects.filter(wecom_userid__in=wanted).values_list("wecom_userid", flat=True))
    there = [one for one in wanted.values() if one.wecom_userid not in members]
    bundles = proposals((one.position[:_POSITION_LENGTH], one.department_id) for one in there)
    new, changed = [], []
    for one, bundle in zip(there, bundles, strict=True):
        row = known.get(one.wecom_userid) or Newcomer(wecom_userid=one.wecom_userid, arrived_at=now)
        if row._state.adding:
            new.append(row)
        elif row.settled_at is None or one.returned:
            changed.append(row)
            if row.settled_at is not None:
                row.settled_at, row.arrived_at = None, now
        row.display_name, row.position = one.name[:_NAME_LENGTH], one.position[:_POSITION_LENGTH]
        row.department_id, row.bundle = one.department_id, bundle
    Newcomer.objects.bulk_create(new, ignore_conflicts=True)
    Newcomer.objects.bulk_update(
        changed, ["display_name", "position", "department", "bundle", "settled_at", "arrived_at"], batch_size=500
    )
    return len(new)


@transaction.atomic
def newcomers_gone(*, wecom_userids: Iterable[str], now: datetime) -> int:
    """These people left WeCom, or were disabled there: they stand under 待开通 no more. Returns how many did."""
    rows = Newcomer.objects.filter(wecom_userid__in=set(wecom_userids), settled_at=None)
    count: int = rows.update(settled_at=now)
    return count


@transaction.atomic
def newcomers_propose() -> None:
    """Propose anew to all who wait, after a default bundle was changed."""
    rows = list(Newcomer.objects.select_for_update().filter(settled_at=None).order_by("id"))
    for row, bundle in zip(rows, proposals((row.position, row.department_id) for row in rows), strict=True):
        row.bundle = bundle
    Newcomer.objects.bulk_update(rows, ["bundle"], batch_size=500)


@transaction.atomic
def newcomers_open(*, access: Access, picks: Mapping[int, str], now: datetime) -> OpenResult:
    """Make members of newcomers: ``picks`` is the key of the bundle by newcomer, empty for the one proposed.

    They sign in by WeCom: the account has no password. Who can't be let in is told with the reason, the others are
    members. Of two people who do it at once, one is told that it is done. Numbers that are nobody's are left out.
    Raises Denied without ``members.manage``, ValueError for more than 200.
    """
    access = giver_now(access, now=now)
    access.require("members.manage")
    if len(picks) > MOST_AT_ONCE:
        raise ValueError(f"at most {MOST_AT_ONCE} at once")
    result, refusals = OpenResult(), _Refusals(access)
    for row in _locked(access, picks):
        key = picks[row.pk] or (row.bundle.key if row.bundle else "")
        if row.settled_at is not None:
            result.left.append((row.display_name, "已由其他人处理"))
        elif why := refusals.why_not(key):
            result.left.append((row.display_name, why))
        elif (member_id := _open(access, row, key, now)) is None:
            result.left.append((row.display_name, "已是成员"))
        else:
            result.opened.append(Opened(member_id, row.wecom_userid, row.display_name, refusals.names[key]))
    return result


@transaction.atomic
def newcomers_set_aside(*, access: Access, newcomer_ids: Iterable[int], now: datetime) -> int:
    """不开通: they stand there no more until they come back to WeCom; how many did. Raises Denied."""
    access.require("members.manage")
    rows = [row for row in _locked(access, newcomer_ids) if row.settled_at is None]
    for row in rows:
        audit.record(
            access=access,
            action="newcomer.set_aside",
            object_type="newcomer",
            object_id=row.pk,
            object_label=row.display_name,
            before={"department": row.department.name if row.department else None, "position": row.position},
            after={},
            now=now,
        )
    count: int = Newcomer.objects.filter(pk__in=[row.pk for row in rows]).update(settled_at=now)
    return count


class _Refusals:
    """Why a bundle may not be handed out by this member; each asked once."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self.known: dict[str, str] = {}
        self.names: dict[str, str] = {}

    def why_not(self, key: str) -> str:
        if key not in self.known:
            self.known[key] = self._ask(key)
        return self.known[key]

    def _ask(self, key: str) -> str:
        if not key:
            return "没有默认权限包，请选择一个"
        try:
            self.names[key] = check_givable(self.access, [key])[key].name
        except BundleRefused as refused:
            return f"您不能授予「{refused.what}」，缺少：{refused.lacks}"
        except LookupError:
            return "角色权限包已不存在，请重新选择"
        return ""


def _locked(access: Access, newcomer_ids: Iterable[int]) -> list[Newcomer]:
    within = departments_within(access)
    rows = Newcomer.objects.select_for_update(of=("self",)).filter(pk__in=set(newcomer_ids)).order_by("id")
    rows = rows if within is None else rows.filter(department__in=within)
    return list(rows.select_related("department", "bundle"))


def _open(access: Access, row: Newcomer, key: str, now: datetime) -> int | None:
    """Make the account and the member; None when the person is one already."""
    if Member.objects.filter(wecom_userid=row.wecom_userid).exists():
        return None
    user = User(username=_username(access.tenant_slug, row.wecom_userid), date_joined=now)
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            member_id = member_add(
                access=access,
                user_id=user.pk,
                display_name=row.display_name,
                department_id=row.department_id,
                bundle_keys=[key],
                now=now,
            )
            Member.objects.filter(pk=member_id).update(wecom_userid=row.wecom_userid)
    except IntegrityError:
        return None
    row.settled_at = now
    row.save(update_fields=["settled_at"])
    return member_id


def _username(slug: str, userid: str) -> str:
    """A name that nobody else has: user ids are unique in one company only."""
    plain = re.sub(r"[^\w.@+-]", "", userid)
    return f"{plain[:28]}@{slug[:22]}.{secrets.token_hex(4)}"[:_USERNAME_LENGTH]
