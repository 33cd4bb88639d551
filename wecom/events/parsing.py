"""From decrypted XML to a typed event, and the key that recognises a callback delivered again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from wecom.events import contacts, customers
from wecom.events.markup import EventError, EventMalformed, child, child_text, parse_xml, text_of
from wecom.events.shape import Event, as_number, build, number, text


class SuiteEventRefused(EventError):
    """An event of a third-party suite (its head has SuiteId and InfoType): not for a self-built app's URL."""

    def __init__(self, info_type: str, suite_id: str) -> None:
        """`info_type`: the event's name, empty when the head has none."""
        super().__init__(f"suite event {info_type or '(unnamed)'} is not accepted here")
        self.info_type = info_type
        self.suite_id = suite_id


@dataclass(frozen=True, kw_only=True)
class AppEvent(Event):
    """An event of the app itself: subscribe, enter_agent, change_app_admin, share_agent_change, …"""

    agent_id: int | None = number("AgentID")
    event_key: str = text("EventKey")


@dataclass(frozen=True, kw_only=True)
class BatchJobFinished(Event):
    """batch_job_result: an asynchronous import in the contacts has ended."""

    job_id: str
    job_type: str
    err_code: int
    err_msg: str


@dataclass(frozen=True, kw_only=True)
class MessageReceived(Event):
    """A member wrote to the app (`event` is empty); `msg_id` is its key."""

    msg_type: str = text("MsgType")
    msg_id: str = text("MsgId")
    content: str = text("Content")
    agent_id: int | None = number("AgentID")


@dataclass(frozen=True, kw_only=True)
class UnknownEvent(Event):
    """An event that WeCom may have added since: kept, not understood."""


_APP_EVENTS = frozenset(
    {
        "subscribe",
        "unsubscribe",
        "enter_agent",
        "change_app_admin",
        "close_inactive_agent",
        "reopen_inactive_agent",
        "share_agent_change",
        "unlicensed_notify",
    }
)
_KINDS = customers.KINDS | contacts.KINDS
# The welcome code is a key to one action, not a part of what happened; the corp is given by the caller.
_NOT_IDENTIFYING = frozenset({"WelcomeCode", "ToUserName"})


def parse_event(plain: bytes) -> Event:
    """The event in a decrypted callback. Unknown ones are UnknownEvent.

    Raises SuiteEventRefused (by name), EventTooLarge, EventMalformed.
    """
    root = parse_xml(text_of(plain))
    if child(root, "SuiteId") is not None or child(root, "InfoType") is not None:
        raise SuiteEventRefused(child_text(root, "InfoType") or "", child_text(root, "SuiteId") or "")
    event, change_type = child_text(root, "Event") or "", child_text(root, "ChangeType") or ""
    if event == "batch_job_result":
        return _batch_job(root, change_type)
    return build(_kind_of(root, event, change_type), root, event=event, change_type=change_type)


def _kind_of(root: Element, event: str, change_type: str) -> type[Event]:
    if not event:
        if not child_text(root, "MsgType"):
            raise EventMalformed("neither Event nor MsgType")
        return MessageReceived
    return AppEvent if event in _APP_EVENTS else _KINDS.get((event, change_type), UnknownEvent)


def _batch_job(root: Element, change_type: str) -> Event:
    head = build(UnknownEvent, root, event="batch_job_result", change_type=change_type)
    job = child(root, "BatchJob")
    if job is None:
        raise EventMalformed("BatchJob is missing")
    return BatchJobFinished(
        to_user=head.to_user,
        from_user=head.from_user,
        create_time=head.create_time,
        event=head.event,
        change_type=head.change_type,
        leaves=head.leaves,
        job_id=child_text(job, "JobId") or "",
        job_type=child_text(job, "JobType") or "",
        err_code=as_number(child_text(job, "ErrCode") or "0", "ErrCode"),
        err_msg=child_text(job, "ErrMsg") or "",
    )


def dedup_key(corp_id: str, event: Event) -> str:
    """A hex SHA-256 that is the same for each delivery of one event and differs between events.

    It covers the corp, Event, ChangeType, CreateTime and every other identifying field (UserID, ExternalUserID, State,
    ChatId, CurMemVer, …): FromUserName + CreateTime alone would merge two customers of the same second.
    The order of the fields doesn't matter.
    """
    identifying = sorted((path, value) for path, value in event.leaves if path not in _NOT_IDENTIFYING)
    canonical = json.dumps([corp_id, identifying], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
