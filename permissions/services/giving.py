"""Giving bundles to, and taking them from, one member or many at once (product.md §5.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from permissions.access import Access, Denied
from permissions.models import RoleBundle
from permissions.rules import Plan
from permissions.selectors.giving import OWN_REFUSED, MemberPreview, members_preview
from permissions.services.bundles import assign, take
from permissions.services.handing_out import BundleRefused, check_gives, check_takable, giver_now
from permissions.services.owners import LastOwner


@transaction.atomic
def bundles_give(
    *, access: Access, member_ids: Iterable[int], plan: Plan, now: datetime
) -> tuple[list[MemberPreview], list[MemberPreview]]:
    """Carry the plan out for every member for whom it may be; (those changed, those left out and why).

    Nobody changes their own bundles, and an owner stays: these members are left out. Felt on the next request.
    Raises Denied without ``members.manage`` or for members out of its reach, BundleRefused when a bundle may not be
    handed out or only oneself was meant, LastOwner, LookupError for an unknown bundle, folder or code, ValueError
    for an end that has passed.
    """
    member_ids = set(member_ids)
    access = giver_now(access, now=now, members=member_ids)
    access.require("members.manage")
    bundles = check_gives(access, plan.give) | check_takable(access, {key for key, _, _ in plan.take})
    if any(give.until is not None and give.until <= now for give in plan.give):
        raise ValueError("an end that has passed gives nothing")
    rows = members_preview(access, member_ids, plan, now=now)
    if member_ids - {row.member_id for row in rows}:
        raise Denied("members.manage", what="这些成员")
    done, left = [row for row in rows if not row.refused], [row for row in rows if row.refused]
    if left and not done:
        if left[0].refused == OWN_REFUSED:
            raise BundleRefused("members.manage", what="自己的角色权限包")
        raise LastOwner(f"members {[row.member_id for row in left]}")
    for row in sorted(done, key=lambda row: row.member_id):
        _carry_out(access, bundles, row.member_id, plan, now)
    return done, left


def _carry_out(access: Access, bundles: Mapping[str, RoleBundle], member_id: int, plan: Plan, now: datetime) -> None:
    given = {give.place for give in plan.give}
    for give in plan.give:
        assign(access, bundles[give.key], member_id, give, now)
    for place in plan.take:
        if place not in given:
            take(access, bundles[place[0]], member_id, place, now)
