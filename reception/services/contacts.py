"""What an event does to a contact: its standing, its history, the slot, tags and the CRM, in one transaction."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import assert_never

from django.db import connection, transaction

from codes.selectors import code_cards
from crm.services.outbox import event_emit
from people.selectors import StaffCard, customer_name_of, staff_by_userid
from people.services import customer_upsert
from reception.models import Contact, ContactEvent
from reception.rules import Change, ContactState, Standing, standing_after
from routing.services.slots import Attribution, friend_added, friendship_ended
from tagging.selectors import tag_names
from tagging.services import code_tags_apply
from tenants.context import require_tenant_id
from wecom.events import CustomerAdded, CustomerEdited, CustomerHalfAdded, CustomerLeft, CustomerRemoved

# ContactEvent ids commit in order within a tenant, so that rollups can follow them by a watermark (design.md §5).
_LOCK_CLASS = 0x6C63


class StaffUnknown(LookupError):
    """An event names a WeCom user that the last contact sync didn't bring."""


CustomerEvent = CustomerAdded | CustomerHalfAdded | CustomerEdited | CustomerLeft | CustomerRemoved


def change_of(event: CustomerEvent) -> Change:
    """What an event says happened."""
    match event:
        case CustomerAdded():
            return Change.ADDED
        case CustomerHalfAdded():
            return Change.HALF_ADDED
        case CustomerEdited():
            return Change.EDITED
        case CustomerLeft():
            return Change.LOST
        case CustomerRemoved():
            return Change.REMOVED
        case _:
            assert_never(event)


@transaction.atomic
def contact_change(
    *, inbox_id: int, event: CustomerEvent, name: str, avatar_url: str, gender: int, kind: int, now: datetime
) -> str:
    """Apply one customer event: contact, history, attribution and slot, tags, CRM. Returns a note for the inbox.

    Applying the same inbox row twice changes nothing; any order of events ends in the same contact.

    Raises:
        StaffUnknown: the colleague isn't here (yet): the event has to wait for the contact sync.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, require_tenant_id()])
    if ContactEvent.objects.filter(inbox_id=inbox_id).exists():
        return "此前已处理"
    staff = staff_by_userid(event.user_id)
    if staff is None:
        raise StaffUnknown(event.user_id)
    occurred_at = datetime.fromtimestamp(event.create_time, UTC)
    customer_id = customer_upsert(
        external_userid=event.external_user_id, name=name, avatar_url=avatar_url, gender=gender, kind=kind, now=now
    )
    contact = _contact_lock(customer_id, staff.id, now)
    change = change_of(event)
    first_add = change is Change.ADDED and contact.added_at is None
    half_before = ContactEvent.objects.filter(contact=contact, change=Change.HALF_ADDED).exclude(code_id=None).last()
    attribution = _attribute(event, half_before, staff, customer_id, occurred_at, now)
    _standing_apply(contact, change, occurred_at, attribution, now)
    if change in (Change.LOST, Change.REMOVED) and contact.state != ContactState.FRIEND:
        friendship_ended(customer_id=customer_id, staff_id=staff.id)
    _history_append(contact, inbox_id, change, staff, attribution, occurred_at, first_add, now)
    known_name = name or customer_name_of(event.external_user_id)
    _tell_others(contact, change, staff, attribution, known_name, occurred_at, now)
    return f"{change}:{attribution.match if attribution else '—'}"


def _contact_lock(customer_id: int, staff_id: int, now: datetime) -> Contact:
    contact: Contact
    contact, _ = Contact.objects.select_for_update(of=("self",)).get_or_create(
        customer_id=customer_id,
        staff_id=staff_id,
        defaults={"state": ContactState.REQUEST, "updated_at": now},
    )
    return contact


def _attribute(
    event: CustomerEvent,
    half_before: ContactEvent | None,
    staff: StaffCard,
    customer_id: int,
    occurred_at: datetime,
    now: datetime,
) -> Attribution | None:
    """Which scan brought an add. A half-add that was matched already passes its match on to the full add."""
    if not isinstance(event, CustomerAdded | CustomerHalfAdded):
        return None
    if half_before is not None:
        return Attribution(
            code_id=half_before.code_id,
            seat_id=half_before.seat_id,
            scan_id=half_before.scan_id,
            sub_channel=half_before.sub_channel,
            match=half_before.match,
            late=half_before.late,
            day=None,
        )
    return friend_added(
        state=event.state,
        staff_userid=event.user_id,
        customer_id=customer_id,
        occurred_at=occurred_at,
        now=now,
        accepted=isinstance(event, CustomerAdded),
    )


def _standing_apply(
    contact: Contact, change: Change, occurred_at: datetime, attribution: Attribution | None, now: datetime
) -> None:
    before = Standing(
        ContactState(contact.state) if contact.state_since else None, contact.state_since, contact.state_rank
    )
    after = standing_after(before, change, occurred_at)
    if after.state is not None:
        contact.state, contact.state_since, contact.state_rank = after.state, after.since, after.rank
    if change is Change.ADDED:
        contact.added_at = max(occurred_at, contact.added_at or occurred_at)
    if change in (Change.LOST, Change.REMOVED):
        contact.lost_at = max(occurred_at, contact.lost_at or occurred_at)
    if attribution is not None and (attribution.code_id is not None or contact.code_id is None):
        contact.code_id, contact.seat_id = attribution.code_id, attribution.seat_id
        contact.sub_channel, contact.match = attribution.sub_channel, attribution.match
        contact.late = attribution.late
    contact.updated_at = now
    contact.save()


def _known_origin(contact: Contact) -> Attribution:
    """What an event that isn't an add belongs to: the contact's own code, no scan."""
    return Attribution(contact.code_id, contact.seat_id, None, contact.sub_channel, contact.match, False, None)


def _history_append(
    contact: Contact,
    inbox_id: int,
    change: Change,
    staff: StaffCard,
    attribution: Attribution | None,
    occurred_at: datetime,
    first_time: bool,
    now: datetime,
) -> None:
    origin = attribution or _known_origin(contact)
    ContactEvent.objects.create(
        contact=contact,
        inbox_id=inbox_id,
        change=change,
        customer_id=contact.customer_id,
        staff_id=staff.id,
        department_id=staff.department_id,
        code_id=origin.code_id,
        seat_id=origin.seat_id,
        scan_id=origin.scan_id,
        sub_channel=origin.sub_channel,
        match=origin.match,
        late=origin.late,
        first_time=first_time,
        occurred_at=occurred_at,
        recorded_at=now,
    )


def _tell_others(
    contact: Contact,
    change: Change,
    staff: StaffCard,
    attribution: Attribution | None,
    name: str,
    occurred_at: datetime,
    now: datetime,
) -> None:
    """Tags for a new friend, and the CRM's event of an add or a loss (product.md §3.3, §7.1)."""
    if change not in (Change.ADDED, Change.LOST, Change.REMOVED):
        return
    tags: list[str] = []
    if change is Change.ADDED and contact.code_id is not None:
        tag_ids = code_tags_apply(code_id=contact.code_id, customer_id=contact.customer_id, staff_id=staff.id, now=now)
        tags = list(tag_names(tag_ids).values())
    card = code_cards([contact.code_id])[contact.code_id] if contact.code_id is not None else None
    event_emit(
        event_type="customer.added" if change is Change.ADDED else "customer.lost",
        customer_id=contact.customer_id,
        body={
            "customer": {"id": contact.customer_id, "name": name},
            "staff": {"userid": staff.wecom_userid, "name": staff.name},
            "code": {"id": card.id, "name": card.name, "slug": card.slug} if card else None,
            "channel": card.channel_name if card else None,
            "sub_channel": contact.sub_channel or None,
            "attribution": contact.match,
            "late": attribution.late if attribution else False,
            "tags": tags,
            "by": "customer" if change is Change.LOST else "staff",
        },
        occurred_at=occurred_at,
        now=now,
    )
