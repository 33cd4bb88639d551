"""The one outgoing-HTTP door: every call that leaves the product passes `send` (design.md §7).

It holds a *total* deadline (a server that drips one byte a second cannot prolong it) and a body cap, follows no
redirect, knows no proxy from the environment and connects to public addresses only. A host name is resolved once, all
of its addresses are judged, and the connection goes to a judged one (TLS still checks the name): see `kernel.egress`.

The environment variable `LIVECODE_HTTP_ALLOW` ("host:port,host:port") names exact exceptions for development and tests;
production settings refuse to start when it is set.
"""

from __future__ import annotations

import json
import logging
import os
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpcore
import httpx

from livecode_admin.kernel.egress import (
    AddressRefused,
    BodyNotJson,
    BodyTooLarge,
    ConnectionFailed,
    DeadlineExceeded,
    HttpError,
    PinnedBackend,
    TransactionOpen,
)

__all__ = [
    "ALLOW_VARIABLE",
    "AddressRefused",
    "BodyNotJson",
    "BodyTooLarge",
    "ConnectionFailed",
    "DeadlineExceeded",
    "HttpError",
    "Request",
    "Response",
    "TransactionOpen",
    "install_guard",
    "redact_url",
    "send",
]

ALLOW_VARIABLE = "LIVECODE_HTTP_ALLOW"
DEFAULT_DEADLINE = 10.0
DEFAULT_MAX_BODY = 65536
PORTS = frozenset({80, 443})
REDACTED = "***"
SECRET_PARAMETERS = frozenset(
    {
        "access_token",
        "suite_access_token",
        "provider_access_token",
        "corpsecret",
        "secret",
        "suite_secret",
        "suite_ticket",
        "auth_code",
        "user_ticket",
        "provider_secret",
        "permanent_code",
        "code",
        "ticket",
        "key",
        "token",
        "password",
        "signature",
        "msg_signature",
        "sign",
    }
)

_log = logging.getLogger("livecode.http")
_guards: list[Callable[[], None]] = []
_local = threading.local()
_tls_lock = threading.Lock()
_tls: list[ssl.SSLContext] = []


@dataclass(frozen=True)
class Request:
    """What to send. `purpose` names the call in the log; `log_url` replaces the URL there when its path is a secret."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = field(default=None, repr=False)
    purpose: str = ""
    log_url: str | None = None


@dataclass(frozen=True)
class Response:
    """What came back: any status, 3xx included. Header names in lower case; the body as sent, never inflated."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    elapsed_ms: int

    def json(self) -> Any:
        """The body as JSON. Raises BodyNotJson."""
        try:
            return json.loads(self.body.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise BodyNotJson("the answer is not JSON") from error


def install_guard(guard: Callable[[], None]) -> None:
    """Have `guard` called before each call; it raises TransactionOpen to stop it. Installing it twice is harmless."""
    if guard not in _guards:
        _guards.append(guard)


def send(request: Request, *, deadline: float = DEFAULT_DEADLINE, max_body: int = DEFAULT_MAX_BODY) -> Response:
    """Send one request and read the whole answer.

    `deadline`: seconds for everything, name resolution and body included. `max_body`: bytes of body.
    Raises DeadlineExceeded, BodyTooLarge, AddressRefused, ConnectionFailed; TransactionOpen from the guard.
    """
    for guard in _guards:
        guard()
    started = time.monotonic()
    status, size, failure = 0, 0, ""
    try:
        response = _exchange(request, started=started, ends=started + deadline, max_body=max_body)
        status, size = response.status, len(response.body)
        return response
    except Exception as error:
        failure = type(error).__name__
        raise
    finally:
        _log_call(request, status=status, size=size, failure=failure, elapsed=time.monotonic() - started)


def redact_url(url: str) -> str:
    """The URL for a log: values of secret query parameters replaced, user info and fragment dropped."""
    try:
        parts = urlsplit(url)
        query = [(k, REDACTED if k.lower() in SECRET_PARAMETERS else v) for k, v in parse_qsl(parts.query, True)]
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, parts.path, urlencode(query, safe="*"), ""))
    except ValueError:
        return "(unreadable URL)"


def _log_call(request: Request, *, status: int, size: int, failure: str, elapsed: float) -> None:
    _log.log(
        logging.WARNING if failure else logging.INFO,
        "http_call",
        extra={
            "purpose": request.purpose,
            "method": request.method,
            "url": request.log_url or redact_url(request.url),
            "status": status,
            "bytes": size,
            "error": failure,
            "elapsed_ms": round(elapsed * 1000),
        },
    )


def _exchange(request: Request, *, started: float, ends: float, max_body: int) -> Response:
    url = _checked_url(request.url)
    _local.ends = ends
    given = {"host": url.netloc.decode("ascii"), "accept-encoding": "identity"}
    given |= {name.lower(): value for name, value in request.headers.items()}
    headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in given.items()]
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    try:
        with _pool().stream(request.method, target, headers=headers, content=request.body) as answer:
            body = _read_body(answer, max_body)
            return Response(
                status=answer.status,
                headers=_joined(answer.headers),
                body=body,
                elapsed_ms=round((time.monotonic() - started) * 1000),
            )
    except httpcore.TimeoutException as error:
        raise DeadlineExceeded("the deadline passed") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as error:
        raise ConnectionFailed(f"{type(error).__name__} in the exchange with {url.host}") from error


def _checked_url(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise AddressRefused("unreadable URL") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise AddressRefused("only http and https URLs with a host are called")
    if url.userinfo:
        raise AddressRefused("a URL with user info is not called")
    port = url.port or (443 if url.scheme == "https" else 80)
    if port not in PORTS and not _allowed(url.host, port):
        raise AddressRefused(f"port {port} is not called")
    return url


def _allowed(host: str, port: int) -> bool:
    entries = (entry.strip().lower() for entry in os.environ.get(ALLOW_VARIABLE, "").split(","))
    return f"{host.lower()}:{port}" in entries


def _read_body(answer: httpcore.Response, max_body: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    for chunk in answer.iter_stream():
        size += len(chunk)
        if size > max_body:
            raise BodyTooLarge(f"the answer is longer than {max_body} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def _joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _pool() -> httpcore.ConnectionPool:
    """This thread's connections. Not shared with a forked child, nor kept when the exceptions change."""
    mark = (os.getpid(), os.environ.get(ALLOW_VARIABLE, ""))
    if getattr(_local, "mark", None) != mark:
        backend = PinnedBackend(remaining=_remaining, allowed=_allowed)
        _local.pool = httpcore.ConnectionPool(
            ssl_context=_tls_context(), max_connections=8, keepalive_expiry=15.0, network_backend=backend
        )
        _local.mark = mark
    pool: httpcore.ConnectionPool = _local.pool
    return pool


def _tls_context() -> ssl.SSLContext:
    with _tls_lock:
        if not _tls:
            _tls.append(httpx.create_ssl_context())
        return _tls[0]


def _remaining() -> float:
    left: float = _local.ends - time.monotonic()
    if left <= 0:
        raise DeadlineExceeded("the deadline passed")
    return left
