"""Friend requests that nobody has accepted: the receptionist is reminded after 3 minutes, the lead after 10 (§1.10).

Only links report requests (WeCom's friend_request, document 97299); of contact ways nothing is known before the add.
A request waits until the friend is added, whether its slot is still held or was given back long ago.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connections, transaction
from django.db.models import Q

from livecode_admin.workspace.services import notice_send
from people.selectors import staff_cards, staff_members, staff_of_members, staff_userids
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

    Each request reminds once after 3 minutes and once after 10; several of one colleague make one message. One that is
    found after 10 minutes reminds both.
    """
    waiting = (
        Slot.objects.select_for_update(of=("self",), skip_locked=True)
        .exclude(state=Slot.State.FRIEND)
        .filter(Q(reminded=None) | Q(reminded__lt=LEAD_AFTER))
    )
    soon = waiting.filter(requested_at__lte=now - timedelta(minutes=RECEPTIONIST_AFTER), reminded=None)
    for_receptionists = _noted(soon, RECEPTIONIST_AFTER)
    late = waiting.filter(requested_at__lte=now - timedelta(minutes=LEAD_AFTER))
    for_leads = _noted(late, LEAD_AFTER)
    cards = staff_cards([*for_leads, *for_receptionists])
    slug = tenant_facts().slug
    departments = {cards[pk].department_id for pk in for_leads}
    leads_of = {pk: members_holding("alerts.reception", pk, now=now) for pk in departments}
    userids = _userids_of({pk for leads in leads_of.values() for pk in leads})
    accounts = staff_members(for_receptionists)
    reminders = []
    for staff_id, number in for_receptionists.items():
        text = f"有 {number} 位客户的好友申请等待超过 {RECEPTIONIST_AFTER} 分钟，请尽快通过"
        members = [accounts[staff_id]] if staff_id in accounts else []
        notice_send(member_ids=members, kind="request", text=text, url="", now=now)
        reminders.append(Reminder((cards[staff_id].wecom_userid,), text))
    for staff_id, number in for_leads.items():
        card = cards[staff_id]
        text = f"{card.name}有 {number} 位客户的好友申请等待超过 {LEAD_AFTER} 分钟，尚未通过"
        leads = leads_of[card.department_id]
        notice_send(member_ids=leads, kind="request", text=text, url=f"/t/{slug}/live/", now=now)
        reminders.append(Reminder(tuple(sorted(one for pk in leads for one in userids.get(pk, ()))), text))
    return [reminder for reminder in reminders if reminder.userids]


def _noted(rows: Iterable[Slot], minutes: int) -> dict[int, int]:
    """How many requests wait for each colleague; noted as reminded of."""
    found = list(rows)
    Slot.objects.filter(pk__in=[slot.pk for slot in found]).update(reminded=minutes)
    counts: dict[int, int] = {}
    for slot in found:
        counts[slot.staff_id] = counts.get(slot.staff_id, 0) + 1
    return counts


def _userids_of(member_ids: Iterable[int]) -> dict[int, list[str]]:
    """The WeCom user ids of those members who are staff, in two queries for any number of them."""
    staff = staff_of_members(member_ids)
    userids = staff_userids(staff)
    told: dict[int, list[str]] = {}
    for staff_id, member_id in staff.items():
        told.setdefault(member_id, []).append(userids[staff_id])
    return told


def tenants_with_requests(now: datetime) -> list[int]:
    """The tenants in which a request has waited for 3 minutes; read as ``livecode_ops``."""
    with connections["ops"].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tenant_id FROM routing_slot WHERE state <> 'friend' AND requested_at IS NOT NULL"
            " AND requested_at <= %s AND (reminded IS NULL OR reminded < %s)",
            [now - timedelta(minutes=RECEPTIONIST_AFTER), LEAD_AFTER],
        )
        return [int(row[0]) for row in cursor.fetchall()]
