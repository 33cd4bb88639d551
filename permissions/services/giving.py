"""Giving bundles to, and taking them from, one member or many at once (product.md §5.1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from permissions.access import Access
from permissions.rules import Plan
from permissions.selectors.giving import OWN_REFUSED, MemberPreview, members_preview
from permissions.services.bundles import BundleRefused, bundle_assign, bundle_revoke, check_givable
from permissions.services.owners import LastOwner


@transaction.atomic
def bundles_give(
    *, access: Access, member_ids: Iterable[int], plan: Plan, now: datetime
) -> tuple[list[MemberPreview], list[MemberPreview]]:
    """Carry the plan out for every member for whom it may be; (those changed, those left out and why).

    Nobody changes their own bundles, and an owner stays: these members are left out. Felt on the next request.
    Raises Denied without ``members.manage``, BundleRefused when a bundle may not be handed out or only oneself was
    meant, LastOwner, LookupError for an unknown bundle, folder or code, ValueError for an end that has passed.
    """
    access.require("members.manage")
    check_givable(access, {give.key for give in plan.give} | {key for key, _, _ in plan.take})
    if any(give.until is not None and give.until <= now for give in plan.give):
        raise ValueError("an end that has passed gives nothing")
    rows = members_preview(access, member_ids, plan, now=now)
    done, left = [row for row in rows if not row.refused], [row for row in rows if row.refused]
    if left and not done:
        if left[0].refused == OWN_REFUSED:
            raise BundleRefused("members.manage", what="自己的角色权限包")
        raise LastOwner(f"members {[row.member_id for row in left]}")
    for row in sorted(done, key=lambda row: row.member_id):
        _carry_out(access, row.member_id, plan, now)
    return done, left


def _carry_out(access: Access, member_id: int, plan: Plan, now: datetime) -> None:
    given = {give.place for give in plan.give}
    for give in plan.give:
        bundle_assign(
            access=access,
            member_id=member_id,
            bundle_key=give.key,
            target=give.target,
            target_id=give.target_id,
            until=give.until,
            scope=give.scope,
            tier=give.tier,
            now=now,
        )
    for key, target, target_id in plan.take:
        if (key, target, target_id) not in given:
            bundle_revoke(
                access=access, member_id=member_id, bundle_key=key, target=target, target_id=target_id, now=now
            )
