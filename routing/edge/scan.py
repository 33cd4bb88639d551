"""The edge: a small ASGI application that serves printed codes (design.md §5). No Django, no ORM, no Celery.

===============================  =====================================================================================
path                             answer
===============================  =====================================================================================
/c/<slug>  (/C/, any case)       the page of one person, or the fallback; in any state 200; unknown slug: 404 page
/c/<slug>/q/<scan>.png           the QR of the slot that the scan took; the visitor's own fetch keeps the slot
/c/<slug>/w/<way>-<sign>.png     the same for a scan that was answered while PostgreSQL was away
/c/<slug>/code.png               the printed code itself, to save outside of WeChat
/c/<slug>/native.png             the same of a native code, whose print is WeCom's own QR
/<MP|WW>_verify_….txt            the company's verification file, on its own hosts
/known-host?domain=<host>        200 for a host of a company: the proxy asks before it orders a certificate
/healthz, /readyz                alive; and whether PostgreSQL answers
===============================  =====================================================================================

On a company's entry host every scan is sent on to its landing host, if it has one; neither serves others' codes.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from codes.addresses import base_on, host_of
from codes.qr import png_bytes
from livecode_admin.kernel import clock
from livecode_admin.kernel.ids import clean_slug, time_ordered_text
from routing.edge import store, visitors
from routing.edge.answers import page_of_scan, page_of_test
from routing.edge.asks import FetchAsk, ScanAnswer, ScanAsk
from routing.edge.batch import DEADLINE_S, Batcher
from routing.edge.hosts import HostFacts, Hosts
from routing.edge.http import Answer, Request, page_answer, redirect_answer
from routing.edge.landing import neutral_page, stale_test_page
from routing.edge.orphans import Orphans
from routing.edge.pictures import Pictures
from routing.edge.slugs import LookupUnavailable, Slugs
from routing.edge.tokens import swap_read, trial_allowed
from routing.rules.domains import FILE_NAME

_PATH = re.compile(
    r"/[cC]/([0-9A-Za-z]{1,40})"
    r"(?:/?|/(code|native)\.png"
    r"|/(q)/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.png"
    r"|/(w)/(\d{1,18})-([0-9a-f]{24})\.png)"
)
_SUB_CHANNEL = re.compile(r"[A-Za-z0-9_-]{1,64}")
READY_PATIENCE_S = 1.0
LOOKING_THREADS = 24
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
        self._orphans = Orphans(self._pool, self._batcher.breaker)
        self._entry_url = entry_url.rstrip("/")
        self._hosts = Hosts(self._pool, self._batcher.breaker, urlsplit(self._entry_url).hostname or "")
        self.proxies = proxies

    async def start(self) -> None:
        """Replay what is left on the spool; begin to count orphans."""
        # Threads that wait for a PostgreSQL that is frozen must leave some for the others.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(LOOKING_THREADS, "look"))
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
        if request.path == "/known-host":
            return await self._known_host(request)
        host = await self._hosts.find(host_of(request.headers.get("host", "")))
        if host is not None and FILE_NAME.fullmatch(request.path[1:]):
            return await self._file(host, request)
        found = _PATH.fullmatch(request.path)
        slug = clean_slug(found[1]) if found else None
        if found is None or slug is None:
            self._orphans.count("malformed")
            return page_answer(neutral_page(), 404)
        if host is not None and host.sends_on(host_of(request.headers["host"])):
            return self._sent_on(host, request)
        return await self._serve(host, slug, found, request)

    async def _serve(self, host: HostFacts | None, slug: str, found: re.Match[str], request: Request) -> Answer:
        """A code's page or one of its pictures; on a company's own host its own codes alone."""
        try:
            place = await self._slugs.find(slug, request.address)
        except LookupUnavailable:
            return self._unavailable(request)
        if place is None:
            self._orphans.count("unknown")
            return page_answer(neutral_page(), 429 if self._slugs.limit.over(request.address) else 404)
        tenant_id, code_id = place
        if host is not None and host.tenant_id != tenant_id:
            self._orphans.count("foreign")
            return page_answer(neutral_page(), 404)
        if found[2] == "native":
            return await self._picture(tenant_id, code_id, native=True)
        if found[2]:
            return await self._own_code(tenant_id, slug, request)
        if found[3]:
            return await self._slot_picture(tenant_id, code_id, found[4], request)
        if found[5]:
            return await self._way_picture(tenant_id, int(found[6]), found[7])
        return await self._scan(tenant_id, code_id, slug, request)

    async def _scan(self, tenant_id: int, code_id: int, slug: str, request: Request) -> Answer:
        asked = parse_qs(request.query) if request.query else {}
        if "test" in asked:
            return await self._test(tenant_id, code_id, slug, asked["test"][0], request)
        kind = visitors.kind_of(request.method, request.headers)
        cookie = visitors.cookie_of(request.headers)
        fresh = None
        if cookie is None and kind in (visitors.Kind.VISIT, visitors.Kind.OUTSIDE):
            cookie = fresh = visitors.new_cookie()
        visitor = visitors.visitor_id(tenant_id, cookie) if cookie else None
        swap = swap_read(slug, visitor, asked["another"][0]) if visitor and "another" in asked else None
        ask = ScanAsk(
            scan_id=time_ordered_text(clock.now()),
            code_id=code_id,
            kind=kind,
            visitor=visitor,
            sub_channel=_sub_channel(request.query),
            known=fresh is None,
            address=request.address,
            swap=swap is not None,
            swap_of=swap.scan_id if swap else "",
            refused=swap.refused if swap else (),
        )
        answer = await self._batcher.ask(tenant_id, ask)
        if not isinstance(answer, ScanAnswer):
            return page_answer(neutral_page(), 200)
        if answer.link:
            return redirect_answer(answer.link, cookie=self._cookie_line(fresh))
        page = page_of_scan(
            answer,
            tenant_id=tenant_id,
            slug=slug,
            sub_channel=ask.sub_channel,
            visitor=visitor,
            refused=swap.refused if swap else (),
            native=answer.native and await self._has_native(tenant_id, code_id),
        )
        return page_answer(page, 200, cookie=self._cookie_line(fresh))

    async def _test(self, tenant_id: int, code_id: int, slug: str, token: str, request: Request) -> Answer:
        """测试扫码: works outside of WeChat too, and leaves no trace, no cookie either."""
        moment = clock.now()
        if not trial_allowed(slug, token, moment.timestamp()):
            return page_answer(stale_test_page(), 200)
        ask = ScanAsk(
            scan_id=time_ordered_text(moment),
            code_id=code_id,
            kind=visitors.Kind.VISIT,
            visitor=None,
            sub_channel=_sub_channel(request.query),
            known=False,
            address=request.address,
            test=True,
        )
        answer = await self._batcher.ask(tenant_id, ask)
        if not isinstance(answer, ScanAnswer):
            return page_answer(neutral_page(), 200)
        native = answer.native and await self._has_native(tenant_id, code_id)
        return page_answer(page_of_test(answer, tenant_id=tenant_id, slug=slug, native=native), 200)

    def _cookie_line(self, fresh: str | None) -> str | None:
        return visitors.cookie_header(fresh, secure=self._entry_url.startswith("https:")) if fresh else None

    def _sent_on(self, host: HostFacts, request: Request) -> Answer:
        """From the printed host to the one that shows the page: no slot, no cookie, counted nowhere."""
        query = f"?{request.query}" if request.query else ""
        return redirect_answer(f"{base_on(self._entry_url, host.landing_host)}{request.path}{query}")

    async def _file(self, host: HostFacts, request: Request) -> Answer:
        content = await self._hosts.file(host.tenant_id, request.path[1:])
        return Answer(404, b"", b"text/plain") if content is None else Answer(200, content.encode(), b"text/plain")

    async def _known_host(self, request: Request) -> Answer:
        known = await self._hosts.find(host_of(parse_qs(request.query).get("domain", [""])[0]))
        return Answer(404 if known is None else 200, b"", b"text/plain")

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

    async def _has_native(self, tenant_id: int, code_id: int) -> bool:
        """Whether a native code's picture is at hand: PostgreSQL may be away, or WeCom have made none yet."""
        return (await self._picture(tenant_id, code_id, native=True)).status == 200

    async def _picture(self, tenant_id: int, number: int, *, native: bool = False) -> Answer:
        png = self._pictures.known(tenant_id, number, native=native)
        if png is None and not self._batcher.breaker.open:
            look = partial(self._pictures.get, tenant_id, number, native=native)
            try:
                png = await asyncio.wait_for(asyncio.to_thread(look), 1.0)
            except Exception as error:
                extra = {"native_code" if native else "way": number, "reason": repr(error)}
                _log.warning("picture_failed", extra=extra)
        return Answer(200, png, b"image/png") if png else Answer(404, b"", b"text/plain")

    async def _own_code(self, tenant_id: int, slug: str, request: Request) -> Answer:
        """The code as it is printed: on the company's entry host, if it has one."""
        sub_channel = _sub_channel(request.query)
        suffix = f"?p={sub_channel}" if sub_channel else ""
        base = base_on(self._entry_url, await self._hosts.entry_host(tenant_id))
        png = await asyncio.to_thread(_code_png, f"{base}/c/{slug}{suffix}")
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
        if not await self._batcher.breaker.answers(READY_PATIENCE_S):
            state["database"] = "away"
        status = 200 if state["database"] == "ok" else 503
        return Answer(status, json.dumps(state).encode() + b"\n", b"application/json")


@lru_cache(maxsize=1024)
def _code_png(url: str) -> bytes:
    return png_bytes(url)


def _sub_channel(query: str) -> str:
    value = parse_qs(query).get("p", [""])[0] if query else ""
    return value if _SUB_CHANNEL.fullmatch(value) else ""
