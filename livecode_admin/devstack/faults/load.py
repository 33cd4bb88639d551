"""The phones of a fault run: a fixed number of scans a second, whatever happens, and a line for what each of them saw.

A process of its own, told by lines on its standard input: ``cold`` adds the codes that nobody has scanned yet,
``stop`` ends. Each scan is a new connection, sent to the edges in turn; when the connection fails, the same phone tries
the next edge at once with a token of its own, as a balancer in front would. Arrivals are not held up by answers.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from livecode_admin.devstack.faults.ledger import CONNECTION_ERRORS, Seen

TIMEOUT_S = 5.0
PICTURES = 0.25
RETURNING = 0.05
WECHAT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) MicroMessenger/8.0.55 NetType/4G Language/zh_CN"
_PERSON = re.compile(r'class="qr"[^>]* alt="([^"]*)的企业微信二维码" src="([^"]+)"')
_SCAN = re.compile(r"/q/([0-9a-f-]{36})\.png")
_COOKIE = re.compile(r"set-cookie: lv=([A-Za-z0-9_-]+)", re.IGNORECASE)


class Phones:
    """All phones of a round. ``plan`` is what the runner wrote: ports, codes with their weights, rate, file."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.edges: list[int] = plan["ports"]
        self.rate: float = plan["rate"]
        self.prefix: str = plan["prefix"]
        self.codes: list[dict[str, Any]] = plan["codes"]
        self.cold: list[dict[str, Any]] = plan["cold"]
        self.path = Path(plan["ledger"])
        self.random = random.Random(plan["seed"])  # noqa: S311  # nothing secret
        self.number = 0
        self.tasks: set[asyncio.Task[None]] = set()
        self.cookies: dict[str, str] = {}
        self.stopping = False

    async def run(self) -> None:
        """Scan until told to stop, then wait for the answers under way."""
        listener = asyncio.create_task(self._listen())
        started, sent = time.monotonic(), 0
        with self.path.open("w", encoding="utf-8") as self.file:
            while not self.stopping:
                due = int((time.monotonic() - started) * self.rate)
                for _ in range(due - sent):
                    self._spawn(self._phone())
                sent = max(sent, due)
                await asyncio.sleep(0.002)
            while self.tasks:
                await asyncio.wait(set(self.tasks))
        listener.cancel()

    async def _listen(self) -> None:
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            if line == b"cold\n":
                self.codes = self.codes + self.cold
            elif line == b"stop\n":
                break
        self.stopping = True

    def _spawn(self, coroutine: Any) -> None:
        task = asyncio.create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _phone(self) -> None:
        code = self.random.choices(self.codes, [one["weight"] for one in self.codes])[0]
        slug = code["slug"]
        cookie = self.cookies.get(slug, "") if self.random.random() < RETURNING else ""
        wants_picture = self.random.random() < PICTURES
        for _ in self.edges:
            seen, cookie_now, picture = await self._scan(code, cookie)
            if seen.error not in CONNECTION_ERRORS:
                break
            self._note(seen)
        if cookie_now:
            self.cookies[slug] = cookie_now
        if wants_picture and picture:
            await asyncio.sleep(self.random.uniform(0.1, 2.0))
            seen = await self._picture(seen, picture, cookie_now or cookie)
        self._note(seen)

    async def _scan(self, code: dict[str, Any], cookie: str) -> tuple[Seen, str, str]:
        self.number += 1
        token, edge = f"{self.prefix}-{self.number}", self.number % len(self.edges)
        sent_at, began = time.time(), time.monotonic()
        status, head, body, error = await self._get(edge, f"/c/{code['slug']}?p={token}", cookie)
        page = body.decode("utf-8", "replace")
        person = _PERSON.search(page)
        scan = _SCAN.search(person[2]) if person else None
        seen = Seen(
            token,
            code["tenant"],
            edge,
            sent_at,
            round(time.monotonic() - began, 4),
            status,
            error,
            person[1] if person else "",
            scan[1] if scan else "",
        )
        fresh = _COOKIE.search(head)
        return seen, fresh[1] if fresh else "", person[2].replace("&amp;", "&") if person else ""

    async def _picture(self, seen: Seen, path: str, cookie: str) -> Seen:
        """Ask for the page's picture; a phone whose connection fails asks the next edge."""
        for step in range(len(self.edges)):
            asked_at = time.time()
            edge = (seen.edge + step) % len(self.edges)
            status, head, body, error = await self._get(edge, path, cookie)
            if error not in CONNECTION_ERRORS:
                break
        good = status == 200 and "image/png" in head.lower() and body[:4] == b"\x89PNG"
        said = "ok" if good else error or f"{status}, {len(body)} bytes"
        return replace(seen, picture=said, picture_at=asked_at)

    async def _get(self, edge: int, path: str, cookie: str) -> tuple[int, str, bytes, str]:
        """Status, head, body, and what went wrong: refused, reset, cut, timeout or bad."""
        try:
            return await asyncio.wait_for(self._exchange(self.edges[edge], path, cookie), TIMEOUT_S)
        except TimeoutError:
            return 0, "", b"", "timeout"
        except ConnectionRefusedError:
            return 0, "", b"", "refused"
        except (ConnectionError, asyncio.IncompleteReadError):
            return 0, "", b"", "reset"
        except (OSError, ValueError) as error:
            return 0, "", b"", f"bad: {error!r}"

    async def _exchange(self, port: int, path: str, cookie: str) -> tuple[int, str, bytes, str]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            lines = [f"GET {path} HTTP/1.1", "host: phone.test", f"user-agent: {WECHAT}", "connection: close"]
            lines += [f"cookie: lv={cookie}"] if cookie else []
            writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
            whole = await reader.read(-1)
        finally:
            writer.close()
        head, found, body = whole.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        if not found or length is None or len(body) != int(length[1]):
            return 0, "", b"", "cut"
        return int(head.split(b" ", 2)[1]), head.decode("latin-1"), body, ""

    def _note(self, seen: Seen) -> None:
        self.file.write(json.dumps(asdict(seen), ensure_ascii=False) + "\n")


def read(path: Path) -> list[Seen]:
    """The ledger that a load has left."""
    return [Seen(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    asyncio.run(Phones(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))).run())
