"""(a) The server itself: an ASGI application that does nothing but answer."""

from __future__ import annotations

from typing import Any

from livecode_admin.devstack.benches.scan_servers.answer import Receive, Send, answer, lifespan


async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Answer."""
    if scope["type"] == "http":
        await answer(send)
    elif scope["type"] == "lifespan":
        await lifespan(receive, send)
