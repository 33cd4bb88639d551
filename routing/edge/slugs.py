"""Slug → tenant and code, in each edge process: hits for good, misses for 5 s, misses limited per address.

Valid scans are never limited (a trade fair has one address), so an address over its limit is still looked up, as long
as a look-up is free: a hit is served, a miss is told apart as too many (design.md §5).
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable
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
LOOKUP_DEADLINE_S = 0.5
MISSES_PER_MINUTE = 30
ADDRESSES_KEPT = 20_000


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
    """The cache, and at most four look-ups at once; the same slug is looked up once.

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
        self._running: dict[str, asyncio.Task[tuple[int, int] | None]] = {}
        self.limit = MissLimit(clock)

    async def find(self, slug: str, address: str) -> tuple[int, int] | None:
        """(tenant, code) of a clean slug, or None.

        Raises:
            LookupUnavailable: PostgreSQL is away and this machine never saw the slug, or four look-ups run and this
                address has had its misses.
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
        task = self._running.get(slug)
        if task is None:
            if len(self._running) >= LOOKUPS and self.limit.over(address):
                raise LookupUnavailable
            await self._free_place()
            task = self._running.get(slug) or asyncio.create_task(asyncio.to_thread(self._ask, slug))
            self._running[slug] = task
            task.add_done_callback(lambda _: self._running.pop(slug, None))
        try:
            return await asyncio.wait_for(asyncio.shield(task), LOOKUP_DEADLINE_S)
        except Exception as error:
            raise LookupUnavailable from error

    async def _free_place(self) -> None:
        """Wait until fewer than four look-ups run."""
        ends = self._clock() + LOOKUP_DEADLINE_S
        while len(self._running) >= LOOKUPS:
            if self._clock() > ends:
                raise LookupUnavailable
            await asyncio.wait(set(self._running.values()), timeout=0.1, return_when=asyncio.FIRST_COMPLETED)

    def _ask(self, slug: str) -> tuple[int, int] | None:
        with self._pool.connection() as link:
            return store.resolve(link, slug)

    @staticmethod
    def _remember(cache: OrderedDict[str, V], slug: str, value: V, kept: int) -> None:
        cache[slug] = value
        if len(cache) > kept:
            cache.popitem(last=False)
