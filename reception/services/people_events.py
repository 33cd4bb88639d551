"""Events that are not about customers: contacts and tags. They wake the app that keeps the thing in step."""

from __future__ import annotations

from datetime import datetime

from people.services import staff_left
from tenants.context import require_tenant_id
from tenants.tasks import enqueue_on_commit
from wecom.events import Event, UserCreated, UserDeleted, UserUpdated


def staff_event_apply(*, event: Event, now: datetime) -> str:
    """Apply an event of the contacts; other events are kept in the inbox and noted as such."""
    if isinstance(event, UserDeleted):
        staff_left(wecom_userid=event.user_id, now=now)
        return "成员离职"
    if isinstance(event, UserCreated | UserUpdated):
        enqueue_on_commit("people.tasks.sync_contacts", tenant_id=require_tenant_id())
        return "已安排同步通讯录"
    return "已留存，无需处理"
