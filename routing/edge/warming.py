"""Filling the machine's memory while PostgreSQL answers, so that no code is strange to an edge when it doesn't.

One edge process of a machine does it, at its leisure: codes nobody knows yet within a second or two, then all others
again and again, the longest untold first. It asks for 16 codes at once, as a batch would; with the pauses between, it
takes PostgreSQL about one per cent of a core, however many codes there are.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import extensions

from livecode_admin.kernel import clock
from routing.edge import store
from routing.edge.breaker import Breaker
from routing.edge.memory import Memory, group_text
from routing.edge.pictures import Pictures

EVERY_S = 1.0
LISTED_EVERY_S = 5.0
LISTED = 2_000
GROUP = 16
NEW_GROUPS, OLD_GROUPS = 5, 2  # loaded each time
PAUSE_S = 0.05
TOLD_AGAIN_S = 10.0
SPARES_OF_A_SEAT = 3
Group = tuple[int, int, list[int]]  # tenant, number, codes
_log = logging.getLogger("livecode.edge")
_SPARES = """
SELECT seat_id, id FROM (
    SELECT w.seat_id, w.id, row_number() OVER (PARTITION BY w.seat_id ORDER BY w.id DESC) AS nth
      FROM routing_contactway w WHERE w.tenant_id = %(tenant)s AND w.seat_id = ANY(%(seats)s) AND w.status = 'live'
       AND EXISTS (SELECT 1 FROM routing_wayimage i WHERE i.tenant_id = w.tenant_id AND i.way_id = w.id)) AS ways
 WHERE nth <= %(most)s ORDER BY seat_id, id
"""
_PICTURES = "SELECT way_id, png FROM routing_wayimage WHERE tenant_id = %s AND way_id = ANY(%s)"


class Warmer:
    """The thread that does it; in every process, but only the one that holds the machine's lock asks PostgreSQL."""

    def __init__(self, pool: store.Pool, memory: Memory, pictures: Pictures, breaker: Breaker, lock: Path) -> None:
        self._pool = pool
        self._memory = memory
        self._pictures = pictures
        self._breaker = breaker
        self._lock_path = lock
        self._held: int | None = None
        self._listed_at = 0.0
        self._new: deque[Group] = deque()
        self._old: deque[Group] = deque()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="warmer", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is under way is not waited for."""
        self._over.set()

    def _run(self) -> None:
        while not self._over.wait(EVERY_S):
            try:
                fresh = self._memory.note()
                if not self._breaker.open and self._is_the_one():
                    self._warm(fresh=fresh)
            except psycopg2.Error as error:
                _log.info("warming_put_off", extra={"reason": repr(error)})
            except Exception:
                _log.exception("warming_failed")

    def _is_the_one(self) -> bool:
        if self._held is None:
            file = os.open(self._lock_path, os.O_CREAT | os.O_RDWR, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(file)
                return False
            self._held = file
        return True

    def _warm(self, *, fresh: bool) -> None:
        now = clock.now().timestamp()
        if listing := not 0 <= now - self._listed_at < LISTED_EVERY_S:
            with self._pool.connection() as link:
                self._memory.note(_live(link))
            self._memory.forget_old()
            self._listed_at = now
        if fresh or listing:
            self._plan(now)
        due = [self._new.popleft() for _ in range(min(NEW_GROUPS, len(self._new)))]
        due += [self._old.popleft() for _ in range(min(OLD_GROUPS, len(self._old)))]
        for tenant_id, number, codes in due:
            if self._over.wait(PAUSE_S) or self._breaker.open:
                return
            with self._pool.connection() as link:
                self._learn(link, tenant_id, number, codes)

    def _plan(self, now: float) -> None:
        """What to ask about next: the groups that nobody knows, and the others, the longest untold first."""
        known = self._memory.groups()
        new: list[Group] = []
        old: list[tuple[float, Group]] = []
        for group in _grouped(self._memory.wanted()):
            tenant_id, number, codes = group
            text, told = known.get((tenant_id, number), ("", 0.0))
            if text != group_text(codes):
                new.append(group)
            elif not 0 <= now - told < TOLD_AGAIN_S:
                old.append((told, group))
        old.sort(key=lambda one: one[0])
        self._new, self._old = deque(new), deque(group for _, group in old)

    def _learn(self, link: extensions.connection, tenant_id: int, number: int, codes: Sequence[int]) -> None:
        told = clock.now().timestamp()
        loaded = store.load_text(link, tenant_id, told, codes=codes, begin=store.REMEMBER)
        seats = [row[0] for row in json.loads(loaded)["seats"] or ()]
        spares: dict[int, list[int]] = {}
        with link.cursor() as cursor:
            cursor.execute(_SPARES, {"tenant": tenant_id, "seats": seats, "most": SPARES_OF_A_SEAT})
            for seat_id, way_id in cursor.fetchall():
                spares.setdefault(seat_id, []).append(way_id)
            missing = [way for ways in spares.values() for way in ways if not self._pictures.on_disk(tenant_id, way)]
            cursor.execute(_PICTURES, [tenant_id, missing])
            for way_id, png in cursor.fetchall():
                self._pictures.put_on_disk(tenant_id, way_id, bytes(png))
            cursor.execute("COMMIT")
        self._memory.learn(tenant_id, number, codes, told=told, loaded=loaded, spares=spares)


def _grouped(wanted: dict[int, list[int]]) -> Iterator[Group]:
    for tenant_id, codes in wanted.items():
        for number, start in enumerate(range(0, len(codes), GROUP)):
            yield tenant_id, number, codes[start : start + GROUP]


def _live(link: extensions.connection) -> list[tuple[Any, ...]]:
    """(slug, tenant, code) of the newest live codes of all companies."""
    with link.cursor() as cursor:
        cursor.execute("SELECT slug, tenant_id, code_id FROM livecode_live_slugs(%s)", [LISTED])
        return list(cursor.fetchall())
