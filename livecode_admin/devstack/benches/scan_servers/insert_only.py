"""(e) The limit of the design: scans coalesced as the edge does, in a batch that only inserts their rows, durable."""

from __future__ import annotations

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg2

from livecode_admin.devstack.benches.scan_servers.answer import Receive, Send, answer, lifespan
from livecode_admin.kernel import clock
from livecode_admin.kernel.ids import new_visitor, time_ordered_text

BATCH_MAX = 128
TENANT = int(os.environ["BENCH_TENANT"])
CODES: dict[str, int] = {f"/c/{slug}": number for number, slug in enumerate(os.environ["BENCH_SLUGS"].split(","))}
INSERT = """
BEGIN; SELECT set_config('app.tenant', %s, true); SELECT routing_lock(%s);
INSERT INTO routing_scan (tenant_id, scan_day, scan_id, code_id, scanned_at, kind, outcome, reason, rung, version,
                          seat_id, staff_id, department_id, visitor, first_visit, sub_channel)
SELECT %s, current_date, scan_id, code_id, to_timestamp(%s), 'visit', 'assigned', 'weighted', 1, 1, 1, 1, 1, visitor,
       true, ''
  FROM unnest(%s::uuid[], %s::bigint[], %s::text[]) AS given(scan_id, code_id, visitor);
COMMIT
"""
Waiting = tuple[str, int, str, "asyncio.Future[None]"]


class Batcher:
    """One lane: what waits while the last batch is under way is the next one."""

    def __init__(self) -> None:
        self.link = psycopg2.connect(os.environ["DATABASE_URL"], options="-c synchronous_commit=on")
        self.link.autocommit = True
        self.threads = ThreadPoolExecutor(1)
        self.waiting: list[Waiting] = []
        self.draining = False
        self.task: asyncio.Task[None] | None = None

    async def scan(self, path: str) -> None:
        """Returns when the scan's row is committed."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        scan_id = time_ordered_text(clock.now())
        self.waiting.append((scan_id, CODES.get(path, 0), new_visitor(), future))
        if not self.draining:
            self.draining = True
            self.task = loop.create_task(self._drain())
        await future

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self.waiting:
            batch, self.waiting[:BATCH_MAX] = self.waiting[:BATCH_MAX], []
            await loop.run_in_executor(self.threads, self._write, batch)
            for *_, future in batch:
                future.set_result(None)
        self.draining = False

    def _write(self, batch: list[Waiting]) -> None:
        columns = [[row[0] for row in batch], [row[1] for row in batch], [row[2] for row in batch]]
        with self.link.cursor() as cursor:
            cursor.execute(INSERT, [str(TENANT), TENANT, TENANT, time.time(), *columns])


_batcher = Batcher()


async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Insert with the others, answer."""
    if scope["type"] == "http":
        await _batcher.scan(scope["path"])
        await answer(send)
    elif scope["type"] == "lifespan":
        await lifespan(receive, send)
