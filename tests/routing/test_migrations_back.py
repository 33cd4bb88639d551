"""The schema of routing can be taken back to an older one and forward again, and is then the same one."""

from __future__ import annotations

from contextlib import closing

import pytest

from tests.migrating import as_administrator, migrate, scratch_database

scratch = pytest.fixture(scratch_database)
# What routing's migrations make beside columns: functions, indexes, policies, constraints, in words.
SCHEMA = """
    SELECT 'function', p.oid::regprocedure::text, md5(pg_get_functiondef(p.oid)) FROM pg_proc p
     WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'routing%'
    UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'routing%'
    UNION ALL SELECT 'policy', policyname, cmd || coalesce(qual, '') || coalesce(with_check, '') FROM pg_policies
     WHERE tablename LIKE 'routing%'
    UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
     WHERE conrelid::regclass::text LIKE 'routing%'
    UNION ALL SELECT 'column', table_name || '.' || column_name, data_type || is_nullable
      FROM information_schema.columns WHERE table_schema = 'public' AND table_name LIKE 'routing%'
"""


def schema(database: str) -> set[tuple[str, ...]]:
    with closing(as_administrator(database)) as connection, connection.cursor() as cursor:
        cursor.execute(SCHEMA)
        return {tuple(row) for row in cursor.fetchall()}


@pytest.mark.parametrize("back_to", ["0017", "0009"])
def test_routing_goes_back_and_forward_again(scratch: str, back_to: str) -> None:
    whole = schema(scratch)
    migrate(scratch, "routing", back_to)
    assert schema(scratch) != whole
    migrate(scratch)
    again = schema(scratch)
    assert sorted(whole - again) == []
    assert sorted(again - whole) == []
