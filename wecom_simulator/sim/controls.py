"""Faults, counters, time, reset, and the log of what happened lately."""

from __future__ import annotations

from wecom_simulator.faults import KINDS
from wecom_simulator.router import BadRequest, Request, Response, json_response, route


@route("POST", "/sim/faults")
async def add_fault(request: Request) -> Response:
    """A rule: `path` (glob), `kind`, and if wanted `corp`, `value`, `times` (0: for ever), `every_nth`."""
    body = request.json()
    path, kind = body.get("path"), body.get("kind")
    if not isinstance(path, str) or not path or kind not in KINDS:
        raise BadRequest(f"path is required, and kind must be one of {', '.join(KINDS)}")
    numbers = {name: int(body.get(name) or default) for name, default in (("value", 0), ("times", 0), ("every_nth", 1))}
    rule = request.world.faults.add(path=path, kind=str(kind), corp=str(body.get("corp") or ""), **numbers)
    return json_response(rule)


@route("GET", "/sim/faults")
async def list_faults(request: Request) -> Response:
    """The rules in force."""
    return json_response({"faults": request.world.faults.rules})


@route("DELETE", "/sim/faults")
async def clear_faults(request: Request) -> Response:
    """Remove all rules."""
    return json_response({"removed": request.world.faults.remove(None)})


@route("DELETE", "/sim/faults/{rule_id}")
async def remove_fault(request: Request) -> Response:
    """Remove one rule."""
    rule_id = request.params["rule_id"]
    return json_response({"removed": request.world.faults.remove(int(rule_id)) if rule_id.isdigit() else 0})


@route("GET", "/sim/calls")
async def calls(request: Request) -> Response:
    """How often each API path was called, in all or by one `corp`."""
    world, corp = request.world, request.query.get("corp")
    if corp is None:
        return json_response({"calls": dict(world.calls)})
    return json_response({"calls": {path: n for (corp_id, path), n in world.corp_calls.items() if corp_id == corp}})


@route("DELETE", "/sim/calls")
async def clear_calls(request: Request) -> Response:
    """Count from zero."""
    request.world.calls.clear()
    request.world.corp_calls.clear()
    return json_response({"ok": True})


@route("POST", "/sim/reset")
async def reset(request: Request) -> Response:
    """Forget everything."""
    request.world.reset()
    return json_response({"ok": True})


@route("GET", "/sim/time")
async def time_info(request: Request) -> Response:
    """The shifted clock and its offset in seconds."""
    clock = request.world.clock
    return json_response({"now": clock.now(), "offset": clock.offset()})


@route("GET", "/sim/timeline")
async def timeline(request: Request) -> Response:
    """What happened lately, oldest first; `after` an entry's id, of one `person`."""
    after = int(request.query["after"]) if request.query.get("after", "").isdigit() else 0
    person = request.query.get("person")
    entries = [
        entry
        for entry in request.world.timeline.entries
        if entry.id > after and (not person or entry.person_id in (person, ""))
    ]
    return json_response({"entries": entries, "now": request.world.clock.now()})


@route("GET", "/healthz")
async def healthz(request: Request) -> Response:
    """Alive."""
    return json_response({"ok": True})
