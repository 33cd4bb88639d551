"""The four states of the two walls, and what the database's superuser sees of a tenant's rows."""

from __future__ import annotations

import hashlib
import os
from contextlib import closing
from enum import Enum
from typing import Any

import psycopg2
from django.db import connections

_TENANT_TABLES = """
    SELECT DISTINCT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
      AND (a.attname = 'tenant_id' OR c.relname = 'tenants_tenant') ORDER BY 1
"""


class Walls(Enum):
    """Which walls stand: (loud, silent)."""

    BOTH = (True, True)
    SILENT_ALONE = (False, True)
    LOUD_ALONE = (True, False)
    NONE = (False, False)

    @property
    def loud(self) -> bool:
        """Wall 1, the managers."""
        return self.value[0]

    @property
    def silent(self) -> bool:
        """Wall 2, row level security."""
        return self.value[1]


STANDING = [Walls.BOTH, Walls.SILENT_ALONE, Walls.LOUD_ALONE]


def tenant_tables(cursor: Any) -> list[str]:
    """Tables with a tenant's rows, partitions included."""
    cursor.execute(_TENANT_TABLES)
    return [name for (name,) in cursor.fetchall()]


def rows_of(tenant_id: int) -> dict[str, str]:
    """Table → hash of all that one tenant has in it, as the superuser sees it on the database in use."""
    url = psycopg2.extensions.make_dsn(
        os.environ["DATABASE_ADMIN_URL"], dbname=connections["default"].settings_dict["NAME"]
    )
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        hashes = {}
        for table in tenant_tables(cursor):
            column = "id" if table == "tenants_tenant" else "tenant_id"
            cursor.execute(f'SELECT t::text FROM "{table}" t WHERE {column} = %s ORDER BY 1', [tenant_id])
            rows = cursor.fetchall()
            if rows:
                hashes[table] = hashlib.sha256(repr(rows).encode()).hexdigest()
        return hashes
