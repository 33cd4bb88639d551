"""Callbacks by hand: any event, repeated, shuffled or spoilt; and the log of all that was sent."""

from __future__ import annotations

import asyncio
import random

from wecom_simulator.forgery import MODES
from wecom_simulator.model import Event, Json
from wecom_simulator.router import BadRequest, Request, Response, json_response, route
from wecom_simulator.store import Corp
from wecom_simulator.world import World

MOST = 1000


@route("POST", "/sim/corps/{corp_id}/callback")
async def send_callback(request: Request) -> Response:
    """Send events now, one try each, and wait for the answers.

    Body: `event`, `change_type`, `fields` (or a list of such objects in `events`), `mode` (see forgery.MODES),
    `count` (copies sent in parallel), `shuffle` (events in random order), `background` (deliver with retries and
    return at once).
    """
    world, corp, body = request.world, request.world.corp(request.params["corp_id"]), request.json()
    if not corp.settings.callback_url:
        raise BadRequest("the corp has no callback_url")
    mode, count = body.get("mode", "normal"), int(body.get("count", 1))
    if mode not in MODES or not 1 <= count <= MOST:
        raise BadRequest(f"mode must be one of {', '.join(MODES)}; count 1 to {MOST}")
    events = [_event(world, corp, value, mode) for value in body.get("events", [body])]
    if body.get("shuffle"):
        random.shuffle(events)
    sending = [event for event in events for _ in range(count)]
    if body.get("background"):
        for event in sending:
            world.callbacks.start(corp, event)
        return json_response({"events": [event.id for event in events], "attempts": []})
    attempts = await asyncio.gather(*(world.callbacks.attempt(corp, event) for event in sending))
    for event in events:
        event.state = "delivered" if any(entry["status"] == 200 for entry in event.attempts) else "failed"
    return json_response({"events": [event.id for event in events], "attempts": attempts})


def _event(world: World, corp: Corp, value: Json, mode: str) -> Event:
    fields = value.get("fields", {})
    if not isinstance(fields, dict):
        raise BadRequest("fields must be an object")
    name = str(value.get("event") or "change_external_contact")
    event = world.callbacks.record(corp, name, str(value.get("change_type", "")), fields)
    event.mode = mode
    return event


@route("POST", "/sim/corps/{corp_id}/events/{event_id}/resend")
async def resend(request: Request) -> Response:
    """Send an earlier event once more, as it was."""
    corp = request.world.corp(request.params["corp_id"])
    event = corp.events[request.params["event_id"]]
    attempt = await request.world.callbacks.attempt(corp, event)
    corp.touch("events")
    return json_response({"attempt": attempt})


@route("GET", "/sim/corps/{corp_id}/events")
async def list_events(request: Request) -> Response:
    """The log, newest first; `change_type` and `state` filter, `limit` cuts (default 200)."""
    corp, query = request.world.corp(request.params["corp_id"]), request.query
    found = [
        event
        for event in reversed(corp.events.values())
        if query.get("change_type") in (None, event.change_type) and query.get("state") in (None, event.state)
    ]
    limit = int(query["limit"]) if query.get("limit", "").isdigit() else 200
    return json_response({"total": len(found), "events": found[:limit]})
