"""The databases that scans are measured on, made from the prototypes by SQL.

============  ======================================================================================================
database      holds
============  ======================================================================================================
bench_base    100 codes of 5 seats; the tables of (c)
bench_wide    1,000 codes of 5 seats, 100 codes of 100 seats, and 1,000 other companies with a code each
bench_codes   1,000,000 codes of 5 seats, of which 10,000 are scanned
bench_scans   100 codes of 5 seats, 50,000,000 scans of the last twelve months
============  ======================================================================================================
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg2

from livecode_admin.devstack import databases
from livecode_admin.devstack.benches.scan_prototype import CODE_PREFIX, COPIED, TENANT_PREFIX
from livecode_admin.devstack.benches.scan_stand import TEMPLATE, Stand

CODE_ROWS = COPIED[COPIED.index("codes_livecode") :]
CHUNK = 20_000
GIVE_BACK = """
SELECT routing_expire(tenant_id, now(), 1000000)
  FROM (SELECT DISTINCT tenant_id FROM routing_slot WHERE state = 'waiting' AND held_until <= now()) AS due
"""
# What (c) and (d) update: between two rounds a minute's worth of it, which autovacuum would have cleared away.
UPDATED = (
    *("routing_slot", "routing_contactway", "routing_seat", "routing_codeturn", "routing_staffday", "routing_seatday"),
    *("bench_code", "bench_seat"),
)
WRITTEN = ("routing_scan", "routing_slot", "routing_staffday", "routing_seatday", "routing_codeturn")


@dataclass(frozen=True)
class Scale:
    """How much; the default is the full size."""

    base_codes: int = 100
    wide_codes: int = 1_000
    large_codes: int = 100
    tenants: int = 1_000
    codes: int = 1_000_000
    scanned_codes: int = 10_000
    scans: int = 50_000_000
    rounds: int = 5
    seconds: float = 4.0
    warm_up: float = 1.5
    pace_seconds: float = 20.0


FULL = Scale()
SMALL = Scale(
    wide_codes=400, large_codes=100, tenants=100, codes=20_000, scanned_codes=4_000, scans=500_000, rounds=3,
    seconds=2.0, warm_up=1.0, pace_seconds=6.0,
)  # fmt: skip
SCALES = {"full": FULL, "small": SMALL}


class Ground:
    """Makes databases on the stand, each when it is first needed."""

    def __init__(self, stand: Stand, scale: Scale) -> None:
        self.stand = stand
        self.scale = scale
        self.made: dict[str, dict[str, list[str]]] = {}
        command = [sys.executable, "-m", "livecode_admin.devstack.benches.scan_prototype"]
        with_admin = ["env", f"BENCH_ADMIN_URL={stand.admin_url(TEMPLATE)}", *command]
        self.prototype: dict[str, Any] = json.loads(stand.run(with_admin, TEMPLATE).splitlines()[-1])

    def slugs(self, database: str, kind: str = "small") -> list[str]:
        """The slugs of one kind (``small``, ``large``, ``tenants``) of a database, which is made if need be."""
        if database not in self.made:
            databases.create_database(self.stand.cluster.url(), database, template=TEMPLATE)
            say(f"making {database}")
            with closing(psycopg2.connect(self.stand.admin_url(database))) as link:
                link.autocommit = True
                with link.cursor() as cursor:
                    cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off")
                    self.made[database] = getattr(self, f"_{database}")(cursor)
                    cursor.execute("VACUUM ANALYZE")
                    cursor.execute("CHECKPOINT")
        return self.made[database][kind]

    def analyse(self, database: str) -> None:
        """Let PostgreSQL look at what the first scans have written."""
        with closing(psycopg2.connect(self.stand.admin_url(database))) as link:
            link.autocommit = True
            with link.cursor() as cursor:
                cursor.execute(f"ANALYZE {', '.join(WRITTEN)}")

    def give_back(self) -> None:
        """What the task ``expire_slots`` does every five seconds, between two rounds: slots whose time has passed.

        And what autovacuum does with rows that were replaced.
        """
        for database in self.made:
            with closing(psycopg2.connect(self.stand.admin_url(database))) as link:
                link.autocommit = True
                with link.cursor() as cursor:
                    cursor.execute(GIVE_BACK)
                    cursor.execute("SELECT relname FROM pg_class WHERE relname = ANY(%s)", [list(UPDATED)])
                    cursor.execute(f"VACUUM {', '.join(name for (name,) in cursor.fetchall())}")

    def _bench_base(self, cursor: Any) -> dict[str, list[str]]:
        from livecode_admin.devstack.benches.scan_servers.tables import DJANGO_TABLES

        small = self._codes(cursor, self.prototype["small"], self.scale.base_codes)
        cursor.execute(DJANGO_TABLES)
        return {"small": small}

    def _bench_wide(self, cursor: Any) -> dict[str, list[str]]:
        return {
            "small": self._codes(cursor, self.prototype["small"], self.scale.wide_codes),
            "large": self._codes(cursor, self.prototype["large"], self.scale.large_codes),
            "tenants": self._tenants(cursor),
        }

    def _bench_codes(self, cursor: Any) -> dict[str, list[str]]:
        """The codes that nobody scans have one contact way a seat, and no pictures."""
        scanned, prototypes = self.scale.scanned_codes, self.prototype["small"]
        small = self._codes(cursor, prototypes, scanned)
        self._codes(cursor, prototypes, self.scale.codes - scanned, after=scanned // len(prototypes), lean=True)
        return {"small": small}

    def _bench_scans(self, cursor: Any) -> dict[str, list[str]]:
        small = self._codes(cursor, self.prototype["small"], self.scale.base_codes)
        cursor.execute("SELECT routing_ensure_partitions(current_date - 365, current_date)")
        for first in range(0, self.scale.scans, 25 * CHUNK):
            last = min(first + 25 * CHUNK, self.scale.scans)
            cursor.execute(SCANS, {"tenant": self.prototype["tenant"], "n": self.scale.scans, "a": first, "b": last})
        return {"small": small}

    def _codes(
        self, cursor: Any, prototypes: Sequence[int], number: int, *, after: int = 0, lean: bool = False
    ) -> list[str]:
        """``number`` codes, as many of each prototype; returns their slugs."""
        letter = "abcdefgh"[: len(prototypes)] if len(prototypes) > 1 else "z"
        last = after + number // len(prototypes)
        for place, code_id in enumerate(prototypes):
            for first in range(after + 1, last + 1, CHUNK):
                until = min(first + CHUNK - 1, last)
                for table in CODE_ROWS:
                    column = "id" if table == "codes_livecode" else "code_id"
                    where = f"r.{column} = {int(code_id)}"
                    if table in ("routing_contactway", "routing_wayimage"):
                        where = _ways_of(table, code_id, lean=lean)
                    _copy(cursor, table, where, CODE_PREFIX, f"'{CODE_PREFIX[:4]}' || lpad(i::text, 6, '0')",
                          first, until, letter[place])  # fmt: skip
        return [f"{letter[place]}{i:09x}" for i in range(after + 1, last + 1) for place in range(len(prototypes))]

    def _tenants(self, cursor: Any) -> list[str]:
        other, code_id = self.prototype["other"], self.prototype["of_other"]
        for table in COPIED:
            where = f"r.{'id' if table == 'tenants_tenant' else 'tenant_id'} = {int(other)}"
            prefix = f"'{TENANT_PREFIX[:2]}' || lpad(i::text, 5, '0')"
            _copy(cursor, table, where, TENANT_PREFIX, prefix, 1, self.scale.tenants, "t")
        assert str(code_id).startswith(TENANT_PREFIX)
        return [f"t{i:09x}" for i in range(1, self.scale.tenants + 1)]


# Text that must differ in each copy, by table and column; ``i`` numbers the copies.
DIFFERENT = {
    "codes_livecode": {"slug": "'{letter}' || lpad(to_hex(i), 9, '0')", "name": "'{letter}' || i"},
    "routing_contactway": {"state": "substr(md5('{id}/' || i), 1, 24)"},
    "tenants_tenant": {"slug": "'{letter}' || i"},
}
# What is copied has three digits behind its prefix: the next copy's ids are a thousand further on.
APART = 1000
# A year of scans, in the order in which they would have come; ids and uuids rise with time.
SCANS = """
INSERT INTO routing_scan (tenant_id, scan_day, scan_id, code_id, scanned_at, kind, outcome, reason, rung, version,
                          seat_id, staff_id, visitor, first_visit, sub_channel)
SELECT %(tenant)s, (moment AT TIME ZONE 'Asia/Shanghai')::date,
       ('01800000' || lpad(to_hex(n), 8, '0') || '7000800000000000')::uuid::uuid, 1 + n %% 10007, moment, 'visit',
       'assigned', 'weighted', 1, 1, n %% 50021, n %% 102, md5(n::text), true, ''
  FROM (SELECT n, now() - interval '364 days' + interval '363 days' * (n::double precision / %(n)s) AS moment
          FROM generate_series(%(a)s, %(b)s - 1) AS n) AS given
"""


def _ways_of(table: str, code_id: int, *, lean: bool) -> str:
    if lean and table == "routing_wayimage":
        return "false"
    source = f"FROM routing_contactway w JOIN routing_seat s ON s.id = w.seat_id WHERE s.code_id = {int(code_id)}"
    ways = f"SELECT min(w.id) {source} GROUP BY w.seat_id" if lean else f"SELECT w.id {source}"
    return f"r.{'id' if table == 'routing_contactway' else 'way_id'} IN ({ways})"


def _copy(cursor: Any, table: str, where: str, old: str, new: str, first: int, last: int, letter: str) -> None:
    """Copies ``first`` to ``last`` of the rows: every id that begins with ``old`` gets the copy's own beginning."""
    cursor.execute(f"SELECT to_jsonb(r) FROM {table} r WHERE {where} ORDER BY r.id")  # noqa: S608  # our own words
    rows = [row for (row,) in cursor.fetchall()]
    cursor.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        [table],
    )
    types = dict(cursor.fetchall())
    for row in rows:
        columns = [name for name in types if row[name] is not None]
        own = {name: text.format(letter=letter, id=row["id"]) for name, text in DIFFERENT.get(table, {}).items()}
        values = [own.get(name) or _value(cursor, row[name], types[name], old, new) for name in columns]
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(map(_quoted, columns))}) SELECT {', '.join(values)}"  # noqa: S608
            f" FROM generate_series({first}, {last}) AS i"
        )


def _value(cursor: Any, value: Any, kind: str, old: str, new: str) -> str:
    """The expression of one column in the copy ``i``."""
    if isinstance(value, int) and not isinstance(value, bool) and str(value).startswith(old):
        return f"{value} + i::bigint * {APART}"
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    literal: str = cursor.mogrify("%s", [text]).decode()
    return f"replace({literal}, '{old}', {new})::{kind}" if old in text else f"{literal}::{kind}"


def _quoted(name: str) -> str:
    return f'"{name}"'


def say(text: str) -> None:
    """Progress, beside the result."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
