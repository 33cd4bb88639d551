"""Exactness over HTTP: 64 connections, two edge processes, judged from PostgreSQL's rows (product.md §2.1-§2.3)."""

from __future__ import annotations

from collections import Counter

import pytest

from livecode_admin.kernel import clock
from routing.models import Seat
from routing.services.publish import code_publish
from routing.services.roster import staff_cap_set
from routing.services.rules import rule_set
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.routing.conftest import Edges, new_cookie
from tests.routing.phones import Ask, Page, scan_at_once
from tests.routing.stage import StageCode, live_code

pytestmark = pytest.mark.processes


def scan(edges: Edges, codes: list[StageCode], number: int) -> list[Page]:
    """So many scans by new visitors at 64 connections, over the codes in turn; each got a page."""
    asks = [Ask(f"/c/{codes[place % len(codes)].slug}") for place in range(number)]
    pages = scan_at_once(edges, asks)
    assert Counter(page.status for page in pages) == {200: number}
    return pages


def by_person(code: StageCode) -> dict[int | None, int]:
    """Scans by the place of their person in the roster, as the scan rows say."""
    rows = code.rows("SELECT staff_id, count(*) FROM routing_scan WHERE code_id = %s GROUP BY 1", code.code_id)
    return {None if staff_id is None else code.staff.index(staff_id): number for staff_id, number in rows}


def each(people: int, number: int) -> dict[int | None, int]:
    """The first so many people, each with that number."""
    return dict.fromkeys(range(people), number)


def counted(code: StageCode) -> dict[int | None, int]:
    """Today's slots by the place of the person, as the counters say."""
    rows = code.rows("SELECT staff_id, assigned FROM routing_staffday WHERE assigned > 0")
    return {code.staff.index(staff_id): number for staff_id, number in rows}


def weigh(code: StageCode, weights: list[int]) -> None:
    """Give the seats their weights, choose 按权重分配, and publish."""
    with tenant_context(code.tenant.id):
        for staff_id, weight in zip(code.staff, weights, strict=True):
            Seat.objects.filter(code=code.code_id, staff=staff_id).update(weight=weight)
        rule_set(access=code.access, code_id=code.code_id, strategy="weighted", now=clock.now())
        code_publish(access=code.access, code_id=code.code_id, now=clock.now())


def test_ten_thousand_scans_in_turn_on_five_seats_are_two_thousand_each(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=5, cap=10_000)
    scan(edges, [code], 10_000)
    assert by_person(code) == counted(code) == each(5, 2000)
    served = code.served()
    assert served == [0, 1, 2, 3, 4] * 2000


def test_weights_of_5_3_2_are_5000_3000_2000(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=3, cap=10_000)
    weigh(code, [5, 3, 2])
    scan(edges, [code], 10_000)
    assert by_person(code) == counted(code) == {0: 5000, 1: 3000, 2: 2000}
    assert code.served() == [0, 1, 2, 0, 0, 1, 0, 2, 1, 0] * 1000


def test_five_times_a_hundred_and_a_backup_with_fifty_leave_450_of_a_thousand_a_page(
    tenant: TenantFixture, edges: Edges
) -> None:
    code = live_code(tenant, roster=5, backups=1, cap=100)
    with tenant_context(tenant.id):
        staff_cap_set(access=code.access, staff_id=code.staff[5], daily_cap=50, now=clock.now())
    pages = scan(edges, [code], 1000)
    assert by_person(code) == {**each(5, 100), 5: 50, None: 450}
    assert Counter(code.outcomes()) == {"assigned": 500, "overflow": 50, "fallback": 450}
    assert sum("/q/" in page.text for page in pages) == 550


def test_with_the_overflow_switch_off_the_backup_is_not_used(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=5, backups=1, cap=40)
    with tenant_context(tenant.id):
        rule_set(access=code.access, code_id=code.code_id, overflow=False, now=clock.now())
    scan(edges, [code], 300)
    assert by_person(code) == {**each(5, 40), None: 100}


def test_one_person_in_twenty_codes_never_passes_a_cap_of_a_hundred(tenant: TenantFixture, edges: Edges) -> None:
    first = live_code(tenant, roster=1, cap=100)
    codes = [first, *(live_code(tenant, staff=first.staff, roster=1) for _ in range(19))]
    scan(edges, codes, 400)
    (person,) = first.staff
    assert first.rows("SELECT count(*) FROM routing_scan WHERE staff_id = %s", person) == [(100,)]
    assert first.rows("SELECT outcome, count(*) FROM routing_scan GROUP BY 1 ORDER BY 1") == [
        ("assigned", 100),
        ("fallback", 300),
    ]
    assert first.rows("SELECT assigned FROM routing_staffday WHERE staff_id = %s", person) == [(100,)]
    assert first.rows("SELECT sum(assigned)::int FROM routing_seatday") == [(100,)]


def test_the_same_visitor_twenty_times_at_once_has_one_person_and_one_slot(tenant: TenantFixture, edges: Edges) -> None:
    code, cookie = live_code(tenant, roster=3), new_cookie()
    pages = scan_at_once(edges, [Ask(f"/c/{code.slug}", cookie=cookie)] * 20, connections=20)
    assert [page.status for page in pages] == [200] * 20
    assert by_person(code) == {0: 20}
    assert Counter(code.outcomes()) == {"assigned": 1, "returning": 19}
    assert code.rows("SELECT count(*), count(DISTINCT visitor) FROM routing_slot") == [(1, 1)]
    assert counted(code) == {0: 1}


def test_least_loaded_is_even_at_any_concurrency(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=5, cap=1000)
    with tenant_context(tenant.id):
        rule_set(access=code.access, code_id=code.code_id, strategy="least_loaded", now=clock.now())
    scan(edges, [code], 1000)
    assert by_person(code) == counted(code) == each(5, 200)


def test_every_slot_has_one_scan_and_the_counters_are_what_the_slots_say(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=4, backups=1, cap=60)
    other = live_code(tenant, staff=[*code.staff[2:], code.staff[0]], roster=3)
    scan(edges, [code, other], 600)
    assert code.rows(
        "SELECT count(*) FROM routing_slot s JOIN routing_scan n ON n.scan_id = s.scan_id AND n.seat_id = s.seat_id"
    ) == code.rows("SELECT count(*) FROM routing_slot")
    for what, table in (("staff_id", "routing_staffday"), ("seat_id", "routing_seatday")):
        assert code.rows(f"SELECT {what}, assigned FROM {table} WHERE assigned > 0 ORDER BY 1") == code.rows(
            f"SELECT {what}, count(*)::int FROM routing_slot WHERE state = 'waiting' GROUP BY 1 ORDER BY 1"
        )
    assert max(counted(code).values()) == 60
