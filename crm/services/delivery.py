"""Delivery: claim → commit → send → record. At least once, in order per customer (product.md §7.2)."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, Exists, OuterRef, Q, When
from standardwebhooks.webhooks import Webhook

from crm.models import CrmEndpoint, DeliveryAttempt, OutboxMessage
from crm.rules import DISABLE_AFTER_FAILING, Outcome, judge
from crm.services.endpoints import secret_context
from crm.services.outbox import body_context
from livecode_admin.kernel.http import HttpError, Request, send
from livecode_admin.kernel.sealing import unseal
from tenants.context import require_tenant_id

LEASE = timedelta(seconds=60)
# What happens now doesn't wait behind a replay or a backlog.
FRESH = timedelta(minutes=5)
SEND_DEADLINE_SECONDS = 10.0
# A whole batch of time-outs (5 × 10 s) ends within the lease.
BATCH = 5


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """One message leased to this worker, with all that sending needs, read inside the claim's transaction."""

    id: int
    message_id: str
    body: str
    attempts: int
    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class TryResult:
    """What one try brought: an HTTP status, or an error in words."""

    status: int | None
    headers: dict[str, str]
    error: str
    took_ms: int


@transaction.atomic
def messages_claim(*, now: datetime) -> list[ClaimedMessage]:
    """Lease the due messages that stand first in their customer's line, at most 5.

    A message behind an earlier undelivered one of the same customer waits, so order holds across retries.
    """
    endpoint = CrmEndpoint.objects.filter(enabled=True, disabled_at=None).first()
    if endpoint is None:
        return []
    tenant_id = require_tenant_id()
    secret = unseal(endpoint.secret_sealed, context=secret_context(tenant_id))
    pending = OutboxMessage.objects.filter(state=OutboxMessage.State.PENDING)
    earlier = pending.filter(customer_id=OuterRef("customer_id"), id__lt=OuterRef("id"))
    due = (
        pending.filter(Q(lease_until=None) | Q(lease_until__lt=now), next_at__lte=now)
        .filter(~Exists(earlier))
        .select_for_update(skip_locked=True, of=("self",))
        .order_by(Case(When(created_at__gte=now - FRESH, then=0), default=1), "id")[:BATCH]
    )
    claimed = []
    for message in due:
        message.attempts += 1
        message.lease_until = now + LEASE
        message.save(update_fields=["attempts", "lease_until"])
        body = unseal(message.body_sealed, context=body_context(tenant_id))
        claimed.append(ClaimedMessage(message.pk, message.message_id, body, message.attempts, endpoint.url, secret))
    return claimed


def message_send(message: ClaimedMessage, *, now: datetime) -> TryResult:
    """Send one claimed message, signed anew for this try. No transaction may be open."""
    signature = Webhook(message.secret).sign(message.message_id, now, message.body)
    request = Request(
        method="POST",
        url=message.url,
        headers={
            "content-type": "application/json; charset=utf-8",
            "user-agent": "LivecodeConsole-Webhooks/1",
            "webhook-id": message.message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        },
        body=message.body.encode(),
        purpose="crm",
        log_url=None,
    )
    try:
        response = send(request, deadline=SEND_DEADLINE_SECONDS)
    except HttpError as error:
        return TryResult(None, {}, f"{type(error).__name__}: {error}"[:300], 0)
    lowered = {name.lower(): value for name, value in response.headers.items()}
    error_text = "" if response.status < 300 else f"HTTP {response.status}"
    return TryResult(response.status, lowered, error_text, response.elapsed_ms)


@transaction.atomic
def result_record(message: ClaimedMessage, result: TryResult, *, now: datetime) -> Outcome:
    """Write down one try and what follows from it: delivered, again later, dead, or the endpoint switched off."""
    verdict = judge(
        status=result.status,
        headers=result.headers,
        attempts=message.attempts,
        now=now,
        spread=random.uniform(-1, 1),  # noqa: S311 - spreads load, keeps no secret
    )
    row = OutboxMessage.objects.select_for_update().get(pk=message.id)
    DeliveryAttempt.objects.create(
        message=row, tried_at=now, took_ms=result.took_ms, status=result.status, error=result.error
    )
    row.lease_until = None
    row.last_error = result.error
    if verdict.outcome is Outcome.DELIVERED:
        row.state, row.delivered_at = OutboxMessage.State.DELIVERED, now
    elif verdict.next_at is None and verdict.outcome is Outcome.RETRY:
        row.state = OutboxMessage.State.DEAD
    elif verdict.next_at is not None:
        row.next_at = verdict.next_at
    row.save(update_fields=["lease_until", "last_error", "state", "delivered_at", "next_at"])
    _endpoint_health(verdict.outcome, now=now)
    return verdict.outcome


def _endpoint_health(outcome: Outcome, *, now: datetime) -> None:
    """Follow the endpoint: 410 switches it off at once, five days without one success too (product.md §7.2)."""
    if outcome is Outcome.DELIVERED:
        CrmEndpoint.objects.exclude(failing_since=None).update(failing_since=None)
        return
    if outcome is Outcome.GONE:
        _endpoint_disable("对方返回 410，已停止推送", now=now)
        return
    CrmEndpoint.objects.filter(failing_since=None).update(failing_since=now)
    if CrmEndpoint.objects.filter(failing_since__lte=now - DISABLE_AFTER_FAILING).exists():
        _endpoint_disable("连续 5 天推送失败，已停止推送", now=now)


def _endpoint_disable(reason: str, *, now: datetime) -> None:
    CrmEndpoint.objects.filter(disabled_at=None).update(disabled_at=now, disabled_reason=reason)
