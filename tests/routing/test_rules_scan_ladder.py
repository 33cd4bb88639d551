"""The last rungs change a real scan: duty person, fallback page, fallback code, and what a closed code does (§2.8)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from codes.services import code_pause, code_resume
from livecode_admin.kernel import clock
from routing.services.slots import friend_added
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.routing.conftest import Edges, new_cookie
from tests.routing.ruling import defaults, later, rules, scan, seats
from tests.routing.stage import StageCode, live_code

pytestmark = pytest.mark.processes


def person(tenant: TenantFixture) -> int:
    """Somebody who can receive and isn't in the code of the test."""
    return live_code(tenant, roster=1).staff[0]


def ends(code: StageCode) -> list[tuple[str, str, int | None]]:
    """(outcome, reason, staff) of each scan of the code in order."""
    return code.rows("SELECT outcome, reason, staff_id FROM routing_scan WHERE code_id = %s ORDER BY id", code.code_id)


def pause(code: StageCode) -> None:
    """停用 the code."""
    with tenant_context(code.tenant.id):
        code_pause(access=code.access, code_id=code.code_id, now=clock.now())


def test_the_codes_own_duty_person_comes_before_the_companys(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, cap=0)
    company, own = person(tenant), person(tenant)
    scan(edges, code)
    defaults(code, duty_staff_id=company)
    scan(edges, code)
    rules(code, duty_staff_id=own)
    scan(edges, code)
    rules(code, duty_staff_id=None)
    scan(edges, code)
    assert [staff for _, _, staff in ends(code)] == [None, company, own, company]
    assert [outcome for outcome, _, _ in ends(code)] == ["fallback", "duty", "duty", "duty"]


def test_the_ladder_in_its_order(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=2, backups=1, cap=1)
    rules(code, conditions=[{"key": 0, "name": "海报", "subs": ["m1"], "staff": [code.staff[1]]}])
    rules(code, duty_staff_id=person(tenant))
    scan(edges, code, 5, sub="m1")
    assert code.rows("SELECT rung, outcome FROM routing_scan ORDER BY id") == [
        (0, "assigned"),
        (1, "assigned"),
        (2, "overflow"),
        (3, "duty"),
        (3, "duty"),
    ]


def test_the_fallback_page_is_the_end_of_every_ladder(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, cap=0)
    (page,) = scan(edges, code)
    assert ends(code) == [("fallback", "fallback", None)]
    assert "/q/" not in page.text
    assert "知行教育" in page.text


def test_a_fallback_code_takes_over_and_its_own_fallback_goes_on(tenant: TenantFixture, edges: Edges) -> None:
    first, second, third = (live_code(tenant, roster=1, cap=cap) for cap in (0, 1, 5))
    rules(first, fallback="code", fallback_code_id=second.code_id)
    rules(second, fallback="code", fallback_code_id=third.code_id)
    pages = scan(edges, first, 2)
    assert ends(first) == [
        ("assigned", "fallback_code", second.staff[0]),
        ("assigned", "fallback_code", third.staff[0]),
    ]
    assert all("/q/" in page.text for page in pages)
    assert first.rows("SELECT code_id FROM routing_slot ORDER BY id") == [(second.code_id,), (third.code_id,)]
    rules(first, fallback="page")
    scan(edges, first)
    assert ends(first)[2] == ("fallback", "fallback", None)


def test_the_companys_fallback_holds_for_codes_that_choose_none(tenant: TenantFixture, edges: Edges) -> None:
    code, other = live_code(tenant, roster=1, cap=0), live_code(tenant, roster=1)
    defaults(code, fallback="code", fallback_code_id=other.code_id)
    scan(edges, code)
    rules(code, fallback="page")
    scan(edges, code)
    assert ends(code) == [("assigned", "fallback_code", other.staff[0]), ("fallback", "fallback", None)]


def test_a_closed_code_leads_to_its_fallback_code(tenant: TenantFixture, edges: Edges) -> None:
    code, other = live_code(tenant, roster=1), live_code(tenant, roster=1)
    rules(code, fallback="code", fallback_code_id=other.code_id)
    pause(code)
    scan(edges, code)
    with tenant_context(tenant.id):
        code_resume(access=code.access, code_id=code.code_id, now=clock.now())
    scan(edges, code)
    assert ends(code) == [("assigned", "fallback_code", other.staff[0]), ("assigned", "in_turn", code.staff[0])]


def test_a_closed_code_may_lead_to_its_duty_person(tenant: TenantFixture, edges: Edges) -> None:
    code, duty = live_code(tenant, roster=1), person(tenant)
    rules(code, duty_staff_id=duty, fallback="duty")
    pause(code)
    scan(edges, code)
    rules(code, fallback="page")
    scan(edges, code)
    assert ends(code) == [("duty", "paused", duty), ("fallback", "paused", None)]


def test_a_code_past_its_end_leads_to_its_fallback(tenant: TenantFixture, edges: Edges) -> None:
    soon = clock.now() + timedelta(days=3)
    code, other = live_code(tenant, roster=1, expires_at=soon), live_code(tenant, roster=1)
    rules(code, fallback="code", fallback_code_id=other.code_id)
    scan(edges, code)
    with later(edges, days=4):
        scan(edges, code)
    assert [staff for _, _, staff in ends(code)] == [code.staff[0], other.staff[0]]


def test_a_closed_fallback_code_is_passed_over(tenant: TenantFixture, edges: Edges) -> None:
    code, other = live_code(tenant, roster=1, cap=0), live_code(tenant, roster=1)
    rules(code, fallback="code", fallback_code_id=other.code_id)
    pause(other)
    scan(edges, code)
    assert ends(code) == [("fallback", "fallback", None)]


def test_a_returning_visitor_goes_elsewhere_once_their_person_is_away(tenant: TenantFixture, edges: Edges) -> None:
    code, cookie = live_code(tenant, roster=2), new_cookie()
    scan(edges, code, 2, cookie=cookie)
    seats(code, p0={"paused_until": clock.now() + timedelta(days=1)})
    scan(edges, code, cookie=cookie)
    assert code.served() == [0, 0, 1]


@pytest.mark.parametrize("counted", [True, False])
def test_friends_from_outside_count_to_the_cap_where_the_company_wants_it(
    tenant: TenantFixture, edges: Edges, counted: bool
) -> None:
    code = live_code(tenant, roster=1, cap=1)
    if counted:
        defaults(code, outside_count=True)
    ((userid,),) = code.rows("SELECT wecom_userid FROM people_staff WHERE id = %s", code.staff[0])
    now = clock.now()
    with tenant_context(tenant.id):
        friend_added(state="", staff_userid=userid, customer_id=1, occurred_at=now, now=now)
    scan(edges, code)
    assert code.outcomes() == ["fallback" if counted else "assigned"]
