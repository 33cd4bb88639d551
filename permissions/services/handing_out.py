"""Whoever hands out rights hands out what they may *now*: what that depends on stays locked until it is done.

Rights are read when a request begins. By the time it writes, another request may have taken them away, or have put more
into a bundle; so every service that hands something out reads them again, under locks (product.md §5.6).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q

from permissions.access import Access, Denied, access_for
from permissions.capabilities import LABELS
from permissions.models import Member, RoleBundle
from permissions.rules import Give
from permissions.selectors.giving import lack_words, lacking_for, narrowest
from permissions.selectors.reach import members_within
from permissions.services.owners import locked


class BundleRefused(Denied):
    """The bundle may not be handed out by this member: it holds more than the giver may give, or it is their own.

    ``lacks`` names what misses in words, with the reach that it would take.
    """

    def __init__(self, capability: str, *more: str, what: str = "", lacks: str = "") -> None:
        super().__init__(capability, *more, what=what)
        self.lacks = lacks or "、".join(LABELS[name] for name in self.missing)


@dataclass(frozen=True)
class _Tenant:
    """The tenant of an access, as building another one asks for it."""

    id: int
    slug: str


def giver_now(access: Access, *, now: datetime, members: Iterable[int] = ()) -> Access:
    """The acting member's rights as they are now, with every bundle, the member, ``members`` and all owners locked.

    Bundles first, then members, each in the order of their ids: whoever hands out at the same time waits. The system
    stays as it is. Raises Denied when the member is none any more.
    """
    list(RoleBundle.objects.select_for_update(no_key=True).order_by("id").values_list("id"))
    wanted = Q(is_owner=True) | Q(pk__in={*members, *([access.member_id] if access.member_id is not None else [])})
    list(Member.objects.select_for_update().filter(wanted).order_by("id").values_list("id"))
    if access.user_id is None:
        return access
    fresh = access_for(access.user_id, _Tenant(access.tenant_id, access.tenant_slug), now, origin=access.origin)
    if fresh is None:
        raise Denied("members.manage")
    return replace(fresh, viewed_by=access.viewed_by, reason=access.reason)


def member_to_change(access: Access, member_id: int) -> Member:
    """The member, locked as :func:`permissions.services.owners.locked` does it.

    Raises Denied without ``members.manage``, DoesNotExist for somebody unknown or out of its reach.
    """
    member = locked(member_id)
    if not members_within(access).filter(pk=member_id).exists():
        raise Member.DoesNotExist(f"member {member_id}")
    return member


def check_givable(access: Access, keys: Iterable[str]) -> dict[str, RoleBundle]:
    """The bundles by key, if this member may hand out all of them as they are. Raises as :func:`check_gives`."""
    return check_gives(access, [Give(key) for key in keys])


def check_takable(access: Access, keys: Iterable[str]) -> dict[str, RoleBundle]:
    """The bundles by key, if this member may hand them out at all: taking makes nobody reach further.

    Raises as :func:`check_gives`.
    """
    return check_gives(access, [narrowest(key) for key in keys])


def check_gives(access: Access, gives: Iterable[Give]) -> dict[str, RoleBundle]:
    """The bundles by key, if this member may hand out all of them with the scope and tier of each ``Give``.

    For single folders and codes only who manages the whole company's members gives: they lie in no one's department.
    Raises BundleRefused naming what the giver does not hold; LookupError for a key that the tenant does not have.
    """
    wanted = list(gives)
    rows: dict[str, RoleBundle] = {
        row.key: row for row in RoleBundle.objects.filter(key__in={give.key for give in wanted})
    }
    if unknown := {give.key for give in wanted} - rows.keys():
        raise LookupError(f"no such bundle: {sorted(unknown)}")
    refused = [give for give in wanted if lacking_for(access, rows[give.key], give)]
    if refused:
        missing = sorted({name for give in refused for name in lacking_for(access, rows[give.key], give)})
        raise BundleRefused(
            *missing,
            what="、".join(dict.fromkeys(rows[give.key].name for give in refused)),
            lacks="、".join(dict.fromkeys(lack_words(access, rows[give.key], give) for give in refused)),
        )
    return rows
