"""The edge's PostgreSQL: a few connections for threads, and the batch's two round trips. psycopg2, no Django.

A batch is one transaction: ``BEGIN; set_config; SELECT routing_batch_load(…)`` goes as one message, the decisions are
made, and ``SELECT routing_batch_write(…); COMMIT`` goes as the second one. Nothing is answered before it is on disk.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
import psycopg2
from psycopg2 import extensions

from routing.edge.verdict import Verdict
from routing.rules.snapshot import HOLD_SECONDS

STATEMENT_TIMEOUT_MS = 2000
CONNECT_TIMEOUT_S = 2
# The batch's statements are the same each time and touch few rows: planning or compiling them anew costs more than
# running them. Plans made while a table was empty are bad ones, so none is kept for longer than a minute, and none
# walks a table.
PLANS_KEPT = "-c plan_cache_mode=force_generic_plan -c jit=off -c enable_seqscan=off"
PLANS_KEPT_S = 60.0
UNKNOWN = -1
DECIDE = "BEGIN"
REMEMBER = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
# A server that is gone without a word (TCP; unix sockets need none of it) is given up after about 5 s.
SILENCE: dict[str, Any] = {
    "keepalives_idle": 3,
    "keepalives_interval": 1,
    "keepalives_count": 2,
    "tcp_user_timeout": 5000,
}


class Pool:
    """Connections of the application role, made when needed, thrown away after any error."""

    def __init__(self, url: str, size: int = 4) -> None:
        self._url = url
        self._free: list[tuple[extensions.connection, float]] = []
        self._lock = threading.Lock()
        self.size = size

    @contextmanager
    def connection(self) -> Iterator[extensions.connection]:
        """A connection in autocommit mode; closed when the block raises, because its transaction may be half way."""
        with self._lock:
            link, planned_at = self._free.pop() if self._free else (None, time.monotonic())
        link = link or self._connect()
        try:
            if time.monotonic() - planned_at > PLANS_KEPT_S:
                planned_at = time.monotonic()
                with link.cursor() as cursor:
                    cursor.execute("DISCARD PLANS")
            yield link
        except BaseException:
            link.close()
            raise
        with self._lock:
            if len(self._free) < self.size and not link.closed:
                self._free.append((link, planned_at))
                return
        link.close()

    def _connect(self) -> extensions.connection:
        link: extensions.connection = psycopg2.connect(
            self._url,
            connect_timeout=CONNECT_TIMEOUT_S,
            application_name="livecode-edge",
            options=f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c synchronous_commit=on {PLANS_KEPT}",
            **SILENCE,
        )
        link.autocommit = True
        return link

    def look(self) -> None:
        """Ask for a connection of its own; raises psycopg2.Error when there is none within two seconds."""
        self._connect().close()

    def close(self) -> None:
        """Close what is idle: at the end, and after a fault, when the others are not to be trusted either."""
        with self._lock:
            links, self._free = self._free, []
        for link, _ in links:
            link.close()


def load(
    link: extensions.connection,
    tenant_id: int,
    moment: float,
    *,
    codes: Sequence[int],
    versions: Sequence[int],
    visitors: Sequence[str],
    fetches: Sequence[str],
) -> dict[str, Any]:
    """Open the batch's transaction, take the tenant's lock, and read all that these scans need."""
    loaded: dict[str, Any] = orjson.loads(
        load_text(link, tenant_id, moment, codes=codes, versions=versions, visitors=visitors, fetches=fetches)
    )
    return loaded


def load_text(
    link: extensions.connection,
    tenant_id: int,
    moment: float,
    *,
    codes: Sequence[int],
    versions: Sequence[int] = (),
    visitors: Sequence[str] = (),
    fetches: Sequence[str] = (),
    begin: str = DECIDE,
) -> str:
    """What :func:`load` reads, as it comes; the transaction is open afterwards. Without versions: whole snapshots.

    With ``REMEMBER`` nothing is locked and nothing given back: it is not to be decided by.
    """
    with link.cursor() as cursor:
        cursor.execute(
            f"{begin}; SELECT set_config('app.tenant', %s, true);"
            " SELECT routing_batch_load(%s, to_timestamp(%s), %s::bigint[], %s::integer[], %s::text[], %s::uuid[])",
            [
                str(tenant_id),
                tenant_id,
                moment,
                list(codes),
                list(versions) or [UNKNOWN] * len(codes),
                list(visitors),
                list(fetches),
            ],
        )
        return str(cursor.fetchone()[0])  # type: ignore[index]


def write(
    link: extensions.connection,
    tenant_id: int,
    moment: float,
    verdict: Verdict,
    *,
    end: str = "COMMIT",
) -> None:
    """Write the batch and commit it; with an empty ``end`` the transaction goes on."""
    with link.cursor() as cursor:
        cursor.execute(
            "SELECT routing_batch_write(%s, to_timestamp(%s), %s, %s, %s, %s::bigint[], %s::bigint[], %s::bigint[],"
            " %s::uuid[]); " + end,
            [
                tenant_id,
                moment,
                HOLD_SECONDS,
                orjson.dumps(verdict.scans).decode(),
                orjson.dumps(verdict.turns).decode(),
                verdict.first,
                verdict.renewed,
                verdict.returned,
                verdict.fetched,
            ],
        )


def commit(link: extensions.connection) -> None:
    """End a batch that had nothing to write."""
    with link.cursor() as cursor:
        cursor.execute("COMMIT")


def rollback(link: extensions.connection) -> None:
    """Give a batch up that nobody waits for any more."""
    with link.cursor() as cursor:
        cursor.execute("ROLLBACK")


def resolve(link: extensions.connection, slugs: Sequence[str]) -> dict[str, tuple[int, int]]:
    """The tenant and the code of each slug that exists."""
    with link.cursor() as cursor:
        cursor.execute(
            "SELECT asked.slug, found.tenant_id, found.code_id FROM unnest(%s::text[]) AS asked(slug)"
            " CROSS JOIN LATERAL resolve_slug(asked.slug) AS found",
            [list(slugs)],
        )
        return {str(slug): (int(tenant_id), int(code_id)) for slug, tenant_id, code_id in cursor.fetchall()}


def way_image(link: extensions.connection, tenant_id: int, way_id: int) -> bytes | None:
    """The PNG of a contact way, or None."""
    with link.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.tenant', %s, true); SELECT png FROM routing_wayimage WHERE tenant_id = %s"
            " AND way_id = %s",
            [str(tenant_id), tenant_id, way_id],
        )
        row = cursor.fetchone()
    return bytes(row[0]) if row else None


def native_image(link: extensions.connection, tenant_id: int, code_id: int) -> bytes | None:
    """The PNG of a native code's own way, or None."""
    with link.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.tenant', %s, true); SELECT png FROM routing_nativeway WHERE tenant_id = %s"
            " AND code_id = %s AND png IS NOT NULL",
            [str(tenant_id), tenant_id, code_id],
        )
        row = cursor.fetchone()
    return bytes(row[0]) if row else None


def count_orphans(link: extensions.connection, counts: Sequence[tuple[str, str, int]]) -> None:
    """Add (day, kind, hits) of scans that belong to nobody to the platform's table."""
    with link.cursor() as cursor:
        cursor.execute(
            "INSERT INTO routing_orphanscan AS o (day, kind, hits)"
            " SELECT * FROM unnest(%s::date[], %s::text[], %s::bigint[])"
            " ON CONFLICT (day, kind) DO UPDATE SET hits = o.hits + excluded.hits",
            [[day for day, _, _ in counts], [kind for _, kind, _ in counts], [hits for _, _, hits in counts]],
        )
