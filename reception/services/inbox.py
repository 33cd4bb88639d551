"""The inbox: a callback is durable before it is answered, once however often it is delivered (design.md §6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import transaction

from livecode_admin.kernel.sealing import seal, unseal
from reception.models import InboxEvent, WelcomeDelivery
from reception.rules import welcome_deadline
from tenants.context import require_tenant_id
from tenants.tasks import enqueue_on_commit
from wecom.events import CustomerAdded, CustomerHalfAdded, Event, dedup_key, parse_event

KEEP_PAYLOAD = timedelta(days=30)
LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 12


def _payload_context(tenant_id: int) -> str:
    return f"{tenant_id}|reception.inboxevent.payload"


def welcome_context(tenant_id: int) -> str:
    """What a welcome code and the customer's id in the ledger are sealed for."""
    return f"{tenant_id}|reception.welcomedelivery"


@transaction.atomic
def event_receive(*, corp_id: str, event: Event, message: bytes, now: datetime) -> int | None:
    """Keep one decrypted callback; its inbox id, or None when it was delivered before.

    A greeting that WeCom allows is written down with it, so that nothing is lost between callback and greeting.
    """
    tenant_id = require_tenant_id()
    row = InboxEvent(
        tenant_id=tenant_id,
        dedup=dedup_key(corp_id, event),
        event=event.event[:40],
        change_type=event.change_type[:40],
        payload_sealed=seal(message.decode(), context=_payload_context(tenant_id)),
        occurred_at=datetime.fromtimestamp(event.create_time, UTC),
        received_at=now,
        next_at=now,
    )
    InboxEvent.objects.bulk_create([row], ignore_conflicts=True)
    inbox_id = InboxEvent.objects.filter(dedup=row.dedup, received_at=now).values_list("id", flat=True).first()
    if inbox_id is None:
        return None
    if isinstance(event, CustomerAdded | CustomerHalfAdded) and event.welcome_code:
        delivery = WelcomeDelivery.objects.create(
            inbox_id=inbox_id,
            welcome_code_sealed=seal(event.welcome_code, context=welcome_context(tenant_id)),
            way_state=event.state,
            staff_userid=event.user_id,
            external_sealed=seal(event.external_user_id, context=welcome_context(tenant_id)),
            received_at=now,
            deadline=welcome_deadline(row.occurred_at, now),
        )
        enqueue_on_commit("reception.tasks.send_welcome", tenant_id=tenant_id, delivery_id=delivery.pk)
    enqueue_on_commit("reception.tasks.process_event", tenant_id=tenant_id, inbox_id=inbox_id)
    return int(inbox_id)


@transaction.atomic
def event_claim(*, inbox_id: int, now: datetime) -> Event | None:
    """Lease one unprocessed event for 30 s and return it; None when it is done or somebody else works on it."""
    row = (
        InboxEvent.objects.select_for_update(skip_locked=True)
        .filter(pk=inbox_id, state=InboxEvent.State.NEW, next_at__lte=now)
        .first()
    )
    if row is None:
        return None
    row.attempts += 1
    row.next_at = now + LEASE
    row.save(update_fields=["attempts", "next_at"])
    return parse_event(unseal(row.payload_sealed, context=_payload_context(row.tenant_id)).encode())


@transaction.atomic
def event_finish(*, inbox_id: int, note: str, now: datetime) -> None:
    """Note that an event was processed, in the transaction of its effects."""
    InboxEvent.objects.filter(pk=inbox_id).update(state=InboxEvent.State.DONE, processed_at=now, note=note[:200])


@transaction.atomic
def event_postpone(*, inbox_id: int, reason: str, now: datetime) -> None:
    """Try an event again later, a little later each time; after 12 tries it is kept as failed, with the reason."""
    row = InboxEvent.objects.select_for_update().get(pk=inbox_id)
    if row.state != InboxEvent.State.NEW:
        return
    row.next_at = now + timedelta(seconds=min(2**row.attempts, 900))
    row.note = reason[:200]
    if row.attempts >= MAX_ATTEMPTS:
        row.state = InboxEvent.State.FAILED
    row.save(update_fields=["next_at", "note", "state"])


@transaction.atomic
def payloads_drop(*, now: datetime) -> int:
    """Drop the content of callbacks older than 30 days: what personal data they held is gone (design.md §4)."""
    old = now - KEEP_PAYLOAD
    WelcomeDelivery.objects.filter(received_at__lt=old).exclude(external_sealed="").update(
        welcome_code_sealed="", external_sealed=""
    )
    done = InboxEvent.objects.filter(received_at__lt=old).exclude(payload_sealed="").exclude(state=InboxEvent.State.NEW)
    dropped: int = done.update(payload_sealed="")
    return dropped
