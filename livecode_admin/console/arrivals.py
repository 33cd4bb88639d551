"""开通: a newcomer becomes a member, the staff of that person is linked, and the person takes part in their codes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from people.selectors import staff_members, staff_of_departments, staff_userids
from people.services import staff_link
from people.services.staff import staff_unlink
from permissions.access import Access
from permissions.selectors.reach import departments_within
from permissions.services import member_identify
from permissions.services.newcomers import OpenResult, newcomers_open
from routing.services.participants import participants_follow


@transaction.atomic
def newcomers_admit(*, access: Access, picks: Mapping[int, str], now: datetime) -> OpenResult:
    """Let newcomers in with their bundles (see ``newcomers_open``), each as the staff that they are. Raises as that."""
    result = newcomers_open(access=access, picks=picks, now=now)
    linked = staff_link(member_ids={one.wecom_userid: one.member_id for one in result.opened})
    if linked:
        participants_follow(staff_ids=linked)
    return result


class StaffTaken(ValueError):
    """The staff is another member already; the message is for the person."""


@transaction.atomic
def member_link(*, access: Access, member_id: int, staff_id: int | None, now: datetime) -> None:
    """Say which staff a member is, or none: 「我的活码」 and signing in by scan go by it at once.

    Who manages a department's members links its staff alone: a member sees the customers of the staff that they are.

    Raises Denied and BundleRefused as ``member_identify``, StaffTaken, IntegrityError for another's WeCom account.
    """
    userid = ""
    if staff_id is not None:
        within = departments_within(access)
        reached = within is None or staff_id in staff_of_departments(within)
        userid = staff_userids([staff_id]).get(staff_id, "") if reached else ""
        if not userid:
            raise StaffTaken("该客服不存在，请刷新后重试")
        if staff_members([staff_id]).get(staff_id, member_id) != member_id:
            raise StaffTaken("该客服已关联另一位成员，请先解除")
    member_identify(access=access, member_id=member_id, wecom_userid=userid, now=now)
    touched = staff_unlink(member_id=member_id)
    if userid:
        touched += staff_link(member_ids={userid: member_id})
    participants_follow(staff_ids=touched)
