"""Reminders of friend requests that wait: noted first, sent after the commit, at most once (product.md §1.10)."""

from __future__ import annotations

import logging

from celery import shared_task

from livecode_admin.kernel import clock
from people.wecom_client import client_for
from routing.services.requests import requests_remind, tenants_with_requests
from tenants.context import tenant_context
from tenants.selectors import wecom_credentials
from tenants.tasks import PlatformTask, SendingTask, enqueue_now
from wecom.errors import WecomError

_log = logging.getLogger("livecode.routing")
SCHEDULE = {"routing.tasks.requests.watch_requests": 30.0}


@shared_task(base=PlatformTask, name="routing.tasks.requests.watch_requests", queue="default")
def watch_requests(**_: object) -> None:
    """Fan out to the tenants in which a request has waited for 3 minutes."""
    for tenant_id in tenants_with_requests(clock.now()):
        enqueue_now("routing.tasks.requests.remind", tenant_id=tenant_id)


@shared_task(base=SendingTask, name="routing.tasks.requests.remind", queue="wecom")
def remind(*, tenant_id: int, **_: object) -> None:
    """Remind people of one tenant. A message that WeCom refuses is in the bell all the same."""
    with tenant_context(tenant_id):
        credentials = wecom_credentials()
        reminders = requests_remind(now=clock.now())
    if credentials is None:
        return
    client = client_for(credentials)
    for reminder in reminders:
        try:
            client.send_text(reminder.userids, reminder.text)
        except WecomError as error:
            _log.info("reminder_not_sent", extra={"errcode": error.code})
