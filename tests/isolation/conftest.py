"""The two filled tenants, on the ordinary database and on a copy whose owner switched row level security off."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.db import connections
from django.test import override_settings

from livecode_admin import celery
from livecode_admin.devstack import databases
from tests.isolation.factory import World, make_world
from tests.isolation.walls import Walls, tenant_tables

# Hints go to the suite's own broker, as in the processes of the product.
celery.app.set_default()


@contextmanager
def on_database(name: str) -> Iterator[None]:
    """Point every alias of this thread at another database of the same server."""
    kept = {alias: connections[alias].settings_dict["NAME"] for alias in connections}
    for alias in connections:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
    try:
        yield
    finally:
        for alias, old in kept.items():
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = old


@pytest.fixture(scope="session")
def open_database() -> Iterator[str]:
    """A copy of the migrated database without wall 2: its owner switched row level security off."""
    admin_url = os.environ["LIVECODE_TEST_ADMIN_URL"]
    name = f"livecode_open_{os.getpid()}"
    databases.drop_database(admin_url, name)
    databases.create_database(admin_url, name, template=os.environ["LIVECODE_TEST_TEMPLATE"])
    with on_database(name), connections["owner"].cursor() as cursor:
        for table in tenant_tables(cursor):
            cursor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
            cursor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
    yield name
    databases.drop_database(admin_url, name)


@pytest.fixture(scope="session")
def world() -> World:
    """Two filled tenants behind both walls."""
    return make_world()


@pytest.fixture(scope="session")
def open_world(open_database: str) -> World:
    """Two filled tenants on the database without wall 2."""
    with on_database(open_database):
        return make_world()


@pytest.fixture
def behind(request: pytest.FixtureRequest) -> Callable[[Walls], AbstractContextManager[World]]:
    """Enter one of the four states of the walls; gives the world that lives there."""

    @contextmanager
    def enter(walls: Walls) -> Iterator[World]:
        loud = override_settings(TENANT_LOUD_WALL=walls.loud)
        if walls.silent:
            with loud:
                yield request.getfixturevalue("world")
            return
        there = request.getfixturevalue("open_world")
        with on_database(request.getfixturevalue("open_database")), loud:
            yield there

    return enter
