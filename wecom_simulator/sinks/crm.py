"""A CRM that takes webhooks (Standard Webhooks 1.0.0), checks their signatures, and can misbehave on request."""

from __future__ import annotations

import asyncio
import gzip
import json
from dataclasses import fields
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from wecom_simulator import pages
from wecom_simulator.markup import h, moment
from wecom_simulator.model import Json
from wecom_simulator.router import BadRequest, Request, Response, json_response, route
from wecom_simulator.sinks.store import NAME, Behaviour, Sink

SHOWN = 200
TOLERANCE_SECONDS = 300
BIG = 50_000_000
KINDS = ("ok", "hang", "drip", "redirect", "garbage", "big", "gzip_bomb")


def _sink(request: Request) -> Sink:
    if not NAME.fullmatch(request.params["name"]):
        raise BadRequest("a sink's name has letters, digits, - and _")
    return request.world.sinks.sink(request.params["name"])


@route("POST", "/crm/{name}")
async def receive(request: Request) -> Response:
    """Keep a webhook, then answer as this sink is told to."""
    sink = _sink(request)
    record: Json = {
        "at": request.world.clock.now(),
        "headers": request.headers,
        "body": request.body.decode(errors="replace"),
        "signature": _verdict(request, sink),
    }
    behaviour = sink.behaviour
    record["answered"] = 0 if behaviour.kind == "hang" else behaviour.status
    request.world.sinks.keep(sink.name, record)
    _note(request, record)
    if behaviour.times:
        behaviour.times -= 1
        if not behaviour.times:
            sink.behaviour = Behaviour()
    return await _answer(behaviour)


def _verdict(request: Request, sink: Sink) -> str:
    """valid, invalid or unchecked (no secret is set). With a shifted clock, the time is compared with that clock."""
    if not sink.secret:
        return "unchecked"
    webhook = Webhook(sink.secret)
    clock, headers = request.world.clock, request.headers
    try:
        if not clock.offset():
            webhook.verify(request.body, headers, json_parse=False)
            return "valid"
        stamp = float(headers.get("webhook-timestamp", ""))
        sent = datetime.fromtimestamp(stamp, UTC)
        expected = webhook.sign(headers.get("webhook-id", ""), sent, request.body.decode())
    except (WebhookVerificationError, ValueError):
        return "invalid"
    fresh = abs(clock.now() - stamp) <= TOLERANCE_SECONDS
    return "valid" if fresh and expected in headers.get("webhook-signature", "").split(" ") else "invalid"


def _note(request: Request, record: Json) -> None:
    kind = _event_type(record)
    text = f"CRM 收到 {kind}，签名{ {'valid': '有效', 'invalid': '无效'}.get(record['signature'], '未校验') }"
    request.world.timeline.add(record["at"], "crm", text)


async def _answer(behaviour: Behaviour) -> Response:
    if behaviour.delay_ms:
        await asyncio.sleep(behaviour.delay_ms / 1000)
    headers = [("Retry-After", behaviour.retry_after)] if behaviour.retry_after else []
    if behaviour.kind == "hang":
        await asyncio.sleep(600)
    if behaviour.kind == "drip":
        return Response(b"." * 600, behaviour.status, headers=headers, drip_seconds=1)
    if behaviour.kind == "redirect":
        return Response(status=302, headers=[("Location", behaviour.location or "http://127.0.0.1/")])
    if behaviour.kind == "garbage":
        return Response("<html>\x00系统维护中</html>".encode(), behaviour.status, "text/html", headers)
    if behaviour.kind == "big":
        return Response(b"x" * BIG, behaviour.status, headers=headers)
    if behaviour.kind == "gzip_bomb":
        bomb = gzip.compress(b"\x00" * BIG, 1)
        return Response(bomb, behaviour.status, headers=[*headers, ("Content-Encoding", "gzip")])
    return Response(b'{"ok":true}', behaviour.status, "application/json", headers)


@route("POST", "/sim/crm/{name}/behaviour")
async def set_behaviour(request: Request) -> Response:
    """How the next webhooks are answered; fields that are not sent go back to their defaults."""
    sink, body = _sink(request), request.json()
    known = {entry.name for entry in fields(Behaviour)}
    if set(body) - known or body.get("kind", "ok") not in KINDS:
        raise BadRequest(f"fields: {', '.join(sorted(known))}; kind: {', '.join(KINDS)}")
    sink.behaviour = Behaviour(**body)
    return json_response(sink.behaviour)


@route("POST", "/sim/crm/{name}/secret")
async def set_secret(request: Request) -> Response:
    """The secret (whsec_…) that signatures are checked with; empty for no check."""
    sink = _sink(request)
    request.world.sinks.save_secret(sink.name, str(request.json().get("secret", "")))
    return json_response({"ok": True})


@route("GET", "/sim/crm/{name}")
async def received(request: Request) -> Response:
    """All that a sink has received, oldest first."""
    sink = _sink(request)
    return json_response({"name": sink.name, "received": list(sink.received), "behaviour": sink.behaviour})


@route("DELETE", "/sim/crm/{name}")
async def clear(request: Request) -> Response:
    """Empty a sink."""
    _sink(request).received.clear()
    return json_response({"ok": True})


def _event_type(record: Json) -> str:
    try:
        value = json.loads(record["body"])
    except ValueError:
        return "（不是 JSON）"
    return str(value.get("type", "（无类型）")) if isinstance(value, dict) else "（不是对象）"


def _pretty(body: str) -> str:
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except ValueError:
        return body[:4000]


@route("GET", "/crm/{name}")
async def crm_page(request: Request) -> Response:
    """What a sink has received, newest first, for people."""
    sink = _sink(request)
    seen: set[str] = set()
    rows = [_row(record, seen) for record in list(sink.received)[-SHOWN:]]
    listed = "".join(reversed(rows)) or '<p class="empty">还没有收到事件。把控制台的 CRM 地址设为本页地址即可。</p>'
    state = "签名密钥已设置" if sink.secret else "未设置签名密钥，签名不校验"
    body = (
        f'<header class="head"><h1>CRM {h(sink.name)}</h1><p class="muted">共 {len(sink.received)} 条 · {state} · '
        f"当前应答 {sink.behaviour.status} {h(sink.behaviour.kind)}</p></header>{listed}"
    )
    return pages.page(f"CRM {sink.name}", body)


def _row(record: Json, seen: set[str]) -> str:
    marks = {"valid": ("ok", "签名有效"), "invalid": ("bad", "签名无效"), "unchecked": ("idle", "未校验")}
    mark, words = marks[record["signature"]]
    message_id = str(record["headers"].get("webhook-id", ""))
    again = '<span class="pill warn">重复</span>' if message_id and message_id in seen else ""
    seen.add(message_id)
    return (
        f'<article class="card" data-testid="crm-event"><header><b>{h(_event_type(record))}</b>'
        f'<span class="pill {mark}">{words}</span>{again}'
        f'<span class="pill idle">应答 {record["answered"] or "无"}</span><time>{moment(record["at"])}</time></header>'
        f'<p class="muted mono">{h(message_id)}</p>'
        f"<pre>{h(_pretty(record['body']))}</pre></article>"
    )
