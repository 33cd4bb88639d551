"""What a machine's edges remember of all companies on its disk, for the time without PostgreSQL (design.md §5).

One SQLite file for all edge processes of a machine: slugs, and for groups of codes what ``routing_batch_load`` answered
last, with the contact ways whose pictures lie beside it. ``warming.py`` writes it, blind lanes read it. Losing it costs
nothing but the time to fill it again: it is never written through, and what can't be read is forgotten.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from routing.rules.world import World

FORMAT = 1
CODES_KEPT = 10_000
PLACES_KEPT = 50_000
_log = logging.getLogger("livecode.edge")
_TABLES = """
CREATE TABLE IF NOT EXISTS places (
    slug TEXT PRIMARY KEY, tenant INTEGER NOT NULL, code INTEGER NOT NULL, asked REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS groups (
    tenant INTEGER NOT NULL, number INTEGER NOT NULL, codes TEXT NOT NULL, told REAL NOT NULL, loaded TEXT NOT NULL,
    spares TEXT NOT NULL, PRIMARY KEY (tenant, number));
CREATE TABLE IF NOT EXISTS members (
    tenant INTEGER NOT NULL, code INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (tenant, code)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Recollection:
    """A group of codes as it was at ``told`` (epoch seconds); ``spares``: seat → ways whose pictures are here."""

    told: float
    loaded: dict[str, Any]
    spares: dict[int, tuple[int, ...]]


class Memory:
    """The file. Every method may be called in any thread, takes about 0.1 ms, and raises nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._asked: deque[tuple[str, int, int, float]] = deque(maxlen=CODES_KEPT)
        self._link = self._open()

    def place(self, slug: str) -> tuple[int, int] | None:
        """(tenant, code) of a slug. Slugs are never given to another code, so that this can't be out of date."""
        found = self._rows("SELECT tenant, code FROM places WHERE slug = ?", [slug])
        return (int(found[0][0]), int(found[0][1])) if found else None

    def asked(self, slug: str, tenant_id: int, code_id: int, moment: float) -> None:
        """A slug was asked for; noted with the next :meth:`note`."""
        self._asked.append((slug, tenant_id, code_id, moment))

    def recall(self, tenant_id: int, code_id: int) -> Recollection | None:
        """What was known of a code and the others of its group."""
        found = self._rows(
            "SELECT told, loaded, spares FROM members m JOIN groups g ON g.tenant = m.tenant AND g.number = m.number"
            " WHERE m.tenant = ? AND m.code = ?",
            [tenant_id, code_id],
        )
        if not found:
            return None
        told, loaded, spares = found[0]
        ways = {int(seat_id): tuple(ids) for seat_id, ids in json.loads(spares).items()}
        return Recollection(told, json.loads(loaded), ways)

    def note(self, places: Iterable[tuple[str, int, int]] = ()) -> bool:
        """Write down which slugs were asked for, and live ``places`` (slug, tenant, code) that nobody asked for yet.

        Returns whether there was any.
        """
        taken = []
        while self._asked:
            taken.append(self._asked.popleft())
        rows = [*((slug, tenant, code, 0.0) for slug, tenant, code in places), *taken]
        if rows:
            self._write(
                "INSERT INTO places VALUES (?, ?, ?, ?)"
                " ON CONFLICT (slug) DO UPDATE SET asked = max(asked, excluded.asked)",
                rows,
            )
        return bool(rows)

    def forget_old(self) -> None:
        """Keep the 50,000 slugs that were asked for last."""
        ((number,),) = self._rows("SELECT count(*) FROM places") or [(0,)]
        if number > PLACES_KEPT:
            self._write(
                "DELETE FROM places WHERE slug IN (SELECT slug FROM places ORDER BY asked, code LIMIT ?)",
                [(number - PLACES_KEPT,)],
            )

    def wanted(self) -> dict[int, list[int]]:
        """The codes to remember by tenant, in order: those asked for last, then the newest; at most 10,000."""
        found = self._rows("SELECT tenant, code FROM places ORDER BY asked DESC, code DESC LIMIT ?", [CODES_KEPT])
        codes: dict[int, list[int]] = {}
        for tenant_id, code_id in found:
            codes.setdefault(tenant_id, []).append(code_id)
        return {tenant_id: sorted(ids) for tenant_id, ids in codes.items()}

    def groups(self) -> dict[tuple[int, int], tuple[str, float]]:
        """(tenant, number) → the codes of the group as text, and when PostgreSQL told of it."""
        return {
            (tenant, number): (codes, told)
            for tenant, number, codes, told in self._rows("SELECT tenant, number, codes, told FROM groups")
        }

    def learn(
        self,
        tenant_id: int,
        number: int,
        codes: Sequence[int],
        *,
        told: float,
        loaded: str,
        spares: dict[int, list[int]],
    ) -> None:
        """Remember a group of codes."""
        whole = (tenant_id, number, group_text(codes), told, loaded, json.dumps(spares))
        self._write("INSERT OR REPLACE INTO groups VALUES (?, ?, ?, ?, ?, ?)", [whole])
        self._write("INSERT OR REPLACE INTO members VALUES (?, ?, ?)", [(tenant_id, code, number) for code in codes])

    def close(self) -> None:
        """End with the process."""
        with self._lock:
            if self._link is not None:
                self._link.close()
                self._link = None

    def _open(self) -> sqlite3.Connection | None:
        for _ in range(2):
            try:
                link = sqlite3.connect(self._path, timeout=0.5, isolation_level=None, check_same_thread=False)
                link.execute("PRAGMA journal_mode = WAL")
                link.execute("PRAGMA synchronous = OFF")
                if link.execute("PRAGMA user_version").fetchone()[0] not in (0, FORMAT):
                    link.close()
                    self._forget()
                    continue
                link.executescript(f"{_TABLES} PRAGMA user_version = {FORMAT};")
                return link
            except sqlite3.DatabaseError as error:
                _log.warning("memory_unreadable", extra={"reason": repr(error)})
                self._forget()
        return None

    def _forget(self) -> None:
        for ending in ("", "-wal", "-shm"):
            Path(f"{self._path}{ending}").unlink(missing_ok=True)

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                return self._link.execute(sql, values).fetchall() if self._link is not None else []
            except sqlite3.Error as error:
                _log.warning("memory_failed", extra={"reason": repr(error)})
                return []

    def _write(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        with self._lock:
            if self._link is None:
                return
            try:
                self._link.execute("BEGIN IMMEDIATE")
                self._link.executemany(sql, rows)
                self._link.execute("COMMIT")
            except sqlite3.Error as error:
                _log.warning("memory_failed", extra={"reason": repr(error)})
                if self._link.in_transaction:
                    self._link.execute("ROLLBACK")


def group_text(codes: Sequence[int]) -> str:
    """The codes of a group, to see whether it is still the same one."""
    return ",".join(map(str, codes))


def recollect(world: World, found: Recollection, seen: dict[int, float]) -> None:
    """Add to a world what a recollection knows better; ``seen``: code → when this process last asked PostgreSQL.

    Raises what :meth:`World.absorb` raises for a form that another release wrote.
    """
    past = World()
    past.absorb(found.loaded)
    if not world.day:
        world.look, world.zone, world.day, world.calendar = past.look, past.zone, past.day, past.calendar
    newer = max(seen.values(), default=0.0) < found.told
    for code_id, facts in past.codes.items():
        if code_id not in world.codes or seen.get(code_id, 0.0) < found.told:
            world.keep(facts)
    for staff_id, face in past.faces.items():
        if newer or staff_id not in world.faces:
            world.faces[staff_id] = face
    loads: tuple[tuple[dict[int, Any], dict[int, Any]], ...] = (
        (past.counters.staff, world.counters.staff),
        (past.counters.seats, world.counters.seats),
    )
    for old, known in loads:
        for pk, load in old.items():
            used = load.used if past.day == world.day else 0
            if newer or pk not in known:
                load.used = max(used, known[pk].used) if pk in known else used
                known[pk] = load
    world.counters.windows = tuple(sorted({*world.counters.windows, *past.counters.windows}))
    world.counters.waits = {**past.counters.waits, **world.counters.waits}
    for seat_id, ways in found.spares.items():
        world.spares[seat_id] = ways
