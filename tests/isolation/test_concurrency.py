"""Two tenants on 32 threads through few connections: nothing of one is ever seen by the other."""

from __future__ import annotations

import queue
import threading
from collections import Counter

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from people.models import Staff
from tenants.context import NestedTenant, current_tenant_id, tenant_context
from tests.isolation.factory import World

THREADS = 32
CONNECTIONS = 4
ROUNDS = 60


class Failed(Exception):
    """A view that fails half way."""


def work(world: World, pool: queue.Queue[BaseDatabaseWrapper], seen: Counter[str], number: int) -> None:
    """Alternate between the tenants on whatever connection is free, failing now and then."""
    for turn in range(ROUNDS):
        mine, other = (world.a, world.b) if (number + turn) % 2 else (world.b, world.a)
        connection = pool.get()
        connections["default"] = connection
        try:
            with tenant_context(mine.tenant_id):
                for name in Staff.objects.values_list("name", flat=True):
                    seen["own" if name.startswith(mine.canary) else "crossed"] += 1
                with connection.cursor() as cursor:
                    cursor.execute("SELECT count(*) FROM people_staff WHERE tenant_id = %s", [other.tenant_id])
                    seen["crossed"] += cursor.fetchone()[0]
                if turn % 7 == 0:
                    raise Failed
        except Failed:
            seen["failed"] += 1
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*), current_setting('app.tenant', true) FROM people_staff")
            rows, setting = cursor.fetchone()
        seen["left behind"] += rows + bool(setting) + (current_tenant_id() is not None)
        pool.put(connection)


def test_two_tenants_on_many_threads_never_cross(world: World) -> None:
    pool: queue.Queue[BaseDatabaseWrapper] = queue.Queue()
    for _ in range(CONNECTIONS):
        connection = connections.create_connection("default")
        connection.inc_thread_sharing()
        pool.put(connection)
    seen: Counter[str] = Counter()
    threads = [threading.Thread(target=work, args=(world, pool, seen, number)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pool.qsize() == CONNECTIONS
    while not pool.empty():
        pool.get().close()
    assert seen["own"] == THREADS * ROUNDS
    assert seen["failed"] == THREADS * len(range(0, ROUNDS, 7))
    assert seen["crossed"] == seen["left behind"] == 0


def test_no_context_opens_inside_another(world: World) -> None:
    with tenant_context(world.a.tenant_id), pytest.raises(NestedTenant), tenant_context(world.b.tenant_id):
        pass
    assert current_tenant_id() is None
