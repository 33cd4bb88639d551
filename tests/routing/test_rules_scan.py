"""Each rule and switch changes a real scan: strategies, turns, caps, overflow, queues, pauses (product.md §2)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from livecode_admin.kernel import clock
from people.services import staff_left
from permissions.models import Member
from routing.rules.traces import trace_read
from routing.services.presence import own_online_set
from routing.services.suspects import suspects_find
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.routing.conftest import Edges, new_cookie, picture_url
from tests.routing.ruling import accept, defaults, later, limits, rules, scan, seats
from tests.routing.stage import StageCode, live_code, rows_of

pytestmark = pytest.mark.processes


def passed(code: StageCode) -> list[str]:
    """Why people were passed over by the last scan, in order."""
    ((trace,),) = code.rows("SELECT trace FROM routing_scan ORDER BY id DESC LIMIT 1")
    return [reason for _, reason in trace_read(trace)]


def test_in_turn_by_position_is_the_default(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=3)
    scan(edges, code, 6)
    assert code.served() == [0, 1, 2] * 2
    assert code.rows("SELECT DISTINCT reason FROM routing_scan") == [("in_turn",)]


def test_by_weight_each_gets_their_share(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=3)
    seats(code, p0={"weight": 5}, p1={"weight": 3}, p2={"weight": 2})
    rules(code, strategy="weighted")
    scan(edges, code, 20)
    assert code.served() == [0, 1, 2, 0, 0, 1, 0, 2, 1, 0] * 2


def test_a_weight_of_zero_gets_nothing(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=2)
    seats(code, p0={"weight": 0})
    rules(code, strategy="weighted")
    scan(edges, code, 3)
    assert (code.served(), passed(code)) == ([1, 1, 1], ["no_weight"])


def test_the_least_loaded_is_served_first(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=2, cap=10)
    limits(code, 1, daily_cap=20)
    rules(code, strategy="least_loaded")
    scan(edges, code, 6)
    assert code.served() == [0, 1, 1, 0, 1, 1]


@pytest.mark.parametrize(("turns_count", "served"), [("adds", [0, 0, 1]), ("assignments", [1, 0, 1])])
def test_turns_count_assignments_or_if_chosen_adds(
    tenant: TenantFixture, edges: Edges, turns_count: str, served: list[int]
) -> None:
    code = live_code(tenant, roster=2)
    if turns_count == "adds":
        rules(code, turns_count=turns_count)
    scan(edges, code, 3)
    accept(code, 1)
    with later(edges, minutes=4):  # both of the first person go back
        scan(edges, code, 3)
    assert code.served()[3:] == served


@pytest.mark.parametrize(("overflow", "outcome"), [(True, "overflow"), (False, "fallback")])
def test_overflow_leads_to_the_backups_or_not(
    tenant: TenantFixture, edges: Edges, overflow: bool, outcome: str
) -> None:
    code = live_code(tenant, roster=1, backups=1, cap=1)
    if not overflow:
        rules(code, overflow=False)
    scan(edges, code, 2)
    assert code.outcomes() == ["assigned", outcome]


def test_the_peak_switch_its_threshold_and_its_window(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, backups=1)
    limits(code, 0, peak_threshold=2)
    scan(edges, code, 3)
    assert code.served() == [0, 0, 0]
    rules(code, peak_overflow=True, peak_window_seconds=120)
    scan(edges, code)
    assert (code.served()[3:], passed(code)) == ([1], ["peak"])
    with later(edges, seconds=130):
        scan(edges, code, 3)
    assert code.served()[4:] == [0, 0, 1]
    limits(code, 0, peak_threshold=50)
    scan(edges, code)
    assert code.served()[7:] == [0]


def test_a_seats_own_cap_holds_below_the_persons(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=2)
    seats(code, p0={"daily_cap": 1})
    scan(edges, code, 3)
    assert (code.served(), passed(code)) == ([0, 1, 1], ["seat_cap"])


def test_a_persons_cap_of_today_is_felt_at_once(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=2)
    scan(edges, code, 2)
    limits(code, 0, daily_cap=1)
    scan(edges, code)
    assert (code.served()[2:], passed(code)) == ([1], ["staff_cap"])


def test_a_seat_that_is_paused_is_passed_over_until_its_hour(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=2)
    seats(code, p0={"paused_until": clock.now() + timedelta(hours=1)})
    scan(edges, code)
    assert (code.served(), passed(code)) == ([1], ["paused"])
    with later(edges, hours=1, minutes=1):
        scan(edges, code)
    assert code.served() == [1, 0]


def test_who_goes_off_line_gets_nothing_until_back(tenant: TenantFixture, edges: Edges) -> None:
    code, access = live_code(tenant, roster=2), tenant.member("receptionist")
    with tenant_context(tenant.id):
        assert Member.objects.filter(pk=access.member_id).exists()
        rows_of(tenant.id, "UPDATE people_staff SET member_id = %s WHERE id = %s", access.member_id, code.staff[0])
        own_online_set(access=access, online=False, now=clock.now())
    scan(edges, code, 2)
    assert (code.served(), passed(code)) == ([1, 1], ["offline"])
    with tenant_context(tenant.id):
        own_online_set(access=access, online=True, now=clock.now())
    scan(edges, code)
    assert code.served() == [1, 1, 0]


def test_who_has_left_gets_nothing(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=2)
    ((userid,),) = code.rows("SELECT wecom_userid FROM people_staff WHERE id = %s", code.staff[0])
    with tenant_context(tenant.id):
        staff_left(wecom_userid=userid, now=clock.now())
    scan(edges, code, 2)
    assert code.served() == [1, 1]


def test_who_looks_full_is_passed_over(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, backups=1)
    scan(edges, code, 20)
    with tenant_context(tenant.id):
        assert suspects_find(now=clock.now() + timedelta(minutes=11)) == code.staff[:1]
    with later(edges, minutes=12):
        scan(edges, code)
    assert (code.served()[20:], passed(code)) == ([1], ["suspect"])


@pytest.mark.parametrize(("sticky", "served"), [(3600, [0, 1]), (86_400, [0, 0])])
def test_the_same_person_within_the_sticky_time_alone(
    tenant: TenantFixture, edges: Edges, sticky: int, served: list[int]
) -> None:
    code, cookie = live_code(tenant, roster=2), new_cookie()
    if sticky != 86_400:
        rules(code, sticky_seconds=sticky)
    scan(edges, code, cookie=cookie)
    with later(edges, hours=2):
        scan(edges, code, cookie=cookie)
    assert code.served() == served


@pytest.mark.parametrize(("pending", "outcome"), [(600, "assigned"), (1800, "fallback")])
def test_a_slot_waits_for_the_friend_for_the_pending_time(
    tenant: TenantFixture, edges: Edges, pending: int, outcome: str
) -> None:
    code, cookie = live_code(tenant, roster=1, cap=1), new_cookie()
    if pending != 1800:
        rules(code, pending_seconds=pending)
    page = edges.scan(code.slug, cookie=cookie)
    with edges.client(cookie=cookie) as client:
        assert client.get(picture_url(page)).status_code == 200
    with later(edges, minutes=11):
        scan(edges, code)
    assert code.outcomes() == ["assigned", outcome]


def test_a_known_friend_is_led_to_the_friend_in_every_code_and_takes_no_slot(
    tenant: TenantFixture, edges: Edges
) -> None:
    code, cookie = live_code(tenant, roster=2), new_cookie()
    scan(edges, code, cookie=cookie)
    accept(code, 0)
    other = live_code(tenant, staff=[code.staff[1], code.staff[0]], roster=2)
    scan(edges, other, cookie=cookie)
    rows = other.rows("SELECT staff_id, reason FROM routing_scan WHERE code_id = %s", other.code_id)
    assert rows == [(code.staff[0], "friend")]
    assert code.rows("SELECT count(*) FROM routing_slot") == [(1,)]


def test_an_estimate_ties_nobody_to_a_friend(tenant: TenantFixture, edges: Edges) -> None:
    code, cookie = live_code(tenant, roster=1), new_cookie()
    scan(edges, code, 3)
    scan(edges, code, cookie=cookie)
    shared = "SELECT count(*) FROM routing_slot s WHERE NOT leased"
    assert code.rows(shared) == [(1,)]
    accept(code, 0, 4)
    stranger = live_code(tenant, roster=1).staff[0]
    other = live_code(tenant, staff=[stranger, code.staff[0]], roster=2)
    scan(edges, other, cookie=cookie)
    assert other.rows("SELECT staff_id, reason FROM routing_scan WHERE code_id = %s", other.code_id) == [
        (stranger, "in_turn")
    ]


def test_switching_the_change_of_person_on_is_felt_at_once(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=2)
    assert "换一位" not in scan(edges, code)[0].text
    defaults(code, swap_allowed=True)
    assert "换一位" in scan(edges, code)[0].text
