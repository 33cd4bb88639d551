"""Decisions of reception as pure functions: what a greeting says, how long it may wait, what a contact becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from wecom.limits import WELCOME_TEXT

# WeCom accepts a welcome code for 20 s after the event, once (document 92137); 2 s are kept for the way there.
WELCOME_WINDOW = timedelta(seconds=18)

VARIABLES = ("客户昵称", "客服姓名", "渠道")

# errcodes of send_welcome_msg that end the matter without a fault of ours (document 92137).
CHAT_BEGUN = 41051
CODE_EXPIRED = 41050
BEING_SENT_BY_ANOTHER_APP = 41096


class Change(StrEnum):
    """What happened between a customer and a colleague."""

    HALF_ADDED = "half_added"
    ADDED = "added"
    EDITED = "edited"
    LOST = "lost"
    REMOVED = "removed"


class ContactState(StrEnum):
    """Where a contact stands: requested, friend, or lost."""

    REQUEST = "request"
    FRIEND = "friend"
    LOST = "lost"


_AFTER: Mapping[Change, ContactState | None] = {
    Change.HALF_ADDED: ContactState.REQUEST,
    Change.ADDED: ContactState.FRIEND,
    Change.EDITED: None,
    Change.LOST: ContactState.LOST,
    Change.REMOVED: ContactState.LOST,
}
# WeCom's times are whole seconds: within one second a friendship begins before it changes or ends.
_RANK: Mapping[Change, int] = {
    Change.HALF_ADDED: 0,
    Change.ADDED: 1,
    Change.EDITED: 2,
    Change.LOST: 3,
    Change.REMOVED: 3,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A contact's state with the time and rank of the event that made it."""

    state: ContactState | None
    since: datetime | None
    rank: int


def standing_after(standing: Standing, change: Change, occurred_at: datetime) -> Standing:
    """The contact's standing once ``change`` is known; the same whatever order the events are delivered in."""
    state = _AFTER[change]
    if state is None:
        return standing
    if standing.since is not None and (standing.since, standing.rank) >= (occurred_at, _RANK[change]):
        return standing
    return Standing(state, occurred_at, _RANK[change])


def welcome_deadline(event_time: datetime, received_at: datetime) -> datetime:
    """Until when a greeting may be sent. A clock that runs behind WeCom's never lengthens the window."""
    return min(event_time, received_at) + WELCOME_WINDOW


def needs(text: str, variable: str) -> bool:
    """Whether the greeting uses one of ``VARIABLES``, so that its value has to be known before it is sent."""
    return f"【{variable}】" in text


def greeting(text: str, *, nickname: str, staff_name: str, channel: str) -> str:
    """The greeting with its variables filled in (product.md §3.1); an unknown nickname leaves no gap in brackets.

    Cut at a character so that it stays within WeCom's 4,000 bytes.
    """
    values = {"客户昵称": nickname, "客服姓名": staff_name, "渠道": channel}
    for name in VARIABLES:
        text = text.replace(f"【{name}】", values[name])
    if not nickname:
        text = text.replace("您好，，", "您好，").replace("你好，，", "你好，").removeprefix("，")
    return WELCOME_TEXT.cut(text)
