"""The edge's side of HTTP: what it reads of a request, and the headers of each answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from routing.edge.landing import Page

Scope = Mapping[str, Any]
HTML = b"text/html; charset=utf-8"
_ALWAYS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-robots-tag", b"noindex"),
)


@dataclass(slots=True)  # one for each scan: frozen ones cost five times as much to make
class Answer:
    """One HTTP answer. ``policy`` is the Content-Security-Policy of a page."""

    status: int
    body: bytes
    content_type: bytes = HTML
    policy: str = "default-src 'none'"
    cookie: str | None = None
    location: str | None = None


@dataclass(slots=True)  # one for each scan: frozen ones cost five times as much to make
class Request:
    """What the edge reads of a request. Header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    address: str


def request_of(scope: Scope, proxies: int = 0) -> Request:
    """Read the ASGI scope. The address is the peer's, or the one that our own ``proxies`` vouch for."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    address = scope["client"][0] if scope.get("client") else ""
    if proxies:
        forwarded = [part.strip() for part in headers.get("x-forwarded-for", "").split(",") if part.strip()]
        if len(forwarded) >= proxies:
            address = forwarded[-proxies]
    query = scope.get("query_string", b"").decode("latin-1")
    return Request(scope["method"], scope["path"], query, headers, address)


def page_answer(page: Page, status: int, *, cookie: str | None = None) -> Answer:
    """A page with its policy."""
    return Answer(status, page.html, HTML, page.policy, cookie)


def redirect_answer(location: str, *, cookie: str | None = None) -> Answer:
    """Send the client on, this time only: the next scan may lead elsewhere."""
    return Answer(302, b"", b"text/plain", cookie=cookie, location=location)


def headers_of(answer: Answer) -> list[tuple[bytes, bytes]]:
    """Never stored, never framed, nothing of it runs."""
    headers = [
        (b"content-type", answer.content_type),
        (b"content-length", str(len(answer.body)).encode()),
        (b"content-security-policy", answer.policy.encode()),
        *_ALWAYS,
    ]
    if answer.location:
        headers.append((b"location", answer.location.encode()))
    if answer.cookie:
        headers.append((b"set-cookie", answer.cookie.encode()))
    if answer.status in (429, 503):
        headers.append((b"retry-after", b"5"))
    return headers
