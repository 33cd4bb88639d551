"""Friend requests that nobody has accepted: the receptionist is reminded after 3 minutes, the lead after 10 (§1.10).

Only links report requests (WeCom's friend_request, document 97299); of contact ways nothing is known before the add.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connections, transaction
from django.db.models import Q

from livecode_admin.workspace.services import notice_send
from people.selectors import staff_cards, staff_members, staff_of_member, staff_userids
from permissions.selectors import members_holding
from routing.models import Slot
from tenants.selectors import tenant_facts

RECEPTIONIST_AFTER = 3
LEAD_AFTER = 10


@dataclass(frozen=True, slots=True)
class Reminder:
    """One WeCom message to send. ``userids``: who gets it."""

    userids: tuple[str, ...]
    text: str


@transaction.atomic
def requests_remind(*, now: datetime) -> list[Reminder]:
    """Note who is reminded of what, put it into the bells, and return the WeCom messages to send after the commit.

    Each request reminds once after 3 minutes and once after 10; several of one colleague make one message.
    """
    waiting = Slot.objects.select_for_update(of=("self",), skip_locked=True).filter(state=Slot.State.WAITING)
    late = waiting.filter(requested_at__lte=now - timedelta(minutes=LEAD_AFTER)).filter(
        Q(reminded=None) | Q(reminded__lt=LEAD_AFTER)
    )
    for_leads = _noted(late, LEAD_AFTER)
    soon = waiting.filter(requested_at__lte=now - timedelta(minutes=RECEPTIONIST_AFTER), reminded=None)
    for_receptionists = _noted(soon, RECEPTIONIST_AFTER)
    cards = staff_cards([*for_leads, *for_receptionists])
    slug = tenant_facts().slug
    reminders = []
    for staff_id, number in for_receptionists.items():
        text = f"有 {number} 位客户的好友申请等待超过 {RECEPTIONIST_AFTER} 分钟，请尽快通过"
        members = staff_members([staff_id]).values()
        notice_send(member_ids=members, kind="request", text=text, url="", now=now)
        reminders.append(Reminder((cards[staff_id].wecom_userid,), text))
    for staff_id, number in for_leads.items():
        card = cards[staff_id]
        text = f"{card.name}有 {number} 位客户的好友申请等待超过 {LEAD_AFTER} 分钟，尚未通过"
        leads = members_holding("alerts.reception", card.department_id, now=now)
        notice_send(member_ids=leads, kind="request", text=text, url=f"/t/{slug}/live/", now=now)
        reminders.append(Reminder(_userids_of(leads), text))
    return [reminder for reminder in reminders if reminder.userids]


def _noted(rows: Iterable[Slot], minutes: int) -> dict[int, int]:
    """How many requests wait for each colleague; noted as reminded of."""
    found = list(rows)
    Slot.objects.filter(pk__in=[slot.pk for slot in found]).update(reminded=minutes)
    counts: dict[int, int] = {}
    for slot in found:
        counts[slot.staff_id] = counts.get(slot.staff_id, 0) + 1
    return counts


def _userids_of(member_ids: Iterable[int]) -> tuple[str, ...]:
    """The WeCom user ids of those members who are staff."""
    staff = [staff_id for member_id in member_ids for staff_id in staff_of_member(member_id)]
    return tuple(sorted(staff_userids(staff).values()))


def tenants_with_requests(now: datetime) -> list[int]:
    """The tenants in which a request has waited for 3 minutes; read as ``livecode_ops``."""
    with connections["ops"].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tenant_id FROM routing_slot WHERE state = 'waiting' AND requested_at IS NOT NULL"
            " AND requested_at <= %s AND (reminded IS NULL OR reminded < %s)",
            [now - timedelta(minutes=RECEPTIONIST_AFTER), LEAD_AFTER],
        )
        return [int(row[0]) for row in cursor.fetchall()]
