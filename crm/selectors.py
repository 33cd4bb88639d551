"""Reads of CRM sync: the endpoint's page, the outbox, and which tenants have something due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connections
from django.db.models import Count

from crm.models import CrmEndpoint, OutboxMessage
from permissions.access import Access


@dataclass(frozen=True, slots=True)
class EndpointFacts:
    """The endpoint as its page shows it; the secret is never read back."""

    url: str
    enabled: bool
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_reason: str


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One line of the outbox table."""

    message_id: str
    event_type: str
    state: str
    state_label: str
    attempts: int
    occurred_at: datetime
    delivered_at: datetime | None
    next_at: datetime
    last_error: str


def endpoint_facts(access: Access) -> EndpointFacts | None:
    """The tenant's endpoint, or None when it was never set.

    Raises:
        Denied: without ``crm.view``.
    """
    access.require("crm.view")
    row = CrmEndpoint.objects.first()
    if row is None:
        return None
    return EndpointFacts(row.url, row.enabled, row.failing_since, row.disabled_at, row.disabled_reason)


def recent_messages(access: Access, *, limit: int = 50) -> list[MessageRow]:
    """The newest events of the outbox.

    Raises:
        Denied: without ``crm.view``.
    """
    access.require("crm.view")
    return [
        MessageRow(
            row.message_id,
            row.event_type,
            row.state,
            row.get_state_display(),
            row.attempts,
            row.occurred_at,
            row.delivered_at,
            row.next_at,
            row.last_error,
        )
        for row in OutboxMessage.objects.order_by("-id")[:limit]
    ]


def state_counts(access: Access) -> dict[str, int]:
    """How many events are held, pending, delivered and dead.

    Raises:
        Denied: without ``crm.view``.
    """
    access.require("crm.view")
    found = OutboxMessage.objects.values_list("state").annotate(Count("id")).order_by()
    return dict.fromkeys(OutboxMessage.State.values, 0) | dict(found)


def tenants_with_due_messages(*, now: datetime) -> list[int]:
    """Tenants that have a message to send now: for the sweeper, as the platform's role."""
    with connections["ops"].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tenant_id FROM crm_outboxmessage WHERE state = 'pending' AND next_at <= %s "
            "AND (lease_until IS NULL OR lease_until < %s)",
            [now, now],
        )
        return [row[0] for row in cursor.fetchall()]
