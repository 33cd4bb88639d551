"""Which company a host belongs to, in each edge process (product.md §1.12). psycopg2, no Django.

Hosts can be moved, so what is known of one holds 30 s, and 5 s where nobody has it. Without PostgreSQL the last that
was known stays; a host that this process never saw serves every code, as the installation's own host does.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from psycopg2 import extensions

from routing.edge import store
from routing.edge.breaker import Breaker

K = TypeVar("K")
V = TypeVar("V")
HIT_SECONDS, MISS_SECONDS, FAULT_SECONDS = 30.0, 5.0, 2.0
DEADLINE_S = 0.5
LOOKUPS = 4
KEPT = 4096


@dataclass(frozen=True, slots=True)
class HostFacts:
    """The company of a host, and its two hosts; empty where it has none."""

    tenant_id: int
    entry_host: str
    landing_host: str

    def sends_on(self, host: str) -> bool:
        """Whether ``host`` is the printed one and another one shows the page."""
        return bool(self.landing_host) and host == self.entry_host != self.landing_host


class Remembered(Generic[K, V]):
    """Answers of a question to PostgreSQL, each asked once at a time, at most four at once, kept for a while."""

    def __init__(self, load: Callable[[K], V | None], breaker: Breaker, clock: Callable[[], float]) -> None:
        self._load = load
        self._breaker = breaker
        self._clock = clock
        self._known: OrderedDict[K, tuple[V | None, float]] = OrderedDict()
        self._running: dict[K, asyncio.Task[V | None]] = {}

    async def get(self, key: K) -> V | None:
        """The answer, or None: there is none, or PostgreSQL is away and this process never asked."""
        value, good_until = self._known.get(key, (None, 0.0))
        if good_until > self._clock():
            self._known.move_to_end(key)
            return value
        try:
            value = await self._ask(key)
        except Exception:
            return self._keep(key, value, FAULT_SECONDS)
        return self._keep(key, value, MISS_SECONDS if value is None else HIT_SECONDS)

    async def _ask(self, key: K) -> V | None:
        """Raises whatever keeps PostgreSQL from answering."""
        task = self._running.get(key)
        if task is None:
            if self._breaker.open or len(self._running) >= LOOKUPS:
                raise TimeoutError
            task = self._running[key] = asyncio.create_task(asyncio.to_thread(self._load, key))
            task.add_done_callback(lambda done: self._ended(key, done))
        return await asyncio.wait_for(asyncio.shield(task), DEADLINE_S)

    def _ended(self, key: K, task: asyncio.Task[V | None]) -> None:
        self._running.pop(key, None)
        if not task.cancelled():
            task.exception()  # looked at, so that nobody complains when all who asked have gone

    def _keep(self, key: K, value: V | None, seconds: float) -> V | None:
        self._known[key] = (value, self._clock() + seconds)
        self._known.move_to_end(key)
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        return value


class Hosts:
    """The companies' hosts. ``own_host``, the installation's, belongs to nobody and is never looked up."""

    def __init__(
        self, pool: store.Pool, breaker: Breaker, own_host: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._pool = pool
        self._own_host = own_host
        self._hosts: Remembered[str, HostFacts] = Remembered(self._load_host, breaker, clock)
        self._entries: Remembered[int, str] = Remembered(self._load_entry, breaker, clock)
        self._files: Remembered[tuple[int, str], str] = Remembered(self._load_file, breaker, clock)

    async def find(self, host: str) -> HostFacts | None:
        """The company whose entry or landing host this is."""
        if not host or host == self._own_host or len(host) > 120:
            return None
        return await self._hosts.get(host)

    async def entry_host(self, tenant_id: int) -> str:
        """What the company's printed codes say; empty while it has no host of its own."""
        return await self._entries.get(tenant_id) or ""

    async def file(self, tenant_id: int, name: str) -> str | None:
        """A verification file of the company."""
        return await self._files.get((tenant_id, name))

    def _load_host(self, host: str) -> HostFacts | None:
        row = self._row("SELECT id, entry_host, landing_host FROM livecode_tenant_by_host(%s)", [host])
        return HostFacts(int(row[0]), row[1], row[2]) if row else None

    def _load_entry(self, tenant_id: int) -> str | None:
        row = self._row("SELECT entry_host FROM tenants_tenant WHERE id = %s", [tenant_id], tenant_id)
        return str(row[0]) if row else None

    def _load_file(self, key: tuple[int, str]) -> str | None:
        tenant_id, name = key
        row = self._row(
            "SELECT content FROM routing_verificationfile WHERE tenant_id = %s AND name = %s",
            [tenant_id, name],
            tenant_id,
        )
        return str(row[0]) if row else None

    def _row(self, sql: str, values: list[Any], tenant_id: int | None = None) -> tuple[Any, ...] | None:
        with self._pool.connection() as link:
            return _one(link, sql, values, tenant_id)


def _one(link: extensions.connection, sql: str, values: list[Any], tenant_id: int | None) -> tuple[Any, ...] | None:
    """One row; of a company's own tables when one is named (the setting ends with its transaction)."""
    with link.cursor() as cursor:
        if tenant_id is None:
            cursor.execute(sql, values)
        else:
            cursor.execute(f"SELECT set_config('app.tenant', %s, true); {sql}", [str(tenant_id), *values])
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row
