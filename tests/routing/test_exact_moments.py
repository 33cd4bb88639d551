"""Exact while time passes: queues, accepts, midnight, a pause; over HTTP at two edges (product.md §2.2, §2.4)."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from livecode_admin.kernel import clock
from people.selectors import staff_userids
from people.services import customer_upsert
from routing.models import StaffLimit
from routing.services.roster import SeatInput, roster_set
from routing.services.rules import rule_set
from routing.services.slots import friend_added
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.routing.conftest import Edges
from tests.routing.phones import Ask, scan_at_once, scan_lines
from tests.routing.stage import StageCode, live_code

pytestmark = pytest.mark.processes
ZONE = "Asia/Shanghai"


def scan(edges: Edges, code: StageCode, number: int, *, connections: int = 64) -> None:
    """So many scans by new visitors; each got a page."""
    pages = scan_at_once(edges, [Ask(f"/c/{code.slug}")] * number, connections=connections)
    assert Counter(page.status for page in pages) == {200: number}


def accept(code: StageCode, number: int) -> None:
    """So many of those who wait for the first person become friends, the oldest first."""
    now = clock.now()
    ways = code.rows(
        "SELECT w.state FROM routing_slot s JOIN routing_contactway w ON w.id = s.way_id"
        " WHERE s.state = 'waiting' AND s.staff_id = %s ORDER BY s.id LIMIT %s",
        code.staff[0],
        number,
    )
    assert len(ways) == number
    with tenant_context(code.tenant.id):
        for place, (state,) in enumerate(ways):
            customer = customer_upsert(
                external_userid=f"wm{state}{place}{now.timestamp()}", name="客户", avatar_url="", gender=0, kind=1,
                now=now,
            )  # fmt: skip
            friend_added(
                state=state,
                staff_userid=staff_userids(code.staff[:1])[code.staff[0]],
                customer_id=customer,
                occurred_at=now,
                now=now,
            )


def test_the_51st_who_waits_goes_to_the_backup_and_after_ten_accepts_the_next_ten_come_back(
    tenant: TenantFixture, edges: Edges
) -> None:
    code = live_code(tenant, roster=1, backups=1, cap=1000)
    with tenant_context(tenant.id):
        rule_set(access=code.access, code_id=code.code_id, peak_overflow=True, now=clock.now())
    scan(edges, code, 51)
    assert code.served() == [0] * 50 + [1]
    assert code.rows("SELECT reason, trace->0->>0 FROM routing_scan ORDER BY id DESC LIMIT 1") == [("peak", "peak")]
    accept(code, 10)
    scan(edges, code, 12)
    assert code.served()[51:] == [0] * 10 + [1] * 2


def test_with_the_peak_switch_off_the_51st_who_waits_stays(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, backups=1, cap=1000)
    scan(edges, code, 60)
    assert code.served() == [0] * 60


def test_people_wait_no_longer_than_the_peak_window(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, backups=1, cap=1000)
    with tenant_context(tenant.id):
        StaffLimit.objects.update_or_create(staff_id=code.staff[0], defaults={"peak_threshold": 5})
        rule_set(access=code.access, code_id=code.code_id, peak_overflow=True, peak_window_seconds=60, now=clock.now())
    scan(edges, code, 6)
    try:
        edges.shift_clock(70)
        scan(edges, code, 6)
    finally:
        edges.shift_clock(0)
    assert code.served() == [0, 0, 0, 0, 0, 1] * 2


def test_over_the_tenants_midnight_each_days_count_is_right(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=5, cap=10)
    today = clock.local_day(datetime.now(UTC), ZONE)
    tomorrow = today + timedelta(days=1)
    until = (clock.day_start(tomorrow, ZONE) - datetime.now(UTC)).total_seconds()
    try:
        edges.shift_clock(until - 30)
        scan(edges, code, 60)
        turn = threading.Thread(target=edges.shift_clock, args=(until + 30,))
        turn.start()
        scan(edges, code, 80)
        turn.join()
        scan(edges, code, 60)
    finally:
        edges.shift_clock(0)
    scans = dict(code.rows("SELECT scan_day, count(*) FROM routing_scan GROUP BY 1"))
    assert sum(scans.values()) == 200
    assert min(scans[today], scans[tomorrow]) >= 60
    served = code.rows(
        "SELECT scan_day, staff_id, count(*) FROM routing_scan WHERE staff_id IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
    )
    assert served == [(day, staff_id, 10) for day in (today, tomorrow) for staff_id in sorted(code.staff)]
    assert served == code.rows("SELECT day, staff_id, assigned FROM routing_staffday ORDER BY 1, 2")
    assert code.rows(
        "SELECT count(*) FROM routing_scan WHERE scan_day <> (scanned_at AT TIME ZONE 'Asia/Shanghai')::date"
    ) == [(0,)]


def test_slots_that_nobody_took_up_are_room_again_for_exactly_as_many(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=2, cap=20)
    scan(edges, code, 50)
    accept(code, 5)
    try:
        edges.shift_clock(200)  # past the three minutes for which a slot waits for the picture to be fetched
        scan(edges, code, 50)
    finally:
        edges.shift_clock(0)
    assert Counter(code.outcomes()) == {"assigned": 40 + 35, "fallback": 10 + 15}
    assert code.rows("SELECT assigned FROM routing_staffday") == [(20,), (20,)]
    assert code.rows("SELECT state, count(*) FROM routing_slot GROUP BY 1 ORDER BY 1") == [
        ("friend", 5),
        ("returned", 35),
        ("waiting", 35),
    ]


def test_turns_by_adds_make_up_for_those_who_did_not_come(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=2, cap=1000)
    with tenant_context(tenant.id):
        rule_set(access=code.access, code_id=code.code_id, turns_count="adds", now=clock.now())
    scan(edges, code, 20)
    accept(code, 10)
    try:
        edges.shift_clock(200)  # the ten of the second person are given back
        scan(edges, code, 20)
    finally:
        edges.shift_clock(0)
    assert code.served()[20:] == [1] * 10 + [0, 1] * 5


def leave(code: StageCode) -> None:
    """The first person is on leave in all codes."""
    StaffLimit.objects.filter(staff=code.staff[0]).update(paused_until=clock.now() + timedelta(days=1))


def pause_seat(code: StageCode) -> None:
    """The first person's seat in this code is paused."""
    until = clock.now() + timedelta(days=1)
    seats = [SeatInput(code.staff[0], position=0, paused_until=until), SeatInput(code.staff[1], position=1)]
    roster_set(access=code.access, code_id=code.code_id, seats=seats, now=clock.now())


@pytest.mark.parametrize("stop_first", [leave, pause_seat])
def test_who_is_paused_gets_no_scan_later_than_a_second_after(
    tenant: TenantFixture, edges: Edges, stop_first: Callable[[StageCode], None]
) -> None:
    code = live_code(tenant, roster=2, cap=10_000)
    stop = threading.Event()

    def crowd() -> None:
        while not stop.is_set():
            scan_lines(edges, [[Ask(f"/c/{code.slug}")] * 10] * 8, connections=8)

    phones = threading.Thread(target=crowd)
    phones.start()
    time.sleep(0.5)
    with tenant_context(tenant.id):
        stop_first(code)
    clicked = clock.now()
    time.sleep(1.5)
    stop.set()
    phones.join()
    before = "SELECT count(*) FROM routing_scan WHERE staff_id = %s AND scanned_at <= %s"
    assert code.rows(before, code.staff[0], clicked)[0][0] > 10
    late = clicked + timedelta(seconds=1)
    after = "SELECT count(*) FROM routing_scan WHERE staff_id = %s AND scanned_at > %s"
    assert code.rows(after, code.staff[0], late) == [(0,)]
    assert code.rows(after, code.staff[1], late)[0][0] > 10
