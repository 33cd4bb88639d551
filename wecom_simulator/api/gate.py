"""What every API call passes: token, rate limit, faults, JSON; and how answers and refusals are written."""

from __future__ import annotations

import inspect
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from wecom_simulator.errors import WecomError
from wecom_simulator.router import Json, Request, Response, json_response, route
from wecom_simulator.store import Corp
from wecom_simulator.world import World

BLOCK_SECONDS = 60


@dataclass
class Call:
    """An API call that has passed the gate. `now` is shifted Unix time in whole seconds."""

    request: Request
    world: World
    corp: Corp
    body: Json
    now: int

    @property
    def query(self) -> dict[str, str]:
        """The query string's fields."""
        return self.request.query


ApiHandler = Callable[[Call], Json | Awaitable[Json]]


def endpoint(
    method: str, path: str, *, empty: Json | None = None, raw_body: bool = False
) -> Callable[[ApiHandler], ApiHandler]:
    """Register an API endpoint. `empty` are the empty lists that its error answers carry; `raw_body`: not JSON."""

    def register(handler: ApiHandler) -> ApiHandler:
        @route(method, path)
        async def answer(request: Request) -> Response:
            return await _answer(request, handler, empty or {}, raw_body)

        return handler

    return register


async def _answer(request: Request, handler: ApiHandler, empty: Json, raw_body: bool) -> Response:
    world = request.world
    world.calls[request.path] += 1
    try:
        corp = corp_of_token(request)
        world.corp_calls[(corp.corp_id, request.path)] += 1
        limit_rate(world, corp, request.path)
        spoilt = await world.faults.strike(corp.corp_id, request.path)
        if spoilt is not None:
            return spoilt
        body = {} if raw_body or request.method == "GET" else _json(request.body)
        result = handler(Call(request, world, corp, body, world.clock.seconds()))
        value = await result if inspect.isawaitable(result) else result
    except WecomError as error:
        return refusal(error, empty)
    return json_response({"errcode": 0, "errmsg": "ok", **value})


def refusal(error: WecomError, empty: Json) -> Response:
    """HTTP 200 with the error, as WeCom does."""
    hint = f"{secrets.randbelow(10**16):016d}"
    return json_response({"errcode": error.errcode, "errmsg": error.errmsg(hint), **empty})


def _json(body: bytes) -> Json:
    try:
        value = json.loads(body or b"{}")
    except ValueError as error:
        raise WecomError(47001) from error
    if not isinstance(value, dict):
        raise WecomError(47001)
    return value


def corp_of_token(request: Request) -> Corp:
    """The corp whose token the query carries; 41001, 40014 or 42001 otherwise."""
    token = request.query.get("access_token", "")
    if not token:
        raise WecomError(41001)
    corp = request.world.store.token_corp.get(token)
    if corp is None or token not in corp.tokens:
        raise WecomError(40014)
    if corp.tokens[token].expires <= request.world.clock.now():
        raise WecomError(42001)
    return corp


def limit_rate(world: World, corp: Corp, path: str) -> None:
    """45009 above the corp's calls per minute and API; the block lasts a minute (document 90312)."""
    now = world.clock.now()
    key = (corp.corp_id, path)
    if world.blocked.get(key, 0) > now:
        raise WecomError(45009)
    slot = (*key, int(now // 60))
    world.minute[slot] += 1
    if world.minute[slot] == 1 and len(world.minute) > 500:
        for old in [entry for entry in world.minute if entry[2] < slot[2] - 1]:
            del world.minute[old]
    if world.minute[slot] > corp.settings.rate_per_minute:
        world.blocked[key] = now + BLOCK_SECONDS
        raise WecomError(45009)
