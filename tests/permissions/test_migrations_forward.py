"""A database that is in use is brought to this version with its rows."""

from __future__ import annotations

from contextlib import closing

import pytest

from tests.migrating import as_administrator, migrate, scratch_database

scratch = pytest.fixture(scratch_database)
ENTRIES = """
    INSERT INTO tenants_tenant (id, slug, name, time_zone, brand_color, tagline, telephone, entry_host, landing_host,
        created_at)
    VALUES (7, 'there-before', '老公司', 'Asia/Shanghai', '#1f6f63', '', '', '', '', now());
    INSERT INTO permissions_auditentry (tenant_id, at, actor, origin, action, object_type, object_id, object_label,
        before, after, nonce, signature)
    SELECT 7, now(), '', '', 'code.renamed', 'codes.livecode', n, '', '{}', '{}', 'nonce-' || n, 'signed'
      FROM generate_series(1, 3) n
"""


def test_audit_entries_that_are_there_get_their_receipts(scratch: str) -> None:
    migrate(scratch, "permissions", "0006")
    with closing(as_administrator(scratch)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(ENTRIES)
    migrate(scratch)
    with closing(as_administrator(scratch)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.nonce FROM permissions_auditreceipt r JOIN permissions_auditentry e"
            " ON (r.tenant_id, r.number, r.nonce) = (e.tenant_id, e.id, e.nonce) ORDER BY r.number"
        )
        assert cursor.fetchall() == [("nonce-1",), ("nonce-2",), ("nonce-3",)]
