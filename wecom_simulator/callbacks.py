"""Callbacks to the console: the event's XML, its encryption, and delivery as WeCom does it.

Delivery (documents 90238, 90930): no answer within 5 s, or a status other than 200, counts as a failure and is
tried up to three times more; then the event is lost. Each try is signed afresh.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from wecom_simulator import crypto, forgery
from wecom_simulator.clock import Clock
from wecom_simulator.config import Config
from wecom_simulator.model import Event, Json
from wecom_simulator.outgoing import CALLBACK_SECONDS, Outgoing
from wecom_simulator.store import KEEP_EVENTS, Corp
from wecom_simulator.timeline import Timeline

TRIES = 4
PARALLEL = 64


def cdata(value: object) -> str:
    """A value as WeCom writes it: numbers bare, text in CDATA."""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "".join(f"<Item>{cdata(item)}</Item>" for item in value)
    return f"<![CDATA[{str(value).replace(']]>', ']]]]><![CDATA[>')}]]>"


def event_xml(corp_id: str, at: int, name: str, change_type: str, fields: Mapping[str, object]) -> str:
    """The plain XML of an event in the envelope of a self-built app (document 96361)."""
    head: dict[str, object] = {
        "ToUserName": corp_id,
        "FromUserName": "sys",
        "CreateTime": at,
        "MsgType": "event",
        "Event": name,
    }
    if change_type:
        head["ChangeType"] = change_type
    parts = [f"<{escape(key)}>{cdata(value)}</{escape(key)}>" for key, value in {**head, **fields}.items()]
    return f"<xml>{''.join(parts)}</xml>"


class Callbacks:
    """Sends events in the background and keeps each attempt."""

    def __init__(self, config: Config, clock: Clock, outgoing: Outgoing, timeline: Timeline) -> None:
        self._config = config
        self._clock = clock
        self._outgoing = outgoing
        self._timeline = timeline
        self._room = asyncio.Semaphore(PARALLEL)
        self._running: set[asyncio.Task[None]] = set()

    def emit(self, corp: Corp, name: str, change_type: str, fields: Mapping[str, object], person_id: str = "") -> Event:
        """Record an event and deliver it in the background, as often as the corp's settings say."""
        event = self.record(corp, name, change_type, fields)
        if corp.settings.callback_url:
            for _ in range(max(1, corp.settings.duplicates)):
                self.start(corp, event, person_id)
        else:
            event.state = "dropped"
        return event

    def record(self, corp: Corp, name: str, change_type: str, fields: Mapping[str, object]) -> Event:
        """An event in the corp's log, not yet sent."""
        at = self._clock.now()
        fields = dict(fields)
        created = fields.pop("CreateTime", None)
        moment = created if isinstance(created, int) else int(at)
        xml = event_xml(corp.corp_id, moment, name, change_type, fields)
        event = Event(f"ev{secrets.token_hex(6)}", at, name, change_type, fields, xml)
        corp.events[event.id] = event
        while len(corp.events) > KEEP_EVENTS:
            corp.events.pop(next(iter(corp.events)))
        corp.touch("events")
        return event

    def start(self, corp: Corp, event: Event, person_id: str = "") -> asyncio.Task[None]:
        """Deliver an event in a task of its own, with retries."""
        task = asyncio.create_task(self._deliver(corp, event, person_id))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    def resume(self, corp: Corp) -> None:
        """After a restart: go on with what was not delivered yet."""
        for event in corp.events.values():
            if event.state == "pending" and corp.settings.callback_url:
                self.start(corp, event)

    async def _deliver(self, corp: Corp, event: Event, person_id: str) -> None:
        for number in range(TRIES):
            if number:
                await asyncio.sleep(self._config.retry_seconds)
            async with self._room:
                attempt = await self.attempt(corp, event)
            if attempt["status"] == 200:
                event.state = "delivered"
                text = f"回调 {event.change_type or event.name} 已送达，{attempt['ms']:.0f} 毫秒"
                break
            reason = attempt["status"] or attempt["error"]
            text = f"回调 {event.change_type or event.name} 第 {number + 1} 次失败：{reason}"
            self._timeline.add(self._clock.now(), "bad", text, person_id=person_id, corp_id=corp.corp_id)
        else:
            event.state, text = "failed", f"回调 {event.change_type or event.name} 四次未送达，已放弃"
        kind = "callback" if event.state == "delivered" else "bad"
        self._timeline.add(self._clock.now(), kind, text, person_id=person_id, corp_id=corp.corp_id)
        corp.touch("events")

    async def attempt(self, corp: Corp, event: Event) -> Json:
        """One try: encrypt, sign, post. The record of it, which is also kept with the event."""
        url, body = self.sealed(corp, event)
        headers = {"Content-Type": "text/xml"}
        answer = await self._outgoing.send("POST", url, content=body, headers=headers, seconds=CALLBACK_SECONDS)
        attempt: Json = {
            "at": self._clock.now(),
            "status": answer.status,
            "ms": answer.ms,
            "error": answer.error,
            "body": answer.body[:500].decode(errors="replace"),
        }
        event.attempts.append(attempt)
        return attempt

    def sealed(self, corp: Corp, event: Event) -> tuple[str, bytes]:
        """The address with its signature, and the encrypted envelope (spoilt if the event's mode says so)."""
        settings = corp.settings
        plain, receiver = forgery.plaintext(event.mode, event.xml, corp.corp_id)
        encrypted = forgery.ciphertext(event.mode, crypto.encrypt(settings.aes_key, plain, receiver))
        timestamp, nonce = str(self._clock.seconds()), str(secrets.randbelow(10**10))
        signed = crypto.signature(settings.token, timestamp, nonce, encrypted)
        query = urlencode(
            {"msg_signature": forgery.signature(event.mode, signed), "timestamp": timestamp, "nonce": nonce}
        )
        body = f"<xml><ToUserName>{cdata(corp.corp_id)}</ToUserName><Encrypt>{cdata(encrypted)}</Encrypt></xml>"
        return _with_query(settings.callback_url, query), forgery.envelope(event.mode, body)

    async def verify_url(self, corp: Corp) -> Json:
        """The GET that WeCom makes when a callback address is saved: the answer must be the echo's plain text."""
        settings = corp.settings
        echo = str(secrets.randbelow(10**18))
        encrypted = crypto.encrypt(settings.aes_key, echo.encode(), corp.corp_id)
        timestamp, nonce = str(self._clock.seconds()), str(secrets.randbelow(10**10))
        signed = crypto.signature(settings.token, timestamp, nonce, encrypted)
        query = urlencode({"msg_signature": signed, "timestamp": timestamp, "nonce": nonce, "echostr": encrypted})
        url = _with_query(settings.callback_url, query)
        answer = await self._outgoing.send("GET", url, seconds=CALLBACK_SECONDS)
        passed = answer.status == 200 and answer.body == echo.encode()
        text = answer.body[:200].decode(errors="replace")
        return {"ok": passed, "status": answer.status, "body": text, "ms": answer.ms, "error": answer.error}


def _with_query(url: str, query: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{query}"
