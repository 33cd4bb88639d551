"""Delivery in the background. A message in the broker is a hint; the outbox rows are the truth."""

from __future__ import annotations

from celery import shared_task

from crm.rules import Outcome
from crm.selectors import tenants_with_due_messages
from crm.services.delivery import ClaimedMessage, message_send, messages_claim, result_record
from livecode_admin.kernel import clock
from tenants.context import tenant_context
from tenants.tasks import PlatformTask, SendingTask, enqueue_now

# One run never holds a worker for long, so one slow CRM can't starve the others.
ROUNDS_PER_RUN = 10
SCHEDULE = {"crm.tasks.sweep": 5.0}


@shared_task(base=SendingTask, name="crm.tasks.deliver", queue="crm")
def deliver(*, tenant_id: int, **_: object) -> None:
    """Send what is due of one tenant: claim → commit → send → record; a round without any success ends the run."""
    for _round in range(ROUNDS_PER_RUN):
        with tenant_context(tenant_id):
            claimed = messages_claim(now=clock.now())
        outcomes = [_deliver_one(tenant_id, message) for message in claimed]
        if Outcome.DELIVERED not in outcomes:
            return
    enqueue_now("crm.tasks.deliver", tenant_id=tenant_id)


def _deliver_one(tenant_id: int, message: ClaimedMessage) -> Outcome:
    result = message_send(message, now=clock.now())
    with tenant_context(tenant_id):
        return result_record(message, result, now=clock.now())


@shared_task(base=PlatformTask, name="crm.tasks.sweep", queue="crm")
def sweep(**_: object) -> None:
    """Find what a lost hint or a dead worker left behind, and due retries."""
    for tenant_id in tenants_with_due_messages(now=clock.now()):
        enqueue_now("crm.tasks.deliver", tenant_id=tenant_id)
