"""What is published from the editor's page is what the very next real scan gets."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from livecode_admin.kernel import clock
from routing.services.slots import friend_added
from routing.services.verify import doors_claim
from tenants.context import tenant_context
from tests.factories import TenantFixture, client_for
from tests.routing.conftest import Edges, new_cookie
from tests.routing.rulestage import address, form_of
from tests.routing.stage import StageCode, live_code, ways_finish

pytestmark = pytest.mark.processes


def publish(code: StageCode, **sent: Any) -> None:
    """Publish rules from the editor's page as the owner."""
    client = client_for(code.tenant.owner)
    answer = client.post(address(code), form_of(client.get(address(code)).content.decode(), **sent))
    assert answer.status_code == 302, answer.content.decode()
    with tenant_context(code.tenant.id):
        ways_finish(clock.now())


def settings(code: StageCode, **sent: str) -> None:
    """Save the company's reception settings from their page."""
    address = f"/t/{code.tenant.slug}/settings/reception/"
    assert client_for(code.tenant.owner).post(address, {"fallback": "page", **sent}).status_code == 302
    with tenant_context(code.tenant.id):
        ways_finish(clock.now())


def closed_now() -> dict[str, str]:
    """Hours of which no window is open at this moment, in the company's zone."""
    local = clock.now().astimezone(ZoneInfo("Asia/Shanghai"))
    hour = (local.hour + 12) % 24
    return {"hours": "weekly"} | {f"hours_{row}": f"{hour:02d}:00-{hour:02d}:30" for row in range(8)}


def test_overflow_off_sends_nobody_to_the_backups(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, backups=1, cap=1)
    publish(code, overflow=None)
    for _ in range(2):
        edges.scan(code.slug)
    assert code.outcomes() == ["assigned", "fallback"]


def test_outside_of_the_codes_hours_the_backups_receive(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, backups=1)
    publish(code, **closed_now())
    edges.scan(code.slug)
    assert code.served() == [1]


def test_a_condition_by_sub_channel_chooses_its_people(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=3)
    publish(code, c1_name="二号点位", c1_subs="m2", c1_people=[f"s{code.staff[2]}"])
    for query in ("?p=m2", "?p=m2", "?p=m3"):
        edges.scan(code.slug, query=query)
    assert code.served() == [2, 2, 0]


def test_least_loaded_goes_by_the_day_instead_of_the_turn(tenant: TenantFixture, edges: Edges) -> None:
    busy = live_code(tenant, roster=2)
    one = live_code(tenant, roster=1, staff=busy.staff[:1])
    for _ in range(3):
        edges.scan(one.slug)
    publish(busy, strategy="least_loaded")
    for _ in range(3):
        edges.scan(busy.slug)
    assert busy.served() == [1, 1, 1]


def test_without_a_sticky_time_the_same_visitor_gets_a_turn_again(tenant: TenantFixture, edges: Edges) -> None:
    code, cookie = live_code(tenant, roster=2), new_cookie()
    edges.scan(code.slug, cookie=cookie)
    publish(code, sticky="0")
    edges.scan(code.slug, cookie=cookie)
    assert code.served() == [0, 1]


def test_the_duty_person_receives_when_all_are_full(tenant: TenantFixture, edges: Edges) -> None:
    code, other = live_code(tenant, roster=1, cap=0), live_code(tenant, roster=1)
    publish(code, duty=str(other.staff[0]))
    edges.scan(code.slug)
    assert code.outcomes() == ["duty"]


def test_the_fallback_code_receives_when_nobody_can(tenant: TenantFixture, edges: Edges) -> None:
    code, other = live_code(tenant, roster=1, cap=0), live_code(tenant, roster=1)
    publish(code, fallback="code", fallback_code=other.slug)
    edges.scan(code.slug)
    assert code.rows("SELECT staff_id FROM routing_scan WHERE code_id = %s", code.code_id) == [(other.staff[0],)]


def test_a_long_queue_leads_to_the_backup(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, backups=1)
    code.rows(
        "INSERT INTO routing_stafflimit (tenant_id, staff_id, daily_cap, peak_threshold, online)"
        " VALUES (%s, %s, 100, 2, true)",
        tenant.id,
        code.staff[0],
    )
    publish(code, peak_overflow="on")
    for _ in range(3):
        edges.scan(code.slug)
    assert code.served() == [0, 0, 1]


def test_turns_by_adds_are_given_again_when_nobody_was_added(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=2)
    publish(code, turns_count="adds", pending="1")
    edges.scan(code.slug)
    code.rows("UPDATE routing_slot SET held_until = taken_at WHERE code_id = %s", code.code_id)
    edges.scan(code.slug)
    assert code.served() == [0, 0]


def test_the_pending_time_of_the_page_is_the_slots(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    publish(code, pending="7")
    edges.scan(code.slug)
    assert code.rows("SELECT pending_seconds FROM routing_slot WHERE code_id = %s", code.code_id) == [(420,)]


def test_asking_for_verification_rewrites_the_contact_ways(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)

    def rewritten() -> set[bool]:
        ways = {way for (way,) in code.rows(
            "SELECT w.id FROM routing_contactway w JOIN routing_seat s ON s.id = w.seat_id WHERE s.code_id = %s",
            code.code_id,
        )}  # fmt: skip
        with tenant_context(tenant.id):
            return {door.skip_verify for door in doors_claim(now=clock.now()) if door.pk in ways}

    assert rewritten() == set()
    publish(code, verify="ask")
    assert rewritten() == {False}


def test_the_companys_duty_person_and_calendar_reach_the_next_scan(tenant: TenantFixture, edges: Edges) -> None:
    code, other = live_code(tenant, roster=1, cap=0), live_code(tenant, roster=1)
    settings(code, duty=str(other.staff[0]))
    edges.scan(code.slug)
    assert code.outcomes() == ["duty"]
    open_code = live_code(tenant, roster=1, backups=1)
    publish(open_code, hours="weekly", **{f"hours_{row}": "全天" for row in range(7)})
    today = clock.local_day(clock.now(), "Asia/Shanghai").isoformat()
    edges.scan(open_code.slug)
    page = f"/t/{tenant.slug}/settings/reception/calendar/"
    client_for(tenant.owner).post(page, {"days": f"{today} 公司假"})
    edges.scan(open_code.slug)
    client_for(tenant.owner).post(page, {"remove": today})
    edges.scan(open_code.slug)
    assert open_code.served() == [0, 1, 0]


def test_a_change_of_person_is_offered_when_the_company_allows_it(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=2)
    assert "换一位" not in edges.scan(code.slug).text
    settings(code, swap_allowed="on")
    assert "换一位" in edges.scan(code.slug).text
    settings(code)


def test_friends_from_outside_fill_the_cap_when_the_company_says_so(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, cap=1)
    ((userid,),) = code.rows("SELECT wecom_userid FROM people_staff WHERE id = %s", code.staff[0])

    def added_from_outside() -> None:
        now = clock.now()
        with tenant_context(tenant.id):
            friend_added(state="", staff_userid=userid, customer_id=1, occurred_at=now, now=now)

    added_from_outside()
    edges.scan(code.slug)
    code.rows("UPDATE routing_staffday SET assigned = 0, late = 0 WHERE staff_id = %s", code.staff[0])
    settings(code, outside_count="on")
    added_from_outside()
    edges.scan(code.slug)
    assert code.outcomes() == ["assigned", "fallback"]


def test_restoring_a_version_is_felt_by_the_next_scan(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, backups=1)
    publish(code, **closed_now())
    edges.scan(code.slug)
    client_for(tenant.owner).post(address(code, "versions/1/"), {"part": ["rules"]})
    edges.scan(code.slug)
    assert code.served() == [1, 0]
