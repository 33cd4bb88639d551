"""Two people, or two workers, do the same thing at one moment: nobody fails, nothing is lost or counted wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction

from livecode_admin.kernel import clock
from permissions.selectors import audit_entries
from routing.models import ContactWay, Seat, StaffLimit
from routing.qrimages import way_png
from routing.services.caps import LimitInput, staff_limits_save
from routing.services.ways import POOL_MAX, POOL_START, way_live, ways_grow
from tenants.context import tenant_context
from tests.console.stage import staff_of
from tests.factories import TenantFixture, client_for
from tests.routing.conftest import Edges
from tests.routing.stage import live_code, rows_of

pytestmark = pytest.mark.processes


def together(tenant: TenantFixture, *works: Callable[[], object]) -> list[object]:
    """Run these in a transaction each; none commits before all have done their work or wait for one that has."""
    done, go = threading.Semaphore(0), threading.Event()

    def one(work: Callable[[], object]) -> object:
        try:
            with tenant_context(tenant.id):
                found = work()
                done.release()
                assert go.wait(30)
            return found
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        running = [pool.submit(one, work) for work in works]
        assert done.acquire(timeout=30)  # the first has written and not committed
        until_waiting_or(done, len(works) - 1)
        go.set()
        return [each.result(timeout=30) for each in running]


def until_waiting_or(done: threading.Semaphore, others: int) -> None:
    """Until the others have come as far, or wait in PostgreSQL for the first one's lock."""
    for _ in range(300):
        if others and done.acquire(timeout=0.1):
            others -= 1
        if len(waiting()) >= others:
            return
    raise AssertionError("they neither work nor wait")


def waiting() -> list[tuple[object, ...]]:
    """Backends of this database that wait for somebody's lock."""
    with connections["ops"].cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_locks WHERE NOT granted")
        return list(cursor.fetchall())


def test_two_first_saves_of_a_persons_limits_both_succeed_and_the_later_one_stands(tenant: TenantFixture) -> None:
    (staff_id,) = staff_of(tenant, 1)
    rows_of(tenant.id, "DELETE FROM routing_stafflimit WHERE staff_id = %s", staff_id)

    def save(cap: int) -> Callable[[], object]:
        return lambda: staff_limits_save(
            access=tenant.owner, limits={staff_id: LimitInput(daily_cap=cap)}, now=clock.now()
        )

    assert together(tenant, save(35), save(60)) == [1, 1]
    with tenant_context(tenant.id):
        (limit,) = StaffLimit.objects.filter(staff=staff_id)
        later, earlier = [entry.changes[0] for entry in audit_entries(tenant.owner, "staff", staff_id)[:2]]
    # The second one knew of the first: what it replaced is told.
    assert (earlier.before, later.before, later.after) == (100, earlier.after, limit.daily_cap)


def test_two_people_who_save_first_limits_on_the_page_at_once_get_an_answer_each(tenant: TenantFixture) -> None:
    (staff_id,) = staff_of(tenant, 1)
    rows_of(tenant.id, "DELETE FROM routing_stafflimit WHERE staff_id = %s", staff_id)
    clients = [client_for(tenant.owner) for _ in range(2)]
    url, start = f"/t/{tenant.slug}/staff/caps/", threading.Barrier(2)

    def post(place: int) -> int:
        try:
            start.wait(30)
            answer = clients[place].post(url, {f"cap_{staff_id}": str(35 + place), f"was_cap_{staff_id}": "100"})
            return int(answer.status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(post, range(2)))
    # Saved, or told that somebody else has just changed it.
    assert statuses in ([302, 302], [302, 422])
    with tenant_context(tenant.id):
        (limit,) = StaffLimit.objects.filter(staff=staff_id)
    assert limit.daily_cap in (35, 36)


def test_ways_of_a_seat_that_go_live_at_once_are_all_counted_and_one_is_its_face(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1)
    with tenant_context(tenant.id), transaction.atomic():
        ways = list(ContactWay.objects.filter(seat__code=code.code_id).order_by("id"))
        assert len(ways) == POOL_START
        ContactWay.objects.filter(pk__in=[way.pk for way in ways]).update(status="pending")
        Seat.objects.filter(code=code.code_id).update(live_ways=0, face_way_id=None)

    def made(way: ContactWay) -> Callable[[], object]:
        content = f"way:{way.state}"
        return lambda: way_live(way_id=way.pk, qr_content=content, png=way_png(content), now=clock.now())

    assert together(tenant, *map(made, ways)) == [code.code_id] * POOL_START
    with tenant_context(tenant.id):
        seat = Seat.objects.get(code=code.code_id)
        assert ContactWay.objects.filter(seat=seat, status="live").count() == POOL_START
        assert seat.live_ways == POOL_START
        assert seat.face_way_id in {way.pk for way in ways}


def test_two_workers_that_grow_pools_at_once_order_no_way_twice(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    for _ in range(25):
        edges.scan(code.slug)

    def grow() -> object:
        return len(ways_grow(now=clock.now()))

    assert sorted(map(str, together(tenant, grow, grow))) == ["0", "17"]
    with tenant_context(tenant.id):
        assert ContactWay.objects.filter(seat__code=code.code_id).count() == POOL_MAX
