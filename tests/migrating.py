"""A database of one test alone, whose migrations go back and forward."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg2

from livecode_admin.devstack import databases
from tests.testservices import PASSWORDS, ROOT


def scratch_database() -> Iterator[str]:
    """The name of a migrated database that is dropped afterwards: a fixture's body."""
    admin_url = os.environ["LIVECODE_TEST_ADMIN_URL"]
    name = f"livecode_migrated_{os.getpid()}"
    databases.create_database(admin_url, name, template=os.environ["LIVECODE_TEST_TEMPLATE"])
    yield name
    databases.drop_database(admin_url, name)


def migrate(database: str, *words: str) -> None:
    """Run ``manage.py migrate`` with these words, as the tables' owner does in production."""
    admin_url = os.environ["LIVECODE_TEST_ADMIN_URL"]
    urls = databases.urls_for(admin_url, database, PASSWORDS)
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", *words, "--database", "owner", "--skip-checks"]
    environment = {**os.environ, **urls.environment(), "DATABASE_ADMIN_URL": admin_url}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-600:] + done.stderr[-3000:]


def as_administrator(database: str) -> psycopg2.extensions.connection:
    """A connection that no wall stops."""
    return psycopg2.connect(databases.with_database(os.environ["LIVECODE_TEST_ADMIN_URL"], database))
