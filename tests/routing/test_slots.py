"""Slots: taken, held, settled, given back; and the match of an add to its scan (product.md §2.2, §2.12)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from livecode_admin.kernel import clock
from people.selectors import staff_userids
from people.services import customer_upsert
from routing.services.slots import Attribution, friend_added, slots_expire, tenants_with_due_slots
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.routing.conftest import Edges, new_cookie, picture_url
from tests.routing.stage import StageCode, live_code, rows_of

pytestmark = pytest.mark.processes
MINUTE = timedelta(minutes=1)


def slots(code: StageCode) -> list[tuple[UUID, str, str]]:
    """(scan, state, contact way's state) of each slot in order."""
    return code.rows(
        "SELECT s.scan_id, s.state, w.state FROM routing_slot s JOIN routing_contactway w ON w.id = s.way_id"
        " WHERE s.code_id = %s ORDER BY s.id",
        code.code_id,
    )


def add(code: StageCode, state: str, *, after: timedelta = timedelta(), place: int = 0) -> Attribution:
    """The friend-added event of somebody who used the way of ``state``."""
    now = clock.now() + after
    with tenant_context(code.tenant.id):
        staff_id = code.staff[place]
        customer = customer_upsert(
            external_userid=f"wm{state}{now.timestamp()}", name="客户", avatar_url="", gender=0, kind=1, now=now
        )
        return friend_added(
            state=state,
            staff_userid=staff_userids([staff_id])[staff_id],
            customer_id=customer,
            occurred_at=now,
            now=now,
        )


def expire(code: StageCode, after: timedelta) -> int:
    """Give back what is due ``after`` now."""
    with tenant_context(code.tenant.id):
        return slots_expire(now=clock.now() + after)


def day_of(code: StageCode) -> tuple[int, int, int]:
    """(assigned, added, late) of the first staff member, over all days."""
    (row,) = code.rows(
        "SELECT sum(assigned)::int, sum(added)::int, sum(late)::int FROM routing_staffday WHERE staff_id = %s",
        code.staff[0],
    )
    return row[0], row[1], row[2]


def test_each_waiting_scan_leases_its_own_way_so_that_its_add_is_exact(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    for name in ("a", "b", "c"):
        edges.scan(code.slug, query=f"?p={name}")
    waiting = slots(code)
    assert len({way for _, _, way in waiting}) == 3
    found = add(code, waiting[1][2])
    assert (found.match, found.scan_id, found.sub_channel, found.late) == ("exact", waiting[1][0], "b", False)
    assert (found.code_id, found.day) == (code.code_id, clock.local_day(clock.now(), "Asia/Shanghai"))
    assert day_of(code) == (3, 1, 0)


def test_a_fourth_scan_shares_a_way_and_such_adds_are_estimates(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    for _ in range(4):
        edges.scan(code.slug)
    waiting = slots(code)
    shared = waiting[3][2]
    found = add(code, shared)
    assert (found.match, found.scan_id) == ("oldest", next(scan for scan, _, way in waiting if way == shared))
    lonely = next(way for _, _, way in waiting if way != shared)
    assert add(code, lonely).match == "exact"


def test_the_only_one_waiting_at_a_seat_is_a_sole_match(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    for _ in range(4):
        edges.scan(code.slug)
    waiting = slots(code)
    shared = waiting[3][2]
    for _, _, way in waiting[:3]:
        add(code, way)
    found = add(code, shared)
    assert (found.match, found.scan_id) == ("sole", waiting[3][0])


def test_a_state_that_is_not_ours_changes_nothing(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    edges.scan(code.slug)
    found = add(code, "somebody-elses")
    assert (found.match, found.code_id, found.scan_id) == ("none", None, None)
    assert day_of(code) == (1, 0, 0)


def test_without_a_fetch_of_the_qr_the_slot_goes_back_after_three_minutes(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, cap=1)
    edges.scan(code.slug)
    assert expire(code, 2 * MINUTE) == 0
    assert tenant.id in tenants_with_due_slots(clock.now() + 4 * MINUTE)
    assert expire(code, 4 * MINUTE) == 1
    assert day_of(code) == (0, 0, 0)


def test_with_the_visitors_fetch_it_is_held_for_the_pending_time(tenant: TenantFixture, edges: Edges) -> None:
    code, cookie = live_code(tenant, roster=1, cap=1), new_cookie()
    page = edges.scan(code.slug, cookie=cookie)
    with edges.client(1, cookie=cookie) as client:
        client.get(picture_url(page))
    assert expire(code, 29 * MINUTE) == 0
    assert expire(code, 31 * MINUTE) == 1


def test_somebody_elses_fetch_does_not_prolong_the_slot(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    page = edges.scan(code.slug, cookie=new_cookie())
    with edges.client(cookie=new_cookie()) as client:
        assert client.get(picture_url(page)).status_code == 200
    assert expire(code, 4 * MINUTE) == 1


def test_room_is_right_even_when_the_sweep_is_late(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, cap=1)
    edges.scan(code.slug)
    rows_of(tenant.id, "UPDATE routing_slot SET held_until = now() - interval '1 second'")
    edges.scan(code.slug, 1)
    edges.scan(code.slug)
    assert code.outcomes() == ["assigned", "assigned", "fallback"]
    assert day_of(code) == (1, 0, 0)


def test_a_late_friend_counts_to_today_and_stops_new_assignments(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, cap=1)
    edges.scan(code.slug)
    ((scan_id, _, way),) = slots(code)
    expire(code, 4 * MINUTE)
    found = add(code, way, after=5 * MINUTE)
    assert (found.late, found.match, found.scan_id) == (True, "sole", scan_id)
    assert day_of(code) == (0, 1, 1)
    edges.scan(code.slug)
    assert code.outcomes() == ["assigned", "fallback"]


def test_after_the_lease_an_add_is_an_estimate_when_somebody_else_waits_at_the_seat(
    tenant: TenantFixture, edges: Edges
) -> None:
    code = live_code(tenant, roster=1)
    edges.scan(code.slug)
    ((scan_id, _, way),) = slots(code)
    expire(code, 4 * MINUTE)
    rows_of(tenant.id, "UPDATE routing_slot SET settled_at = taken_at")
    edges.scan(code.slug)
    found = add(code, way, after=timedelta(seconds=2))
    assert (found.late, found.match, found.scan_id) == (True, "oldest", scan_id)


def test_an_event_that_comes_late_is_judged_by_the_time_of_the_add(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    edges.scan(code.slug)
    edges.scan(code.slug)
    (scan_id, _, way), _ = slots(code)
    expire(code, 4 * MINUTE)
    found = add(code, way)
    assert (found.match, found.scan_id) == ("exact", scan_id)


def test_a_late_friend_s_turn_need_not_be_made_up_for(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    edges.scan(code.slug)
    ((_, _, way),) = slots(code)
    expire(code, 4 * MINUTE)
    owed = "SELECT sum(owed)::int FROM routing_seatday s JOIN routing_seat x ON x.id = s.seat_id WHERE x.code_id = %s"
    assert code.rows(owed, code.code_id) == [(1,)]
    add(code, way, after=5 * MINUTE)
    assert code.rows(owed, code.code_id) == [(0,)]


def test_a_friend_keeps_the_slot_for_good(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, cap=1)
    edges.scan(code.slug)
    ((_, _, way),) = slots(code)
    add(code, way)
    assert expire(code, 60 * MINUTE) == 0
    assert day_of(code) == (1, 1, 0)


def test_a_day_ends_at_the_tenants_midnight_and_each_days_count_is_right(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=2, cap=5)
    zone = "Asia/Shanghai"
    today = clock.local_day(datetime.now(UTC), zone)
    midnight = clock.day_start(today + timedelta(days=1), zone)
    until = (midnight - datetime.now(UTC)).total_seconds()
    try:
        edges.shift_clock(until - 20)
        for number in range(12):
            edges.scan(code.slug, number)
        edges.shift_clock(until + 20)
        for number in range(12):
            edges.scan(code.slug, number)
    finally:
        edges.shift_clock(0)
    assert code.outcomes() == (["assigned"] * 10 + ["fallback"] * 2) * 2
    counted = code.rows("SELECT day, sum(assigned)::int FROM routing_staffday GROUP BY day ORDER BY day")
    assert counted == [(today, 10), (today + timedelta(days=1), 10)]


def test_scans_can_neither_be_changed_nor_deleted(tenant: TenantFixture, edges: Edges) -> None:
    import psycopg2

    code = live_code(tenant, roster=1)
    edges.scan(code.slug)
    for sql in ("UPDATE routing_scan SET reason = 'x'", "DELETE FROM routing_scan", "TRUNCATE routing_scan"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            code.rows(sql)
