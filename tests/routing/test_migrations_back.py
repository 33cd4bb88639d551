"""The schema of routing can be taken back to an older one and forward again, and is then the same one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest

from livecode_admin.devstack import databases
from tests.testservices import PASSWORDS, ROOT

NAME = "livecode_migrated_back"
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


@pytest.fixture
def scratch() -> Iterator[str]:
    """The name of a migrated database of this test alone."""
    admin_url = os.environ["LIVECODE_TEST_ADMIN_URL"]
    name = f"{NAME}_{os.getpid()}"
    databases.create_database(admin_url, name, template=os.environ["LIVECODE_TEST_TEMPLATE"])
    yield name
    databases.drop_database(admin_url, name)


def migrate(database: str, *words: str) -> None:
    admin_url = os.environ["LIVECODE_TEST_ADMIN_URL"]
    urls = databases.urls_for(admin_url, database, PASSWORDS)
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", *words, "--database", "owner", "--skip-checks"]
    environment = {**os.environ, **urls.environment(), "DATABASE_ADMIN_URL": admin_url}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-600:] + done.stderr[-3000:]


def schema(database: str) -> set[tuple[str, ...]]:
    url = databases.with_database(os.environ["LIVECODE_TEST_ADMIN_URL"], database)
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
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
