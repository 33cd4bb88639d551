"""The load generator: keep-alive connections on raw sockets with requests made ahead, as little Python as can be.

It runs as a process of its own on the stores' core; the job is JSON on stdin, the outcome JSON on stdout.

* closed: each connection asks again as soon as it has its answer; what is measured is the rate;
* open: scans arrive at random moments (Poisson, a fixed seed) at a fixed rate, whatever the server does; each latency
  counts from the moment the scan was due, so that waiting for a free connection is part of it.
"""

from __future__ import annotations

import itertools
import json
import random
import select
import socket
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

WECHAT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
    "MicroMessenger/8.0.55(0x18003731) NetType/4G Language/zh_CN"
)
SEED = 20240229
QUIET_SECONDS = 5.0


@dataclass(frozen=True)
class Job:
    """What to send: to these ports (connections in turn), any of these paths. ``rate`` 0: closed."""

    ports: Sequence[int]
    paths: Sequence[str]
    seconds: float
    warm_up: float = 1.0
    connections: int = 64
    rate: float = 0.0


@dataclass
class Outcome:
    """What came back after the warm-up. ``latencies`` in milliseconds; ``cpu`` is this process's own, 0 to 1."""

    rate: float = 0.0
    answers: int = 0
    bad: int = 0
    unanswered: int = 0
    size: int = 0
    cpu: float = 0.0
    latencies: list[float] = field(default_factory=list)


class BrokenAnswer(Exception):
    """The server closed a connection, or sent something without a length."""


class Link:
    """One keep-alive connection with at most one request under way."""

    __slots__ = ("due", "need", "seen", "sock")

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.seen = b""
        self.need = 0
        self.due = 0.0

    def send(self, request: bytes, due: float) -> None:
        """Ask. A request is far smaller than a socket's buffer, so it never blocks."""
        self.due = due
        self.seen, self.need = b"", 0
        self.sock.sendall(request)

    def whole(self) -> bytes | None:
        """Read what is there; the answer once it is whole. Raises BrokenAnswer."""
        data = self.sock.recv(65536)
        if not data:
            raise BrokenAnswer("the server closed a connection")
        self.seen = self.seen + data if self.seen else data
        if not self.need:
            self.need = whole_length(self.seen)
        return self.seen if self.need and len(self.seen) >= self.need else None


def whole_length(data: bytes) -> int:
    """How long the whole answer will be, or 0 while its head isn't whole. Raises BrokenAnswer without a length."""
    head = data.find(b"\r\n\r\n")
    if head < 0:
        return 0
    start = data.find(b"content-length: ", 0, head)
    if start < 0:
        raise BrokenAnswer("an answer without content-length")
    return head + 4 + int(data[start + 16 : data.find(b"\r\n", start)])


def requests(paths: Sequence[str]) -> Iterator[bytes]:
    """Requests of new visitors in WeChat, without end; each for any of the paths, the same ones in every run."""
    chance = random.Random(SEED)  # noqa: S311
    order = chance.choices(paths, k=4 * len(paths)) if len(paths) > 1 else list(paths)
    agent = f"Host: 127.0.0.1\r\nUser-Agent: {WECHAT}\r\nAccept: text/html\r\nAccept-Language: zh-CN\r\n\r\n"
    return itertools.cycle([f"GET {path} HTTP/1.1\r\n{agent}".encode() for path in order])


def closed(job: Job) -> Outcome:
    """As many scans as the server takes. Raises BrokenAnswer."""
    outcome, asks = Outcome(), requests(job.paths)
    links = {link.sock.fileno(): link for link in _links(job)}
    poll = select.epoll()
    now = time.perf_counter()
    for number, link in links.items():
        poll.register(number, select.EPOLLIN)
        link.send(next(asks), now)
    begins = now + job.warm_up
    ends, cpu = begins + job.seconds, -1.0
    while now < ends:
        for number, _ in poll.poll(1.0):
            link = links[number]
            answer = link.whole()
            if answer is None:
                continue
            now = time.perf_counter()
            if now >= begins:
                if cpu < 0.0:
                    cpu = time.process_time()
                _note(outcome, answer, (now - link.due) * 1000)
            link.send(next(asks), now)
        now = time.perf_counter()
    outcome.rate = outcome.answers / job.seconds
    outcome.cpu = max(0.0, time.process_time() - cpu) / job.seconds
    return outcome


def arrivals(rate: float, seconds: float) -> Iterator[float]:
    """Moments of a Poisson process, in seconds from its beginning."""
    pace = random.Random(SEED)  # noqa: S311
    moment = pace.expovariate(rate)
    while moment < seconds:
        yield moment
        moment += pace.expovariate(rate)


def opened(job: Job) -> Outcome:
    """Scans at ``job.rate`` a second, whatever comes back. Raises BrokenAnswer."""
    outcome, asks = Outcome(), requests(job.paths)
    links = {link.sock.fileno(): link for link in _links(job)}
    free, late, busy = deque(links.values()), deque[float](), dict[int, Link]()
    begun = time.perf_counter()
    moments = arrivals(job.rate, job.warm_up + job.seconds)
    due, quiet, cpu = next(moments, None), begun + job.warm_up + job.seconds + QUIET_SECONDS, -1.0
    while due is not None or busy or late:
        now = time.perf_counter()
        if now > quiet:
            break
        while due is not None and begun + due <= now:
            late.append(begun + due)
            due = next(moments, None)
        while late and free:
            link = free.popleft()
            link.send(next(asks), late.popleft())
            busy[link.sock.fileno()] = link
        wait = max(0.0, begun + due - time.perf_counter()) if due is not None else 0.5
        for number in select.select(list(busy), [], [], wait)[0]:
            link = busy[number]
            answer = link.whole()
            if answer is None:
                continue
            now = time.perf_counter()
            if link.due >= begun + job.warm_up:
                cpu = time.process_time() if cpu < 0.0 else cpu
                _note(outcome, answer, (now - link.due) * 1000)
            del busy[number]
            free.append(link)
    outcome.unanswered = len(busy) + len(late)
    outcome.rate = outcome.answers / job.seconds
    outcome.cpu = max(0.0, time.process_time() - cpu) / job.seconds
    return outcome


def _links(job: Job) -> list[Link]:
    return [Link(job.ports[number % len(job.ports)]) for number in range(job.connections)]


def _note(outcome: Outcome, answer: bytes, took_ms: float) -> None:
    outcome.answers += 1
    outcome.latencies.append(took_ms)
    outcome.size = len(answer)
    if answer[9:12] != b"200":
        outcome.bad += 1


def main() -> None:
    """Do the job of stdin."""
    job = Job(**json.load(sys.stdin))
    outcome = opened(job) if job.rate else closed(job)
    result: dict[str, Any] = asdict(outcome)
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
