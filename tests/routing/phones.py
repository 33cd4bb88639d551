"""Many phones at once: raw sockets in one thread, so that the test takes little of the machine from what it tests.

Each *line* of asks is walked in order, each ask once the one before it was answered; lines run side by side. The asks
of a line go to the edge processes in turn, so that what holds in a line holds over processes.
"""

from __future__ import annotations

import selectors
import socket
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.routing.conftest import WECHAT, Edges

AT_ONCE = 64
WAIT_S = 60


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of a phone. ``address``: where it comes from, as a proxy of ours vouches for it."""

    path: str
    cookie: str = ""
    address: str = ""
    agent: str = WECHAT

    def request(self) -> bytes:
        """The bytes to send."""
        lines = [f"GET {self.path} HTTP/1.1", "Host: 127.0.0.1", f"User-Agent: {self.agent}"]
        lines += [f"Cookie: lv={self.cookie}"] if self.cookie else []
        lines += [f"X-Forwarded-For: {self.address}"] if self.address else []
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


@dataclass(frozen=True, slots=True)
class Page:
    """What came back."""

    status: int
    head: str
    text: str


@dataclass(slots=True)
class Phone:
    """One phone that walks a line: a connection to each edge, at most one request under way."""

    sockets: list[socket.socket]
    line: int = -1
    todo: deque[Ask] = field(default_factory=deque)
    sent: int = 0
    seen: bytes = b""

    def ask(self) -> socket.socket:
        """Send the next ask of the line; the socket on which the answer will come."""
        link = self.sockets[self.sent % len(self.sockets)]
        self.sent += 1
        self.seen = b""
        link.sendall(self.todo.popleft().request())
        return link

    def read(self, link: socket.socket) -> Page | None:
        """The page, once it is whole."""
        data = link.recv(65536)
        assert data, "the edge closed a connection"
        self.seen += data
        head, found, body = self.seen.partition(b"\r\n\r\n")
        if not found:
            return None
        text = head.decode("latin-1")
        length = next(int(row[15:]) for row in text.split("\r\n") if row.lower().startswith("content-length:"))
        return Page(int(text[9:12]), text, body.decode("utf-8", "replace")) if len(body) >= length else None


def scan_lines(edges: Edges, lines: Sequence[Sequence[Ask]], *, connections: int = AT_ONCE) -> list[list[Page]]:
    """Walk all lines, at most ``connections`` at once; the pages of each line in order."""
    pages: list[list[Page]] = [[] for _ in lines]
    waiting = deque(index for index, line in enumerate(lines) if line)
    phones = [Phone(_links(edges.urls, number)) for number in range(min(connections, len(waiting)))]
    with selectors.DefaultSelector() as poll:
        for phone in phones:
            for link in phone.sockets:
                poll.register(link, selectors.EVENT_READ, phone)
            _next_line(phone, lines, waiting)
        while any(phone.line >= 0 for phone in phones):
            ready = poll.select(WAIT_S)
            assert ready, "no edge answers"
            for key, _ in ready:
                phone = key.data
                page = phone.read(key.fileobj)
                if page is None:
                    continue
                pages[phone.line].append(page)
                if phone.todo:
                    phone.ask()
                else:
                    _next_line(phone, lines, waiting)
    for phone in phones:
        for link in phone.sockets:
            link.close()
    return pages


def scan_at_once(edges: Edges, asks: Sequence[Ask], *, connections: int = AT_ONCE) -> list[Page]:
    """All asks over that many connections, in no order; the pages."""
    lines = [asks[number::connections] for number in range(connections)]
    return [page for pages in scan_lines(edges, lines, connections=connections) for page in pages]


def _next_line(phone: Phone, lines: Sequence[Sequence[Ask]], waiting: deque[int]) -> None:
    phone.line = waiting.popleft() if waiting else -1
    if phone.line >= 0:
        phone.todo = deque(lines[phone.line])
        phone.ask()


def _links(urls: Sequence[str], number: int) -> list[socket.socket]:
    links = []
    for place in range(len(urls)):
        parts = urlsplit(urls[(number + place) % len(urls)])
        link = socket.create_connection((str(parts.hostname), int(parts.port or 80)), timeout=WAIT_S)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        links.append(link)
    return links
