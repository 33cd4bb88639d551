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
from permissions.models import Member, RoleBundle


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
