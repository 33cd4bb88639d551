"""The ASGI application: `granian --interface asgi wecom_simulator.asgi:app` with one worker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from wecom_simulator import pages, routes, transfers
from wecom_simulator.config import Config
from wecom_simulator.router import BadRequest, NotFound, Request, Response, json_response, router
from wecom_simulator.world import World

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

BODY_LIMIT = 25_000_000
routes.load()


class Application:
    """Builds its world in the first event loop that it meets: at start-up, or with the first request."""

    def __init__(self) -> None:
        self._world: World | None = None

    def world(self) -> World:
        """The world of this process."""
        if self._world is None:
            self._world = World(Config.from_env())
            self._world.start(transfers.settle)
        return self._world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry point."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            body = await _read_body(receive)
            response = Response(status=413) if body is None else await self._answer(scope, body)
            await _write(send, response, scope["method"] == "HEAD")

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.world()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if self._world is not None:
                    await self._world.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, scope: Scope, body: bytes) -> Response:
        raw_query = bytes(scope["query_string"]).decode("latin-1")
        request = Request(
            world=self.world(),
            method=scope["method"],
            path=scope["path"],
            query=dict(parse_qsl(raw_query, keep_blank_values=True)),
            headers={bytes(k).decode("latin-1").lower(): bytes(v).decode("latin-1") for k, v in scope["headers"]},
            body=body,
            raw_query=raw_query,
        )
        handler = router.find(request)
        if handler is None:
            return pages.not_found(request.path)
        try:
            return await handler(request)
        except BadRequest as error:
            return json_response({"error": str(error)}, 400)
        except (NotFound, KeyError) as error:
            return json_response({"error": f"not found: {error}"}, 404)


async def _read_body(receive: Receive) -> bytes | None:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        chunk = bytes(message.get("body", b""))
        size += len(chunk)
        if size <= BODY_LIMIT:
            chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks) if size <= BODY_LIMIT else None


async def _write(send: Send, response: Response, head_only: bool) -> None:
    length = len(response.body) if response.declared_length is None else response.declared_length
    headers = [("content-type", response.content_type), ("content-length", str(length)), *response.headers]
    encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": response.status, "headers": encoded})
    if head_only:
        await send({"type": "http.response.body", "body": b""})
        return
    if response.drip_seconds:
        for offset in range(len(response.body)):
            await send({"type": "http.response.body", "body": response.body[offset : offset + 1], "more_body": True})
            await asyncio.sleep(response.drip_seconds)
        await send({"type": "http.response.body", "body": b""})
        return
    # Without its last part the server can only cut the connection: that is what a declared length is for.
    cut = response.declared_length is not None
    await send({"type": "http.response.body", "body": response.body, "more_body": cut})


app = Application()
