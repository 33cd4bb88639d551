"""上线/下线: a receptionist's own switch, and taking somebody back who was held for 疑似已满 (product.md §2.10, §2.13).

Both are felt by the very next scan: each batch reads them anew.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from people.selectors import StaffCard, staff_cards, staff_of_member
from permissions import audit
from permissions.access import Access, Denied, Scope
from routing.models import StaffLimit, StaffSuspect
from routing.services.changing import RoutingRefused, tenant_lock

OWN_ONLINE = "online (own)"


class PresenceRefused(RoutingRefused):
    """There is nobody whose switch it is; nothing was changed."""


@transaction.atomic
def own_online_set(*, access: Access, online: bool, now: datetime) -> None:
    """Take oneself on or off line in all codes. Slots that were given already stay; nothing else changes.

    Raises:
        Denied: without ``routing.self``.
        PresenceRefused: the member is no staff of WeCom, so nobody is led to them anyway.
    """
    access.require_fields("staff", [OWN_ONLINE])
    cards = staff_cards(staff_of_member(access.member_id))
    if not cards:
        raise PresenceRefused("您的账号没有对应的客服，请联系管理员在「成员与权限」中核对")
    tenant_lock()  # the batch under way ends first: whoever scans after this answer meets the new state
    for staff_id, card in cards.items():
        limit, _ = StaffLimit.objects.get_or_create(staff_id=staff_id)
        if limit.online is online:
            continue
        limit.online = online
        limit.save(update_fields=["online"])
        audit.record(
            access=access,
            action="staff.went_online" if online else "staff.went_offline",
            object_type="staff",
            object_id=staff_id,
            object_label=card.name,
            before={"online": not online},
            after={"online": online},
            now=now,
        )


def may_lift_suspect(access: Access, card: StaffCard) -> bool:
    """Whether the member may take this colleague back: it holds over all codes, so the scope goes by the colleague."""
    scope = access.scope("routing.roster")
    return scope is Scope.ALL or (scope is Scope.DEPARTMENT and card.department_id in access.department_ids)


@transaction.atomic
def suspect_lift(*, access: Access, staff_id: int, now: datetime) -> bool:
    """恢复接待: the colleague takes part again from the next scan on. False when nobody held them any more.

    Raises:
        Denied: without ``routing.roster``, or not for this colleague.
        PresenceRefused: no such colleague.
    """
    access.require("routing.roster")
    card = staff_cards([staff_id]).get(staff_id)
    if card is None:
        raise PresenceRefused("该客服不存在")
    if not may_lift_suspect(access, card):
        raise Denied("routing.roster", what=card.name)
    tenant_lock()
    row = StaffSuspect.objects.filter(staff=staff_id, until__gt=now).first()
    if row is None:
        return False
    row.until = now
    row.save(update_fields=["until"])
    audit.record(
        access=access,
        action="staff.suspect_lifted",
        object_type="staff",
        object_id=staff_id,
        object_label=card.name,
        before={"since": row.since, "assigned": row.assigned},
        after={"until": now},
        now=now,
    )
    return True
