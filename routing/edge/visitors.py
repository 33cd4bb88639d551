"""Who scanned, without knowing whom: the first-party cookie, its hash, and what kind of client it is. No Django."""

from __future__ import annotations

import base64
import hmac
import os
import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from livecode_admin.kernel.ids import new_visitor
from livecode_admin.kernel.sealing import RING_ENV, RING_FILE_ENV

COOKIE = "lv"
COOKIE_SECONDS = 365 * 86400
_COOKIE_VALUE = re.compile(r"(?:^|;\s*)lv=([A-Za-z0-9_-]{22,43})(?:;|$)")


class Kind(StrEnum):
    """What a request for a code is. Only a visit takes a slot; the others are recorded with their kind."""

    VISIT = "visit"
    OUTSIDE = "outside"
    HEAD = "head"
    PREFETCH = "prefetch"
    CRAWLER = "crawler"


# Robots that say who they are. Browsers of Baidu, Sogou or DingTalk are people and are not in it.
_CRAWLERS = re.compile(
    r"baiduspider|googlebot|bingbot|sogou \w+ spider|360spider|yisouspider|bytespider|petalbot|applebot|"
    r"yandex(?:bot|images)|duckduckbot|semrushbot|ahrefsbot|mj12bot|facebookexternalhit|twitterbot|slackbot|"
    r"telegrambot|whatsapp/|linkedinbot|discordbot|dingtalkbot|python-requests|python-urllib|curl/|wget/|"
    r"go-http-client|okhttp/|apache-httpclient|headlesschrome|phantomjs|\bspider\b|\bcrawler\b",
    re.IGNORECASE,
)

_PURPOSE = ("sec-purpose", "purpose", "x-purpose", "x-moz")


def kind_of(method: str, headers: Mapping[str, str]) -> Kind:
    """The kind of a request by its method and headers (names in lower case).

    WeChat's and WeCom's browsers both say ``MicroMessenger``. A robot that pretends to be one is caught later: it
    never fetches the QR, and its slot goes back after three minutes (design.md §5).
    """
    if method == "HEAD":
        return Kind.HEAD
    purpose = " ".join(headers.get(name, "") for name in _PURPOSE).lower()
    if "prefetch" in purpose or "preview" in purpose:
        return Kind.PREFETCH
    agent = headers.get("user-agent", "")
    if "MicroMessenger" in agent:
        return Kind.VISIT
    return Kind.CRAWLER if _CRAWLERS.search(agent) else Kind.OUTSIDE


def cookie_of(headers: Mapping[str, str]) -> str | None:
    """The visitor's cookie, or None when there is none of ours."""
    found = _COOKIE_VALUE.search(headers.get("cookie", ""))
    return found[1] if found else None


def new_cookie() -> str:
    """A fresh visitor: 128 random bits."""
    return new_visitor()


def cookie_header(value: str, *, secure: bool) -> str:
    """The Set-Cookie line: first party, for a year, out of reach of scripts."""
    ending = "; Secure" if secure else ""
    return f"{COOKIE}={value}; Path=/; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Lax{ending}"


def visitor_id(tenant_id: int, cookie: str) -> str:
    """The visitor as facts know it: HMAC of the cookie, another one in each tenant (32 hex characters)."""
    return hmac.digest(_key(), f"{tenant_id}|{cookie}".encode(), "sha256").hex()[:32]


def signature(text: str) -> str:
    """A short signature for values that we put into our own URLs."""
    return hmac.digest(_key(), b"url|" + text.encode(), "sha256").hex()[:24]


@lru_cache(maxsize=1)
def _key() -> bytes:
    """Read once in a process: looking into the environment for each scan costs more than the hash."""
    ring = os.environ.get(RING_ENV, "")
    path = os.environ.get(RING_FILE_ENV)
    if not ring and path:
        ring = Path(path).read_text(encoding="ascii")
    return _derive(ring)


@lru_cache(maxsize=2)
def _derive(ring: str) -> bytes:
    """From the ring's oldest key, so that putting a new one in front does not make every visitor a stranger."""
    entries = [entry.strip() for entry in ring.replace("\n", ",").split(",") if entry.strip()]
    if not entries:
        raise RuntimeError(f"set {RING_ENV} or {RING_FILE_ENV}: the edge hashes visitors with it")
    oldest = base64.b64decode(entries[-1].partition(":")[2])
    return hmac.digest(oldest, b"livecode visitor", "sha256")
