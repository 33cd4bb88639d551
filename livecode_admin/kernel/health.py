"""Is this process alive, and are the things it needs there? Plain Python: every web process can ask.

`/healthz` says that the process answers; `/readyz` asks each dependency, with the time it took. Both are public and
say nothing that an attacker could use: names, milliseconds, and "ok" or the kind of the fault.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass

import psycopg2
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

TIMEOUT_SECONDS = 2


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


def readiness(questions: Mapping[str, Callable[[], None]]) -> tuple[int, dict[str, object]]:
    """Ask all dependencies; return the HTTP status (200, or 503 when one is missing) and the JSON body."""
    answers = {name: probe(ask) for name, ask in questions.items()}
    good = all(answer.ok for answer in answers.values())
    body: dict[str, object] = {
        "status": "ready" if good else "not ready",
        "dependencies": {
            name: {"ok": answer.ok, "lag_ms": answer.lag_ms, **({"fault": answer.fault} if answer.fault else {})}
            for name, answer in answers.items()
        },
    }
    return (200 if good else 503), body


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)
