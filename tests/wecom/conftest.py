"""What the tests of wecom/ share: samples, a fake WeCom over real HTTP, real Redis."""

from __future__ import annotations

import functools
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from livecode_admin.kernel import http
from livecode_admin.kernel.keys import tenant_key
from tests.wecom.server import Seen, Server, serving
from wecom.client import Client
from wecom.redis_store import RedisLimiter, RedisTokenStore, connect

SAMPLES = Path(__file__).parent / "samples"
SECRET = "s3cret"


def sample(name: str) -> Any:
    """A JSON sample by its path below samples/."""
    return json.loads((SAMPLES / name).read_text("utf-8"))


@dataclass
class FakeWecom:
    """Answers `gettoken` by itself, everything else by `replies`: a JSON object, or a function of what was asked."""

    server: Server | None = None
    replies: dict[str, Any] = field(default_factory=dict)
    tokens: int = 0

    def __call__(self, seen: Seen, raw: Any) -> Any:
        api = seen.path.removeprefix("/cgi-bin/")
        reply = self.replies.get(api, self.next_token if api == "gettoken" else {"errcode": 0, "errmsg": "ok"})
        reply = reply(seen) if callable(reply) else reply
        return reply if isinstance(reply, tuple) or reply is None else (200, json.dumps(reply).encode())

    def next_token(self, seen: Seen) -> dict[str, Any]:
        self.tokens += 1
        return {"errcode": 0, "errmsg": "ok", "access_token": f"token{self.tokens}", "expires_in": 7200}

    @property
    def seen(self) -> list[Seen]:
        assert self.server is not None
        return self.server.seen

    def calls(self, api: str) -> list[Seen]:
        return [seen for seen in self.seen if seen.path == f"/cgi-bin/{api}"]


@pytest.fixture
def wecom(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeWecom]:
    fake = FakeWecom()
    with serving(fake) as server:
        fake.server = server
        monkeypatch.setenv(http.ALLOW_VARIABLE, server.allow)
        yield fake


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    client = connect(redis_url)
    yield client
    client.close()


@pytest.fixture
def pauses() -> list[float]:
    """Fills with the seconds that clients slept between retries."""
    return []


@pytest.fixture
def client_of(wecom: FakeWecom, redis: Redis, pauses: list[float]) -> Callable[..., Client]:
    """Clients of one tenant with a key space of its own."""
    key = functools.partial(tenant_key, uuid.uuid4().int % 10**12)

    def make(corp_id: str = "ww1", secret: str = SECRET, **options: Any) -> Client:
        assert wecom.server is not None
        return Client(
            corp_id=corp_id,
            secret=secret,
            agent_id=1000002,
            base_url=wecom.server.url,
            tokens=RedisTokenStore(redis, key),
            limiter=RedisLimiter(redis, key),
            sleep=pauses.append,
            jitter=lambda: 0.5,
            **options,
        )

    return make


@pytest.fixture
def client(client_of: Callable[..., Client]) -> Client:
    return client_of()
