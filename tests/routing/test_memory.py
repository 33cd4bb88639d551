"""What a machine remembers for the time without PostgreSQL: what is newer wins, and it never harms."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest
from psycopg2 import extensions
from psycopg2.errors import LockNotAvailable

from livecode_admin.kernel import clock
from routing.edge import store
from routing.edge.memory import Memory, Recollection, recollect
from routing.rules.world import World
from routing.services.roster import staff_cap_set
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.routing.conftest import Edges
from tests.routing.stage import StageCode, live_code


@contextmanager
def connected() -> Iterator[extensions.connection]:
    """A connection like the edge's, which waits for nobody longer than half a second."""
    link = psycopg2.connect(os.environ["DATABASE_URL"], options="-c lock_timeout=500")
    link.autocommit = True
    try:
        yield link
    finally:
        link.close()


def load_text(link: extensions.connection, code: StageCode, begin: str = store.REMEMBER) -> str:
    """What is loaded of a code now."""
    return store.load_text(link, code.tenant.id, clock.now().timestamp(), codes=[code.code_id], begin=begin)


def told_of(code: StageCode, moment: float) -> Recollection:
    """What PostgreSQL says of a code at this moment, as the memory keeps it."""
    with connected() as link:
        text = load_text(link, code)
    seats = [row[0] for row in json.loads(text)["seats"]]
    return Recollection(moment, json.loads(text), {seat: (seat * 10, seat * 10 + 1) for seat in seats})


def test_a_world_that_knows_nothing_takes_everything(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2, cap=7)
    world, found = World(), told_of(code, 100.0)
    recollect(world, found, {})
    world.only_spares()
    assert world.look.name == tenant.name
    assert world.codes[code.code_id].snapshot is not None
    assert {load.cap for load in world.counters.staff.values()} == {7}
    assert {load.ways for load in world.counters.seats.values()} == {2}


def test_what_the_process_heard_later_stays_and_what_it_heard_before_goes(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1, cap=7)
    before = told_of(code, 100.0)
    with tenant_context(tenant.id):
        staff_cap_set(access=tenant.owner, staff_id=code.staff[0], daily_cap=9, now=clock.now())
    after = told_of(code, 200.0)
    for first, second, seen in ((after, before, 150.0), (before, after, 150.0)):
        world = World()
        recollect(world, first, {})
        recollect(world, second, {code.code_id: seen})
        assert world.counters.staff[code.staff[0]].cap == 9


def test_counts_are_never_taken_back_within_a_day_and_are_not_those_of_another(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1)
    found = told_of(code, 100.0)
    world = World()
    recollect(world, found, {})
    world.counters.staff[code.staff[0]].used = 5
    recollect(world, found, {})
    assert world.counters.staff[code.staff[0]].used == 5
    for row in found.loaded["staff"]:
        row[8] = 4
    fresh = World(day="2001-01-01")
    recollect(fresh, found, {})
    assert fresh.counters.staff[code.staff[0]].used == 0


def test_remembering_waits_for_no_scan_and_no_scan_waits_for_it(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1)
    with connected() as remembering, connected() as deciding, connected() as other:
        loaded = load_text(deciding, code, store.DECIDE)
        assert json.loads(load_text(remembering, code)) == json.loads(loaded)
        with pytest.raises(LockNotAvailable):
            load_text(other, code, store.DECIDE)
        store.rollback(deciding)
        store.rollback(other)
        assert load_text(other, code, store.DECIDE) == loaded


def test_remembering_gives_no_slot_back(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    edges.scan(code.slug)
    with connected() as link:
        for begin, state in ((store.REMEMBER, "waiting"), (store.DECIDE, "returned")):
            in_an_hour = clock.now().timestamp() + 3600
            store.load_text(link, code.tenant.id, in_an_hour, codes=[code.code_id], begin=begin)
            store.commit(link)
            assert code.rows("SELECT state FROM routing_slot") == [(state,)]


def test_the_memory_is_the_machines_and_outlives_a_process(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    one = Memory(path)
    one.note([("OLD", 7, 70), ("NEW", 7, 71), ("OTHER", 8, 80)])
    one.asked("OLD", 7, 70, 1000.0)
    assert one.note()
    one.learn(7, 0, [70, 71], told=5.0, loaded='{"day": "2026-11-22"}', spares={700: [1, 2]})
    one.close()
    two = Memory(path)
    assert two.place("OLD") == (7, 70)
    assert two.place("NOBODY") is None
    assert list(two.wanted().items()) == [(7, [70, 71]), (8, [80])]
    assert two.groups() == {(7, 0): ("70,71", 5.0)}
    assert two.recall(7, 71) == Recollection(5.0, {"day": "2026-11-22"}, {700: (1, 2)})
    assert two.recall(8, 80) is None


def test_a_file_that_is_none_is_replaced_and_a_closed_memory_knows_nothing(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    path.write_bytes(b"this is no database" * 1000)
    memory = Memory(path)
    memory.note([("SLUG", 7, 70)])
    assert memory.place("SLUG") == (7, 70)
    memory.close()
    assert memory.place("SLUG") is None
    assert not memory.groups()
