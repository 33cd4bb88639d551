"""Reception in the background: greetings on their own queue, everything else after (design.md §6)."""

from __future__ import annotations

import logging
from datetime import datetime

from celery import shared_task

from livecode_admin.kernel import clock
from people.wecom_client import client_for
from reception.selectors import tenants_with_due_events, tenants_with_due_welcomes
from reception.services.acquisition_events import ACQUISITION_EVENTS, acquisition_event_apply
from reception.services.contacts import CustomerEvent, StaffUnknown, contact_change
from reception.services.inbox import event_claim, event_finish, event_postpone, payloads_drop
from reception.services.people_events import staff_event_apply
from reception.services.welcomes import Greeting, welcome_called, welcome_claim
from tenants.context import tenant_context
from tenants.selectors import WeComCredentials, tenant_ids, wecom_credentials
from tenants.tasks import PlatformTask, SendingTask, TenantTask, enqueue_now, enqueue_on_commit
from wecom.errors import WecomError
from wecom.events import CustomerAdded, CustomerEdited, CustomerHalfAdded, CustomerLeft, CustomerRemoved

_log = logging.getLogger("livecode.reception")
SCHEDULE = {
    "reception.tasks.sweep_welcomes": 2.0,
    "reception.tasks.sweep_events": 5.0,
    "reception.tasks.drop_payloads": 3600.0,
}
# A greeting waits for a name only while that costs none of its 18 seconds.
NICKNAME_SECONDS = 1.5
# Retries included; ends before the lease does, so that no second worker calls at the same time.
SEND_SECONDS = 5.0
DETAILS_SECONDS = 5.0
_CUSTOMER_EVENTS = (CustomerAdded, CustomerHalfAdded, CustomerEdited, CustomerLeft, CustomerRemoved)


@shared_task(base=SendingTask, name="reception.tasks.send_welcome", queue="welcome")
def send_welcome(*, tenant_id: int, delivery_id: int, **_: object) -> None:
    """Send one greeting: claim → commit → call → record."""
    with tenant_context(tenant_id):
        claimed = welcome_claim(delivery_id=delivery_id, now=clock.now())
        credentials = wecom_credentials() if claimed else None
    if claimed is None or credentials is None:
        return
    nickname = claimed.nickname
    if claimed.wants_nickname:
        nickname = _nickname(credentials, claimed)
    called_at = clock.now()
    errcode, note = _call(credentials, claimed, nickname, called_at)
    with tenant_context(tenant_id):
        welcome_called(delivery_id=delivery_id, called_at=called_at, errcode=errcode, note=note, now=clock.now())


def _call(credentials: WeComCredentials, claimed: Greeting, nickname: str, now: datetime) -> tuple[int, str]:
    left = (claimed.deadline - now).total_seconds()
    try:
        client_for(credentials).send_welcome_msg(
            claimed.welcome_code, text=claimed.written(nickname), budget=max(0.5, min(SEND_SECONDS, left))
        )
    except WecomError as error:
        return error.code, error.text
    return 0, ""


def _nickname(credentials: WeComCredentials, claimed: Greeting) -> str:
    """The customer's name for a greeting that uses it; without an answer the greeting goes out without the name."""
    try:
        return client_for(credentials).get_external_contact(claimed.external_userid, budget=NICKNAME_SECONDS).name
    except WecomError as error:
        _log.info("welcome_without_nickname", extra={"errcode": error.code})
        return ""


@shared_task(base=SendingTask, name="reception.tasks.process_event", queue="default")
def process_event(*, tenant_id: int, inbox_id: int, **_: object) -> None:
    """Process one inbox row: read the customer from WeCom where needed, then apply everything in one transaction."""
    with tenant_context(tenant_id):
        event = event_claim(inbox_id=inbox_id, now=clock.now())
        credentials = wecom_credentials() if event else None
    if event is None:
        return
    try:
        if isinstance(event, _CUSTOMER_EVENTS):
            _apply_customer_event(tenant_id, inbox_id, event, credentials)
            return
        with tenant_context(tenant_id):
            apply = acquisition_event_apply if isinstance(event, ACQUISITION_EVENTS) else staff_event_apply
            note = apply(event=event, now=clock.now())
            event_finish(inbox_id=inbox_id, note=note, now=clock.now())
    except StaffUnknown:
        # A newcomer, or a member the last sync couldn't see: the customer isn't dropped, the contacts are read again.
        with tenant_context(tenant_id):
            event_postpone(inbox_id=inbox_id, reason="成员不在通讯录中，等待同步", now=clock.now())
            enqueue_on_commit("people.tasks.sync_contacts", tenant_id=tenant_id)
    except Exception as error:
        with tenant_context(tenant_id):
            event_postpone(inbox_id=inbox_id, reason=f"{type(error).__name__}", now=clock.now())
        raise


def _apply_customer_event(
    tenant_id: int, inbox_id: int, event: CustomerEvent, credentials: WeComCredentials | None
) -> None:
    name, avatar_url, gender, kind = "", "", 0, 1
    if credentials is not None and isinstance(event, CustomerAdded | CustomerHalfAdded):
        try:
            found = client_for(credentials).get_external_contact(event.external_user_id, budget=DETAILS_SECONDS)
            name, avatar_url, gender, kind = found.name, found.avatar, found.gender, found.type
        except WecomError as error:
            _log.info("customer_without_details", extra={"errcode": error.code})
    with tenant_context(tenant_id):
        note = contact_change(
            inbox_id=inbox_id,
            event=event,
            name=name,
            avatar_url=avatar_url,
            gender=gender,
            kind=kind,
            now=clock.now(),
        )
        event_finish(inbox_id=inbox_id, note=note, now=clock.now())


@shared_task(base=PlatformTask, name="reception.tasks.sweep_welcomes", queue="welcome")
def sweep_welcomes(**_: object) -> None:
    """Find greetings whose hint or worker was lost: still in time they are sent, else recorded as missed."""
    for tenant_id, delivery_id in tenants_with_due_welcomes(now=clock.now()):
        enqueue_now("reception.tasks.send_welcome", tenant_id=tenant_id, delivery_id=delivery_id)


@shared_task(base=PlatformTask, name="reception.tasks.sweep_events", queue="default")
def sweep_events(**_: object) -> None:
    """Find inbox rows that a lost broker or a dead worker left behind."""
    for tenant_id, inbox_id in tenants_with_due_events(now=clock.now()):
        enqueue_now("reception.tasks.process_event", tenant_id=tenant_id, inbox_id=inbox_id)


@shared_task(base=PlatformTask, name="reception.tasks.drop_payloads", queue="default")
def drop_payloads(**_: object) -> None:
    """Fan out: drop the content of old callbacks."""
    for tenant_id in tenant_ids():
        enqueue_now("reception.tasks.drop_payloads_of", tenant_id=tenant_id)


@shared_task(base=TenantTask, name="reception.tasks.drop_payloads_of", queue="default")
def drop_payloads_of(*, tenant_id: int, **_: object) -> None:
    """Drop the content of one tenant's old callbacks."""
    payloads_drop(now=clock.now())
