"""Fixtures for the whole suite: real commits, no clean-up, each test makes its own tenant."""

import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

pytest_plugins = ["tests.factories", "tests.company"]

LOOPBACK = {"127.0.0.1", "::1", "localhost", ""}


class OutsideCall(OSError):
    """A test tried to reach another machine."""


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """Replace pytest-django's: the database was migrated and copied before Django started."""


@pytest.fixture(scope="session", autouse=True)
def _database_open(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let every test use the database, without a transaction around it: what is committed is what is tested."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture(autouse=True)
def _connections_closed() -> Iterator[None]:
    """Close the connections after each test, so that none inherits a broken or busy one."""
    yield
    from django.db import connections

    connections.close_all()


@pytest.fixture(scope="session", autouse=True)
def _broker_known() -> None:
    """Hints of services under test go to the run's own broker."""
    from livecode_admin import celery

    celery.app.set_default()


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Iterator[None]:
    """Refuse connections to other machines; unix sockets and loopback stay open."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOOPBACK:
            raise OutsideCall(f"tests reach no other machine: {address}")
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore[assignment,method-assign]
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def database_url() -> str:
    """The database as livecode_app sees it."""
    return os.environ["DATABASE_URL"]


@pytest.fixture(scope="session")
def owner_url() -> str:
    """The database as livecode_owner sees it."""
    return os.environ["DATABASE_OWNER_URL"]


@pytest.fixture(scope="session")
def ops_url() -> str:
    """The database as livecode_ops sees it."""
    return os.environ["DATABASE_OPS_URL"]


@pytest.fixture(scope="session")
def admin_url() -> str:
    """The database as its superuser sees it: only for judging what the others did."""
    return os.environ["DATABASE_ADMIN_URL"]


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The cache's Redis, in redis-py's form."""
    return os.environ["CACHE_URL"]


@pytest.fixture(scope="session")
def broker_url() -> str:
    """The broker's Redis, in Celery's form."""
    return os.environ["BROKER_URL"]
