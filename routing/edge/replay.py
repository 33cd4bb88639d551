"""Bringing spooled scans home: written under the tenant's lock, once, with the slots and counts that belong to them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

import psycopg2
from psycopg2 import extensions

from livecode_admin.kernel import clock
from routing.edge import store
from routing.edge.spool import Spool
from routing.edge.verdict import Verdict

_log = logging.getLogger("livecode.edge")
_BEGIN = (
    "BEGIN; SELECT set_config('app.tenant', %s, true), set_config('lock_timeout', %s, true); SELECT routing_lock(%s)"
)
# A way that only one waiting scan was shown is that scan's: its add will be told exactly (product.md §2.12).
_LEASE = """
UPDATE routing_slot s SET leased = true
 WHERE s.tenant_id = %(tenant)s AND s.scan_id = ANY(%(scans)s::uuid[]) AND s.state = 'waiting' AND NOT s.leased
   AND s.way_id IS NOT NULL AND NOT EXISTS (
       SELECT 1 FROM routing_slot o WHERE o.tenant_id = s.tenant_id AND o.seat_id = s.seat_id AND o.way_id = s.way_id
          AND o.state = 'waiting' AND o.id <> s.id)
"""


class Home:
    """Writes the rows of a spool into PostgreSQL; blocking, for a thread."""

    def __init__(self, pool: store.Pool, spool: Spool) -> None:
        self._pool = pool
        self._spool = spool

    def bring(self, tenant_id: int, *, patience: float) -> int:
        """All spooled scans of a tenant; returns how many. ``patience``: seconds to wait for the tenant's lock.

        Raises psycopg2.Error while PostgreSQL doesn't take them.
        """
        return self._spool.bring_home(tenant_id, partial(self._write, patience))

    def _write(self, patience: float, tenant_id: int, rows: Sequence[dict[str, Any]]) -> None:
        try:
            with self._pool.connection() as link:
                replay(link, tenant_id, clock.now().timestamp(), rows, patience=patience)
        except (psycopg2.DataError, psycopg2.IntegrityError) as error:
            # A row that PostgreSQL refuses must neither hold up the others nor be lost. Whatever else it says (gone,
            # locked, too slow, a standby, a function of another release) may be over later.
            if len(rows) > 1:
                for row in rows:
                    self._write(patience, tenant_id, [row])
            else:
                _log.exception("replay_refused", extra={"tenant": tenant_id, "reason": repr(error)})
                self._spool.refuse(tenant_id, rows[0])


def replay(
    link: extensions.connection, tenant_id: int, moment: float, scans: Sequence[dict[str, Any]], *, patience: float
) -> None:
    """Write scans that were answered while PostgreSQL was away; those already there are left as they are."""
    with link.cursor() as cursor:
        cursor.execute(_BEGIN, [str(tenant_id), f"{int(patience * 1000)}ms", tenant_id])
        store.write(link, tenant_id, moment, Verdict(scans=list(scans)), end="")
        cursor.execute(_LEASE, {"tenant": tenant_id, "scans": [row["id"] for row in scans]})
        cursor.execute("COMMIT")
