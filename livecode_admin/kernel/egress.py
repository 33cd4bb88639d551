"""Which addresses outgoing calls may reach, and the sockets that hold them to it. Only `kernel.http` uses this module.

A name is resolved once per connection, every address of the answer is judged, and the connection goes to a judged
address: neither a second DNS answer nor an odd spelling (decimal, hexadecimal, mapped IPv6 …) leads inside.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

_WRITE_SLICE = 16384


class TransactionOpen(RuntimeError):
    """A call would have left while a database transaction was open. A mistake of ours, never retried."""


class HttpError(Exception):
    """A call that brought no usable answer. The message never contains a secret."""


class DeadlineExceeded(HttpError):
    """The total deadline passed before the answer was complete. The other side may or may not have acted."""


class BodyTooLarge(HttpError):
    """The answer is longer than the caller's cap."""


class AddressRefused(HttpError):
    """The URL is not one we call: scheme, port, user info, or an address that is not public."""


class ConnectionFailed(HttpError):
    """No connection, TLS failure, connection lost, or something that is not HTTP."""


class BodyNotJson(HttpError):
    """The body is not JSON in UTF-8."""


_V6_GLOBAL = ipaddress.IPv6Network("2000::/3")
# Inside 2000::/3, but reserved or able to carry an IPv4 address: protocol block with Teredo, documentation, 6to4.
_V6_SPECIAL = tuple(ipaddress.IPv6Network(n) for n in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
_V4_SPECIAL = tuple(ipaddress.IPv4Network(n) for n in ("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24"))


def is_public(address: str) -> bool:
    """Whether `address`, an IP literal, is a public unicast address. Anything else, text included, is not."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if ip.is_multicast or ip.is_reserved or ip.is_unspecified or not ip.is_global:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in _V4_SPECIAL)
    # Mapped, compatible and translated (64:ff9b::/96) forms of IPv4 all lie outside of 2000::/3.
    return ip in _V6_GLOBAL and not any(ip in network for network in _V6_SPECIAL)


def resolve(host: str, port: int, *, seconds: float) -> list[str]:
    """The addresses of `host`, in the resolver's order. Raises DeadlineExceeded after `seconds`, ConnectionFailed."""
    try:
        return _addresses(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST))
    except (OSError, UnicodeError, ValueError):
        pass  # a name, not a literal
    answers: queue.Queue[list[str] | Exception] = queue.Queue(1)

    def ask() -> None:
        try:
            answers.put(_addresses(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except (OSError, UnicodeError, ValueError) as error:
            answers.put(error)

    # The system's resolver knows no deadline: it gets a thread of its own, which is left behind when it is too slow.
    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=max(seconds, 0.001))
    except queue.Empty:
        raise DeadlineExceeded("the name was not resolved in time") from None
    if isinstance(answer, Exception):
        raise ConnectionFailed(f"the name {host} could not be resolved") from answer
    return answer


def _addresses(answers: Iterable[tuple[Any, ...]]) -> list[str]:
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


class PinnedBackend(httpcore.NetworkBackend):
    """Connects to judged addresses only and gives every socket operation what is left of the request's time."""

    def __init__(self, *, remaining: Callable[[], float], allowed: Callable[[str, int], bool]) -> None:
        """`remaining`: seconds left (DeadlineExceeded at zero). `allowed`: is this exact host and port excepted?"""
        self._remaining = remaining
        self._allowed = allowed
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve, judge, connect. One private address among several refuses the name."""
        addresses = resolve(host, port, seconds=self._remaining())
        if not self._allowed(host, port) and not all(is_public(address) for address in addresses):
            raise AddressRefused(f"{host} does not lead to a public address")
        failure: Exception = ConnectionFailed(f"{host} has no address")
        for address in addresses:
            try:
                stream = self._sockets.connect_tcp(
                    address, port, self._remaining(), local_address, list(socket_options or [])
                )
                return _TimedStream(stream, self._remaining)
            except httpcore.ConnectError as error:
                failure = error
        raise failure


class _TimedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, remaining: Callable[[], float]) -> None:
        self._stream = stream
        self._remaining = remaining

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._remaining())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _WRITE_SLICE):
            self._stream.write(buffer[start : start + _WRITE_SLICE], self._remaining())

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._remaining())
        return _TimedStream(secured, self._remaining)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
