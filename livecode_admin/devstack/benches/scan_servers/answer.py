"""The bytes that all of them answer with: a real page of the edge, kept in a file (``BENCH_ANSWER``)."""

from __future__ import annotations

import json
import os
from base64 import b64decode
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
_kept = json.loads(Path(os.environ["BENCH_ANSWER"]).read_text(encoding="ascii"))
BODY = b64decode(_kept["body"])
HEADERS = [(name.encode(), value.encode()) for name, value in _kept["headers"]]


async def answer(send: Send) -> None:
    """The page."""
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})


async def lifespan(receive: Receive, send: Send) -> None:
    """Nothing to start, nothing to stop."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
