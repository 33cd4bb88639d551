"""The transactional outbox: customer events are written with the change that caused them (product.md §7)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from crm.models import CrmEndpoint, OutboxMessage
from livecode_admin.kernel.ids import time_ordered_uuid
from livecode_admin.kernel.sealing import seal
from permissions.access import Access
from permissions.audit import record
from tenants.context import require_tenant_id
from tenants.tasks import enqueue_on_commit

EVENT_TYPES = frozenset({"customer.added", "customer.tagged", "customer.reassigned", "customer.lost", "endpoint.test"})


def body_context(tenant_id: int) -> str:
    """What an outbox body is sealed for: it names customers, so it rests encrypted."""
    return f"{tenant_id}|crm.outboxmessage.body"


@transaction.atomic
def event_emit(
    *, event_type: str, customer_id: int, body: Mapping[str, object], occurred_at: datetime, now: datetime
) -> str:
    """Write one customer event for the CRM inside the caller's transaction; its message id is returned.

    With the switch off, or no endpoint, the event is kept as ``held`` and can be replayed later (product.md §7.1).

    Raises:
        ValueError: an event type that the CRM was never promised.
    """
    if event_type not in EVENT_TYPES:
        raise ValueError(f"unknown CRM event type {event_type!r}")
    tenant_id = require_tenant_id()
    sending = CrmEndpoint.objects.filter(enabled=True, disabled_at=None).exists()
    message_id = f"msg_{time_ordered_uuid(now).hex}"
    payload = {"type": event_type, "timestamp": occurred_at.isoformat(), "data": dict(body)}
    OutboxMessage.objects.create(
        message_id=message_id,
        event_type=event_type,
        customer_id=customer_id,
        body_sealed=seal(json.dumps(payload, ensure_ascii=False, default=str), context=body_context(tenant_id)),
        occurred_at=occurred_at,
        created_at=now,
        state=OutboxMessage.State.PENDING if sending else OutboxMessage.State.HELD,
        next_at=now,
    )
    if sending:
        enqueue_on_commit("crm.tasks.deliver", tenant_id=tenant_id)
    return message_id


@transaction.atomic
def replay_period(*, access: Access, since: datetime, until: datetime, now: datetime) -> int:
    """Send the held, dead and delivered events of a period again, oldest first; how many is returned.

    Raises:
        Denied: without ``crm.manage``.
    """
    access.require("crm.manage")
    events = OutboxMessage.objects.filter(occurred_at__gte=since, occurred_at__lt=until).exclude(
        state=OutboxMessage.State.PENDING
    )
    again = {"state": OutboxMessage.State.PENDING, "attempts": 0, "next_at": now, "lease_until": None, "last_error": ""}
    count: int = events.update(**again)
    record(
        access=access,
        action="crm.replayed",
        object_type="crm_endpoint",
        object_id=0,
        object_label=f"{count} 条",
        before={},
        after={"from": since.isoformat(), "to": until.isoformat(), "count": count},
        now=now,
    )
    enqueue_on_commit("crm.tasks.deliver", tenant_id=access.tenant_id)
    return count
