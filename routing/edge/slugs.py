"""Slug → tenant and code, in each edge process: hits for good, misses for 5 s, misses limited per address.

Valid scans are never limited (a trade fair has one address), so an address over its limit is still looked up, as long
as a look-up is free: a hit is served, a miss is told apart as too many (design.md §5).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from typing import TypeVar

from livecode_admin.kernel.clock import now
from routing.edge import store
from routing.edge.breaker import Breaker
from routing.edge.memory import Memory

V = TypeVar("V")

HITS_KEPT = 200_000
MISSES_KEPT = 20_000
MISS_SECONDS = 5.0
LOOKUPS = 4
SLUGS_AT_ONCE = 200
LOOKUP_DEADLINE_S = 1.5
MISSES_PER_MINUTE = 30
ADDRESSES_KEPT = 20_000
_log = logging.getLogger("livecode.edge")


class Unavailable:
    """What a look-up says that got no answer."""


UNAVAILABLE = Unavailable()
Found = tuple[int, int] | Unavailable | None


class LookupUnavailable(Exception):
    """PostgreSQL does not answer, or too many unknown slugs wait already."""


class MissLimit:
    """Misses of each address within the last minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._misses: OrderedDict[str, deque[float]] = OrderedDict()

    def count(self, address: str) -> None:
        """Note one miss."""
        times = self._misses.setdefault(address, deque(maxlen=MISSES_PER_MINUTE + 1))
        times.append(self._clock())
        self._misses.move_to_end(address)
        if len(self._misses) > ADDRESSES_KEPT:
            self._misses.popitem(last=False)

    def over(self, address: str) -> bool:
        """Whether the address had more than 30 misses in the last minute."""
        times = self._misses.get(address)
        return times is not None and len(times) > MISSES_PER_MINUTE and times[0] > self._clock() - 60.0


class Slugs:
    """The cache, and look-ups that take along all slugs that wait: an edge that starts into a crowd knows none.

    The machine's memory comes before PostgreSQL: a slug is never given to another code.
    """

    def __init__(
        self,
        pool: store.Pool,
        memory: Memory,
        breaker: Breaker,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool = pool
        self._memory = memory
        self._breaker = breaker
        self._clock = clock
        self._hits: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._misses: OrderedDict[str, float] = OrderedDict()
        self._wanted: dict[str, asyncio.Future[Found]] = {}
        self._next: list[str] = []
        self._lookers: set[asyncio.Task[None]] = set()
        self.limit = MissLimit(clock)

    async def find(self, slug: str, address: str) -> tuple[int, int] | None:
        """(tenant, code) of a clean slug, or None.

        Raises:
            LookupUnavailable: PostgreSQL is away and this machine never saw the slug, or four slugs are being looked
                up and this address has had its misses.
        """
        found = self._hits.get(slug)
        if found is not None:
            self._hits.move_to_end(slug)
            return found
        if self._misses.get(slug, 0.0) > self._clock():
            self.limit.count(address)
            return None
        found = self._memory.place(slug) or await self._look_up(slug, address)
        if found is None:
            self.limit.count(address)
            self._remember(self._misses, slug, self._clock() + MISS_SECONDS, MISSES_KEPT)
        else:
            self._remember(self._hits, slug, found, HITS_KEPT)
            self._memory.asked(slug, *found, now().timestamp())
        return found

    async def _look_up(self, slug: str, address: str) -> tuple[int, int] | None:
        if self._breaker.open:
            raise LookupUnavailable
        future = self._wanted.get(slug)
        if future is None:
            if len(self._wanted) >= LOOKUPS and self.limit.over(address):
                raise LookupUnavailable
            future = self._wanted[slug] = asyncio.get_running_loop().create_future()
            self._next.append(slug)
            if len(self._lookers) < LOOKUPS:
                looker = asyncio.create_task(self._look())
                self._lookers.add(looker)
                looker.add_done_callback(self._lookers.discard)
        done, _ = await asyncio.wait({future}, timeout=LOOKUP_DEADLINE_S)
        found = future.result() if done else UNAVAILABLE
        if isinstance(found, Unavailable):
            raise LookupUnavailable
        return found

    async def _look(self) -> None:
        """Ask for all that nobody asks for yet, until there are none."""
        while self._next:
            slugs, self._next[:SLUGS_AT_ONCE] = self._next[:SLUGS_AT_ONCE], []
            try:
                found: dict[str, tuple[int, int]] | None = await asyncio.to_thread(self._ask, slugs)
            except Exception as error:
                _log.warning("lookup_failed", extra={"slugs": len(slugs), "reason": repr(error)})
                found = None
            for slug in slugs:
                self._wanted.pop(slug).set_result(UNAVAILABLE if found is None else found.get(slug))

    def _ask(self, slugs: Sequence[str]) -> dict[str, tuple[int, int]]:
        with self._pool.connection() as link:
            return store.resolve(link, slugs)

    @staticmethod
    def _remember(cache: OrderedDict[str, V], slug: str, value: V, kept: int) -> None:
        cache[slug] = value
        if len(cache) > kept:
            cache.popitem(last=False)
