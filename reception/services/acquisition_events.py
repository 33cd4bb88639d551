"""Events of acquisition links (获客助手, document 97299): told to routing, which decides what they change."""

from __future__ import annotations

from datetime import UTC, datetime

from routing.services.links import balance_noted, friend_requested, link_down, link_gone
from tenants.context import require_tenant_id
from tenants.tasks import enqueue_on_commit
from wecom.events import (
    AcquisitionBalanceChanged,
    AcquisitionFriendRequested,
    AcquisitionLinkDeleted,
    AcquisitionLinkUnavailable,
    Event,
)

ACQUISITION_EVENTS = (
    AcquisitionBalanceChanged,
    AcquisitionFriendRequested,
    AcquisitionLinkDeleted,
    AcquisitionLinkUnavailable,
)


def acquisition_event_apply(*, event: Event, now: datetime) -> str:
    """Apply one event of a link or of the quota; returns a note for the inbox.

    Raises:
        ScanNotHereYet: a friend request came before its scan was written; the event waits.
    """
    match event:
        case AcquisitionFriendRequested():
            at = datetime.fromtimestamp(event.create_time, UTC)
            return friend_requested(state=event.state, occurred_at=at, now=now)
        case AcquisitionLinkUnavailable():
            return link_down(link_id=event.link_id, now=now)
        case AcquisitionLinkDeleted():
            return link_gone(link_id=event.link_id, now=now)
        case AcquisitionBalanceChanged():
            return _balance(event, now)
        case _:
            return "已留存，无需处理"


def _balance(event: AcquisitionBalanceChanged, now: datetime) -> str:
    """Felt at once; the quota is read as well, because events may come out of order."""
    if event.change_type == "balance_exhausted":
        balance_noted(balance=0, now=now)
    elif event.change_type == "balance_increased":
        balance_noted(balance=1, now=now)
    else:
        return "获客助手额度不足 20"
    enqueue_on_commit("routing.tasks.links.watch_quota", tenant_id=require_tenant_id())
    return "获客助手额度已用完，改用托管页面" if event.change_type == "balance_exhausted" else "获客助手额度已恢复"
