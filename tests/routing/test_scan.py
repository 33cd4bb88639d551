"""Scans over HTTP at two edge processes, judged from PostgreSQL's rows (product.md §2)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import httpx
import pytest

from codes.services import code_pause, code_resume
from livecode_admin.kernel import clock
from livecode_admin.kernel.ids import new_slug
from people.services import staff_upsert
from routing.services.defaults import defaults_set
from routing.services.publish import code_publish
from routing.services.roster import SeatInput, roster_set, staff_cap_set
from routing.services.rules import rule_set
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.routing.conftest import NO_TLS, WECHAT, Edges, free_port, new_cookie, picture_url, start_edge
from tests.routing.stage import live_code, ways_finish

pytestmark = pytest.mark.processes


def test_a_hundred_scans_of_five_seats_are_exactly_twenty_each_in_order(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=5)
    for number in range(100):
        assert edges.scan(code.slug, number).status_code == 200
    assert code.served() == [0, 1, 2, 3, 4] * 20


def test_with_a_cap_of_ten_each_the_51st_scan_goes_to_the_backup(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=5, backups=1, cap=10)
    for number in range(61):
        edges.scan(code.slug, number)
    assert code.outcomes() == ["assigned"] * 50 + ["overflow"] * 10 + ["fallback"]
    assert code.served()[50:] == [5] * 10 + [None]


def test_a_thousand_scans_over_64_connections_put_nobody_over_the_cap(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=5, backups=1, cap=100)
    statuses = edges.scan_many([code.slug] * 1000, connections=64)
    assert statuses == [200] * 1000
    counts = Counter(code.served())
    assert counts == {0: 100, 1: 100, 2: 100, 3: 100, 4: 100, 5: 100, None: 400}
    slots = code.rows("SELECT staff_id, count(*) FROM routing_slot WHERE state = 'waiting' GROUP BY 1")
    days = code.rows("SELECT staff_id, assigned FROM routing_staffday")
    assert sorted(slots) == sorted(days) == [(staff_id, 100) for staff_id in sorted(code.staff)]


def test_one_person_in_several_codes_has_one_cap_over_all_of_them(tenant: TenantFixture, edges: Edges) -> None:
    first = live_code(tenant, roster=1, cap=30)
    others = [live_code(tenant, staff=first.staff, roster=1) for _ in range(3)]
    slugs = [code.slug for code in (first, *others)] * 20
    edges.scan_many(slugs, connections=8)
    assert first.rows("SELECT count(*) FROM routing_scan WHERE staff_id = %s", first.staff[0]) == [(30,)]
    assert first.rows("SELECT count(*) FROM routing_scan WHERE outcome = 'fallback'") == [(50,)]


def test_the_same_visitor_twenty_times_has_one_person_and_one_slot(tenant: TenantFixture, edges: Edges) -> None:
    code, cookie = live_code(tenant, roster=3), new_cookie()
    pages = [edges.scan(code.slug, number, cookie=cookie) for number in range(20)]
    assert len({picture_url(page) for page in pages}) == 1
    assert set(code.served()) == {0}
    assert code.outcomes() == ["assigned"] + ["returning"] * 19
    assert code.rows("SELECT assigned FROM routing_staffday") == [(1,)]


def test_a_pause_is_felt_by_the_very_next_scan(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    edges.scan(code.slug)
    with tenant_context(tenant.id):
        code_pause(access=code.access, code_id=code.code_id, now=clock.now())
    edges.scan(code.slug)
    with tenant_context(tenant.id):
        code_resume(access=code.access, code_id=code.code_id, now=clock.now())
    edges.scan(code.slug)
    assert code.outcomes() == ["assigned", "fallback", "assigned"]


def test_a_roster_change_and_a_cap_are_felt_by_the_very_next_scan(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=2)
    edges.scan(code.slug)
    with tenant_context(tenant.id):
        seats = [SeatInput(code.staff[1], position=1), SeatInput(code.staff[0], position=2, is_backup=True)]
        roster_set(access=code.access, code_id=code.code_id, seats=seats, now=clock.now())
    edges.scan(code.slug)
    edges.scan(code.slug, 1)
    with tenant_context(tenant.id):
        staff_cap_set(access=code.access, staff_id=code.staff[1], daily_cap=2, now=clock.now())
    edges.scan(code.slug)
    assert code.served() == [0, 1, 1, 0]
    assert code.outcomes()[-1] == "overflow"


def test_why_somebody_was_passed_over_is_stored_with_the_scan(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, backups=1, cap=1)
    edges.scan(code.slug)
    edges.scan(code.slug)
    ((seat_id,),) = code.rows("SELECT id FROM routing_seat WHERE staff_id = %s", code.staff[0])
    assert code.rows("SELECT trace FROM routing_scan ORDER BY id DESC LIMIT 1") == [([["staff_cap", seat_id]],)]


def test_the_sub_channel_of_the_printed_url_is_kept(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    edges.scan(code.slug, query="?p=poster12")
    edges.scan(code.slug, query="?p=%3Cscript%3E")
    assert code.rows("SELECT sub_channel FROM routing_scan ORDER BY id") == [("poster12",), ("",)]


def test_the_first_scan_is_noted_on_the_code(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    assert code.rows("SELECT first_scan_at FROM codes_livecode WHERE id = %s", code.code_id) == [(None,)]
    edges.scan(code.slug)
    ((first,),) = code.rows("SELECT first_scan_at FROM codes_livecode WHERE id = %s", code.code_id)
    assert first is not None


def test_with_the_overflow_switch_off_no_backup_is_used(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=2, backups=1, cap=2)
    with tenant_context(tenant.id):
        rule_set(access=code.access, code_id=code.code_id, overflow=False, now=clock.now())
    for number in range(6):
        edges.scan(code.slug, number)
    assert code.outcomes() == ["assigned"] * 4 + ["fallback"] * 2


def test_the_duty_person_takes_what_is_over_every_cap(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, cap=1)
    with tenant_context(tenant.id):
        duty = staff_upsert(wecom_userid="duty", name="值班", now=clock.now())
        defaults_set(access=code.access, duty_staff_id=duty, now=clock.now())
        ways_finish(clock.now())
    pages = [edges.scan(code.slug, number) for number in range(3)]
    assert code.outcomes() == ["assigned", "duty", "duty"]
    assert "值班" in pages[2].text
    assert picture_url(pages[1]) != picture_url(pages[2])


def test_nothing_of_one_company_is_reached_through_anothers_code(
    tenant: TenantFixture, other_tenant: TenantFixture, edges: Edges
) -> None:
    ours, theirs = live_code(tenant, roster=1), live_code(other_tenant, roster=1)
    picture = picture_url(edges.scan(theirs.slug))
    with edges.client() as client:
        assert client.get(picture).status_code == 200
        assert client.get(picture.replace(theirs.slug, ours.slug)).status_code == 404
        assert client.get(f"/c/{ours.slug}/w/1-{'0' * 24}.png").status_code == 404


def test_a_page_of_the_console_that_takes_long_holds_up_no_scan(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=2)
    edges.scan(code.slug)
    with tenant_context(tenant.id):
        code_publish(access=code.access, code_id=code.code_id, now=clock.now())
        assert edges.scan(code.slug).status_code == 200
    assert code.served() == [0, 1]
    assert code.rows("SELECT version FROM routing_scan ORDER BY id") == [(1,), (1,)]


def test_misses_are_limited_per_address_and_valid_codes_never(tenant: TenantFixture, tmp_path: Path) -> None:
    code, port = live_code(tenant, roster=1), free_port()
    process = start_edge(port, tmp_path, LIVECODE_PROXY_COUNT="1")
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", verify=NO_TLS, timeout=30) as client:
            guess = {"x-forwarded-for": "203.0.113.7", "user-agent": WECHAT}
            statuses = [client.get(f"/c/{new_slug()}", headers=guess).status_code for _ in range(40)]
            assert statuses == [404] * 30 + [429] * 10
            other = {"x-forwarded-for": "203.0.113.8", "user-agent": WECHAT}
            assert client.get(f"/c/{new_slug()}", headers=other).status_code == 404
            assert client.get(f"/c/{code.slug}", headers=guess).status_code == 200
    finally:
        process.terminate()
        process.wait(10)
