"""The edge: a small ASGI application that serves printed codes (design.md §5). No Django, no ORM, no Celery.

===============================  =====================================================================================
path                             answer
===============================  =====================================================================================
/c/<slug>  (/C/, any case)       the page of one person, or the fallback; in any state 200; unknown slug: 404 page
/c/<slug>/q/<scan>.png           the QR of the slot that the scan took; the visitor's own fetch keeps the slot
/c/<slug>/w/<way>-<sign>.png     the same for a scan that was answered while PostgreSQL was away
/c/<slug>/code.png               the printed code itself, to save outside of WeChat
/healthz, /readyz                alive; and whether PostgreSQL answers
===============================  =====================================================================================
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import tempfile
from collections.abc import Awaitable, Callable
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from codes.qr import png_bytes
from livecode_admin.kernel import clock
from livecode_admin.kernel.ids import clean_slug, time_ordered_uuid
from routing import store, visitors
from routing.asks import FetchAsk, ScanAnswer, ScanAsk
from routing.batch import DEADLINE_S, Batcher
from routing.edgehttp import Answer, Request, Scope, headers_of, page_answer, redirect_answer, request_of
from routing.engine import Outcome
from routing.landing import Page, fallback_page, neutral_page, outside_page, person_page
from routing.orphans import Orphans
from routing.pictures import Pictures
from routing.slugs import LookupUnavailable, Slugs

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_PATH = re.compile(
    r"/[cC]/([0-9A-Za-z]{1,40})"
    r"(?:/?|/(code)\.png"
    r"|/(q)/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.png"
    r"|/(w)/(\d{1,18})-([0-9a-f]{24})\.png)"
)
_SUB_CHANNEL = re.compile(r"[A-Za-z0-9_-]{1,64}")
_log = logging.getLogger("livecode.edge")


class Edge:
    """The application; one in each process. Its parts are made when the process starts serving."""

    def __init__(
        self, database_url: str, spool_dir: Path, *, entry_url: str, proxies: int = 0, deadline: float = DEADLINE_S
    ) -> None:
        self._pool = store.Pool(database_url)
        self._pictures = Pictures(self._pool, spool_dir / "ways")
        self._batcher = Batcher(self._pool, spool_dir, self._pictures, deadline=deadline)
        self._slugs = Slugs(self._pool, self._batcher.memory, self._batcher.breaker)
        self._orphans = Orphans(self._pool)
        self._entry_url = entry_url.rstrip("/")
        self.proxies = proxies

    async def start(self) -> None:
        """Replay what is left on the spool; begin to count orphans."""
        await self._batcher.start()
        self._orphans.start()

    async def stop(self) -> None:
        """Finish what is under way."""
        await self._orphans.stop()
        await self._batcher.close()

    async def handle(self, request: Request) -> Answer:
        """The answer to a request; a page in every case."""
        if request.path == "/healthz":
            return Answer(200, b"ok\n", b"text/plain")
        if request.path == "/readyz":
            return await self._ready()
        if request.method not in ("GET", "HEAD"):
            return Answer(405, b"", b"text/plain")
        found = _PATH.fullmatch(request.path)
        slug = clean_slug(found[1]) if found else None
        if found is None or slug is None:
            self._orphans.count("malformed")
            return page_answer(neutral_page(), 404)
        try:
            place = await self._slugs.find(slug, request.address)
        except LookupUnavailable:
            return self._unavailable(request)
        if place is None:
            self._orphans.count("unknown")
            return page_answer(neutral_page(), 429 if self._slugs.limit.over(request.address) else 404)
        tenant_id, code_id = place
        if found[2]:
            return await self._own_code(slug, request)
        if found[3]:
            return await self._slot_picture(tenant_id, code_id, found[4], request)
        if found[5]:
            return await self._way_picture(tenant_id, int(found[6]), found[7])
        return await self._scan(tenant_id, code_id, slug, request)

    async def _scan(self, tenant_id: int, code_id: int, slug: str, request: Request) -> Answer:
        kind = visitors.kind_of(request.method, request.headers)
        cookie = visitors.cookie_of(request.headers)
        fresh = None
        if cookie is None and kind in (visitors.Kind.VISIT, visitors.Kind.OUTSIDE):
            cookie = fresh = visitors.new_cookie()
        ask = ScanAsk(
            scan_id=str(time_ordered_uuid(clock.now())),
            code_id=code_id,
            kind=kind,
            visitor=visitors.visitor_id(tenant_id, cookie) if cookie else None,
            sub_channel=_sub_channel(request.query),
            known=fresh is None,
            address=request.address,
        )
        answer = await self._batcher.ask(tenant_id, ask)
        if not isinstance(answer, ScanAnswer):
            return page_answer(neutral_page(), 200)
        if answer.link:
            return redirect_answer(answer.link, cookie=self._cookie_line(fresh))
        page = self._page_for(tenant_id, slug, kind, ask.sub_channel, answer)
        return page_answer(page, 200, cookie=self._cookie_line(fresh))

    def _cookie_line(self, fresh: str | None) -> str | None:
        return visitors.cookie_header(fresh, secure=self._entry_url.startswith("https:")) if fresh else None

    def _page_for(self, tenant_id: int, slug: str, kind: visitors.Kind, sub_channel: str, answer: ScanAnswer) -> Page:
        if answer.outcome is Outcome.NO_SLOT and answer.status == "live":
            suffix = f"?p={sub_channel}" if sub_channel else ""
            return outside_page(answer.look, f"/c/{slug}/code.png{suffix}")
        picture = f"/c/{slug}/q/{answer.picture}.png?s={answer.seat_id}" if answer.picture else None
        if (way_id := answer.way_id) is not None:
            picture = f"/c/{slug}/w/{way_id}-{visitors.signature(f'{tenant_id}:{way_id}')}.png"
        if answer.face is None or picture is None:
            return fallback_page(answer.look, answer.status)
        return person_page(answer.look, answer.face, picture, answer.landing_text)

    async def _slot_picture(self, tenant_id: int, code_id: int, scan_id: str, request: Request) -> Answer:
        """The slot's own picture; when PostgreSQL can't tell it, another one of the same seat."""
        cookie = visitors.cookie_of(request.headers) if request.method == "GET" else None
        visitor = visitors.visitor_id(tenant_id, cookie) if cookie else None
        seat = parse_qs(request.query).get("s", [""])[0]
        seat_id = int(seat) if seat.isascii() and seat.isdigit() and len(seat) < 19 else 0
        way_id = await self._batcher.ask(tenant_id, FetchAsk(scan_id, visitor, code_id, seat_id))
        if not isinstance(way_id, int):
            return Answer(404, b"", b"text/plain")
        answer = await self._picture(tenant_id, way_id)
        spare = self._batcher.spare_way(tenant_id, code_id, seat_id) if answer.status == 404 else None
        return await self._picture(tenant_id, spare) if spare is not None else answer

    async def _way_picture(self, tenant_id: int, way_id: int, sign: str) -> Answer:
        """The picture of a way that no slot was taken for: of a friend, of a test, of a scan without PostgreSQL."""
        if sign != visitors.signature(f"{tenant_id}:{way_id}"):
            return Answer(404, b"", b"text/plain")
        return await self._picture(tenant_id, way_id)

    async def _picture(self, tenant_id: int, way_id: int) -> Answer:
        png = self._pictures.known(tenant_id, way_id)
        if png is None:
            try:
                png = await asyncio.wait_for(asyncio.to_thread(self._pictures.get, tenant_id, way_id), 1.0)
            except Exception as error:
                _log.warning("picture_failed", extra={"way": way_id, "reason": repr(error)})
        return Answer(200, png, b"image/png") if png else Answer(404, b"", b"text/plain")

    async def _own_code(self, slug: str, request: Request) -> Answer:
        sub_channel = _sub_channel(request.query)
        suffix = f"?p={sub_channel}" if sub_channel else ""
        png = await asyncio.to_thread(_code_png, f"{self._entry_url}/c/{slug}{suffix}")
        return Answer(200, png, b"image/png")

    def _unavailable(self, request: Request) -> Answer:
        """PostgreSQL is away and this process never saw the slug: a page all the same, to be asked for again."""
        self._orphans.count("unavailable")
        return page_answer(neutral_page(), 429 if self._slugs.limit.over(request.address) else 503)

    async def _ready(self) -> Answer:
        state: dict[str, object] = {
            "database": "ok",
            "blind_tenants": self._batcher.blind_lanes(),
            "spooled": self._batcher.spooled(),
        }
        try:
            await asyncio.wait_for(asyncio.to_thread(self._ping), 1.0)
        except Exception as error:
            state["database"] = type(error).__name__
        status = 200 if state["database"] == "ok" else 503
        return Answer(status, json.dumps(state).encode() + b"\n", b"application/json")

    def _ping(self) -> None:
        with self._pool.connection() as link:
            store.ping(link)


@lru_cache(maxsize=1024)
def _code_png(url: str) -> bytes:
    return png_bytes(url)


def _sub_channel(query: str) -> str:
    value = parse_qs(query).get("p", [""])[0] if query else ""
    return value if _SUB_CHANNEL.fullmatch(value) else ""


class App:
    """The ASGI callable; makes its :class:`Edge` from the environment with the first event."""

    def __init__(self) -> None:
        self._edge: Edge | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve lifespan and HTTP."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await (await self._ready_edge()).start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if self._edge is not None:
                    await self._edge.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _ready_edge(self) -> Edge:
        if self._edge is None:
            default = Path(tempfile.gettempdir()) / f"livecode-spool-{os.getuid()}"
            self._edge = Edge(
                _setting("DATABASE_URL"),
                Path(os.environ.get("LIVECODE_SPOOL_DIR") or default),
                entry_url=os.environ.get("LIVECODE_ENTRY_URL", "http://127.0.0.1:8001"),
                proxies=int(os.environ.get("LIVECODE_PROXY_COUNT") or 0),
                deadline=float(os.environ.get("LIVECODE_BATCH_DEADLINE") or DEADLINE_S),
            )
        return self._edge

    async def _http(self, scope: Scope, send: Send) -> None:
        edge = await self._ready_edge()
        request = request_of(scope, edge.proxies)
        try:
            answer = await edge.handle(request)
        except Exception:
            _log.exception("edge_failed", extra={"path": request.path})
            answer = page_answer(neutral_page(), 200)
        await send({"type": "http.response.start", "status": answer.status, "headers": headers_of(answer)})
        body = b"" if request.method == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": body})


def _setting(name: str) -> str:
    """A variable, or what the file named by ``<name>_FILE`` holds. Raises RuntimeError when there is neither."""
    if value := os.environ.get(name):
        return value
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    raise RuntimeError(f"set {name} or {name}_FILE")


app = App()
