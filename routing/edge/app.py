"""The ASGI callable around the edge: lifespan, the environment, and the last page when all else fails. No Django."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from routing.edge import log as edgelog
from routing.edge.batch import DEADLINE_S
from routing.edge.heap import heap_configure
from routing.edge.http import Scope, headers_of, page_answer, request_of
from routing.edge.landing import neutral_page
from routing.edge.scan import Edge

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

# A batch's thread comes back from PostgreSQL to find the event loop busy with other scans: with Python's own 5 ms it
# would wait as long for its turn as PostgreSQL took.
TURN_SECONDS = 0.0005
_log = logging.getLogger("livecode.edge")


class App:
    """The ASGI callable; makes its :class:`Edge` from the environment with the first event."""

    def __init__(self) -> None:
        self._edge: Edge | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve lifespan and HTTP."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await (await self._ready_edge()).start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if self._edge is not None:
                    await self._edge.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _ready_edge(self) -> Edge:
        if self._edge is None:
            edgelog.configure()
            heap_configure()
            sys.setswitchinterval(TURN_SECONDS)
            default = Path(tempfile.gettempdir()) / f"livecode-spool-{os.getuid()}"
            self._edge = Edge(
                _setting("DATABASE_URL"),
                Path(os.environ.get("LIVECODE_SPOOL_DIR") or default),
                entry_url=os.environ.get("LIVECODE_ENTRY_URL", "http://127.0.0.1:8001"),
                proxies=int(os.environ.get("LIVECODE_PROXY_COUNT") or 0),
                deadline=float(os.environ.get("LIVECODE_BATCH_DEADLINE") or DEADLINE_S),
            )
        return self._edge

    async def _http(self, scope: Scope, send: Send) -> None:
        edge = await self._ready_edge()
        request = request_of(scope, edge.proxies)
        try:
            answer = await edge.handle(request)
        except Exception:
            _log.exception("edge_failed", extra={"path": request.path})
            answer = page_answer(neutral_page(), 200)
        await send({"type": "http.response.start", "status": answer.status, "headers": headers_of(answer)})
        body = b"" if request.method == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": body})


def _setting(name: str) -> str:
    """A variable, or what the file named by ``<name>_FILE`` holds. Raises RuntimeError when there is neither."""
    if value := os.environ.get(name):
        return value
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    raise RuntimeError(f"set {name} or {name}_FILE")


app = App()
