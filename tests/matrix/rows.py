"""All that a company has in the database, as the superuser sees it: what a refused request must leave as it is."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import psycopg2
from django.db import connections

from tests.isolation.walls import tenant_tables

_HASH = "md5(string_agg(t::text, '|' ORDER BY t::text))"
_TABLE = "SELECT '{0}', {hash} FROM \"{0}\" t WHERE {1} = %(tenant)s HAVING count(*) > 0"


@cache
def _link() -> Any:
    url = psycopg2.extensions.make_dsn(
        os.environ["DATABASE_ADMIN_URL"], dbname=connections["default"].settings_dict["NAME"]
    )
    link = psycopg2.connect(url)
    link.autocommit = True
    return link


@cache
def _question() -> str:
    """One statement for all tables with rows of a company, but the audit log's and the partitions of others."""
    with _link().cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relispartition")
        parts = {name for (name,) in cursor.fetchall()}
        names = [name for name in tenant_tables(cursor) if "audit" not in name and name not in parts]
    column = {"tenants_tenant": "id"}
    return " UNION ALL ".join(_TABLE.format(name, column.get(name, "tenant_id"), hash=_HASH) for name in names)


def contents(tenant_id: int) -> dict[str, str]:
    """Table → hash of the company's rows in it. The audit log is left out: its new lines are counted apart."""
    with _link().cursor() as cursor:
        cursor.execute(_question(), {"tenant": tenant_id})
        return dict(cursor.fetchall())


def differing(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The tables of which the rows differ."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
