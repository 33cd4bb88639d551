"""The simulator's only HTTP client: callbacks to the console, and the pages that a phone opens."""

from __future__ import annotations

import time
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import urlsplit

import httpx

CALLBACK_SECONDS = 5.0
PAGE_SECONDS = 10.0
BODY_LIMIT = 4_000_000


class HostRefused(ValueError):
    """The address is not one that this simulator may open."""


@dataclass(frozen=True)
class Answer:
    """What came back. `status` is 0 when nothing did, `error` then says why. `ms` is the time taken."""

    status: int
    body: bytes
    headers: httpx.Headers
    ms: float
    error: str = ""


class Outgoing:
    """Keeps connections open; every call has a time-out and follows no redirect by itself."""

    def __init__(self, allowed_hosts: frozenset[str]) -> None:
        self._allowed = allowed_hosts
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=50)
        # One client serves all phones: it keeps no cookies of its own.
        jar = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        self._client = httpx.AsyncClient(limits=limits, trust_env=False, follow_redirects=False, cookies=jar)

    def may_open(self, url: str) -> bool:
        """Whether the phone may open this address: http(s), and a host (or `host:port`) that the configuration names.

        `.example.com` names all hosts below a domain; `localhost` those below it too.
        """
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if parts.scheme not in ("http", "https") or not host:
            return False
        above = {host[place:] for place, letter in enumerate(host) if letter == "."}
        named = {host, parts.netloc.lower(), *above}
        return bool(named & self._allowed) or (".localhost" in above and "localhost" in self._allowed)

    async def send(
        self, method: str, url: str, *, content: bytes = b"", headers: dict[str, str] | None = None, seconds: float
    ) -> Answer:
        """One request; never raises for the other side's faults."""
        started = time.perf_counter()
        url, headers = _resolved(url, dict(headers or {}))
        try:
            reply = await self._client.request(method, url, content=content, headers=headers, timeout=seconds)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            spent = (time.perf_counter() - started) * 1000
            return Answer(0, b"", httpx.Headers(), round(spent, 1), type(error).__name__)
        spent = (time.perf_counter() - started) * 1000
        return Answer(reply.status_code, reply.content[:BODY_LIMIT], reply.headers, round(spent, 1))

    async def open_page(self, method: str, url: str, *, content: bytes, headers: dict[str, str]) -> Answer:
        """A request by a phone; raises HostRefused for a foreign host."""
        if not self.may_open(url):
            raise HostRefused(url)
        return await self.send(method, url, content=content, headers=headers, seconds=PAGE_SECONDS)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()


def _resolved(url: str, headers: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Names below .localhost are this machine (RFC 6761), though not every resolver knows it."""
    parts = urlsplit(url)
    if not (parts.hostname or "").endswith(".localhost"):
        return url, headers
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=f"127.0.0.1{port}").geturl(), {**headers, "Host": parts.netloc}
