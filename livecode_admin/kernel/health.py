"""Is this process alive, and are the things it needs there? Plain Python: every web process can ask.

`/healthz` says that the process answers; `/readyz` asks each dependency, with the time it took. Both are public and
say nothing that an attacker could use: names, milliseconds, and "ok" or the kind of the fault. `/readyz` also counts
what waits for a person (`attention`); it serves on meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import psycopg2
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

TIMEOUT_SECONDS = 2
# Beside the spool: scans that PostgreSQL would not take when they came home (routing/edge/spool.py).
REFUSED_FILE = "refused.jsonl"
_CHUNK = 2**20


@dataclass(frozen=True)
class Probe:
    """What one dependency answered, and after how many milliseconds."""

    ok: bool
    lag_ms: float
    fault: str = ""


def probe(ask: Callable[[], None]) -> Probe:
    """Ask one dependency; its error becomes the fault's kind, never its text."""
    started = time.perf_counter()
    try:
        ask()
    except Exception as error:  # whatever it is, the answer is "not ready"
        return Probe(ok=False, lag_ms=_since(started), fault=type(error).__name__)
    return Probe(ok=True, lag_ms=_since(started))


def postgres(url: str) -> Callable[[], None]:
    """Return a question for a database: connect and select."""

    def ask() -> None:
        with closing(psycopg2.connect(url, connect_timeout=TIMEOUT_SECONDS)) as connection:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")

    return ask


def redis_server(url: str) -> Callable[[], None]:
    """Return a question for a Redis: PING, without the client's own patience of several seconds.

    Celery's form of a unix socket address is understood too.
    """
    plain = url.replace("redis+socket://", "unix://").replace("virtual_host=", "db=")

    def ask() -> None:
        client = redis.Redis.from_url(
            plain,
            retry=Retry(NoBackoff(), 0),
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
        )
        with closing(client):
            client.ping()

    return ask


def refused_scans(spool: Path) -> int:
    """How many scans lie refused on this machine: they are counted nowhere until somebody has looked at them."""
    path = spool / REFUSED_FILE
    try:
        stat = path.stat()
        return _lines(path, stat.st_size, stat.st_mtime_ns)
    except OSError:
        return 0


@lru_cache(maxsize=1)
def _lines(path: Path, size: int, changed: int) -> int:
    """Counted once for each state of the file: anybody may ask."""
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(_CHUNK), b""))


def readiness(
    questions: Mapping[str, Callable[[], None]], attention: Mapping[str, int] | None = None
) -> tuple[int, dict[str, object]]:
    """Ask all dependencies; return the HTTP status (200, or 503 when one is missing) and the JSON body.

    ``attention``: counts of what waits for a person; those that aren't 0 are named, and nothing else changes by them.
    """
    answers = {name: probe(ask) for name, ask in questions.items()}
    good = all(answer.ok for answer in answers.values())
    body: dict[str, object] = {
        "status": "ready" if good else "not ready",
        "dependencies": {
            name: {"ok": answer.ok, "lag_ms": answer.lag_ms, **({"fault": answer.fault} if answer.fault else {})}
            for name, answer in answers.items()
        },
    }
    if waiting := {name: number for name, number in (attention or {}).items() if number}:
        body["attention"] = waiting
    return (200 if good else 503), body


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)
