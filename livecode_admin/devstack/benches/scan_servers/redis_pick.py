"""(b) A Redis script that picks a seat at random and appends to a stream: neither ruled nor durable before the answer.

redis-py's asyncio client (hiredis): the calls of many scans overlap. With the blocking client, each of them waits for
its own round trip, and the same process serves less than half.
"""

from __future__ import annotations

import os
from typing import Any

import redis
import redis.asyncio

from livecode_admin.devstack.benches.scan_servers.answer import Receive, Send, answer, lifespan

SCRIPT = """
local seat = redis.call('SRANDMEMBER', KEYS[1])
redis.call('XADD', KEYS[2], 'MAXLEN', '~', 100000, '*', 'code', ARGV[1], 'seat', seat)
return seat
"""


def _script_loaded() -> str:
    with redis.Redis.from_url(os.environ["BENCH_REDIS"]) as once:
        once.sadd("seats", *range(1, 8))
        return str(once.script_load(SCRIPT))


_sha = _script_loaded()
# One for each of the bench's connections and some more: none waits for another one's.
_client = redis.asyncio.Redis.from_url(os.environ["BENCH_REDIS"], max_connections=300)


async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Pick, append, answer."""
    if scope["type"] == "http":
        await _client.evalsha(_sha, 2, "seats", "scans", scope["path"])
        await answer(send)
    elif scope["type"] == "lifespan":
        await lifespan(receive, send)
