"""A leave over all codes is set beside the caps (product.md §2.1), told wherever one stands, and felt at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from livecode_admin.kernel import clock
from permissions.access import Denied
from permissions.selectors import audit_entries
from permissions.services import department_upsert
from routing.services.caps import LimitInput, RosterRefused, staff_limits_save
from tenants.context import tenant_context
from tests.factories import TenantFixture, access_of, client_for
from tests.routing.conftest import Edges
from tests.routing.stage import StageCode, live_code


def last_day() -> str:
    return (clock.now() + timedelta(days=20)).date().isoformat()


def stored(code: StageCode) -> dict[int, bool]:
    rows = code.rows("SELECT staff_id, paused_until IS NOT NULL FROM routing_stafflimit")
    return dict.fromkeys(code.staff, False) | dict(rows)


def send(client: Client, code: StageCode, **typed: str | list[str]) -> tuple[int, str]:
    answer = client.post(f"/t/{code.tenant.slug}/staff/caps/", typed, follow=True)
    return answer.status_code, answer.content.decode()


@pytest.mark.processes
def test_whoever_is_sent_on_leave_receives_in_no_code_and_again_when_it_is_taken_back(
    tenant: TenantFixture, edges: Edges
) -> None:
    one = live_code(tenant, roster=2)
    other, client = live_code(tenant, staff=one.staff), client_for(tenant.owner)
    send(client, one, **{f"leave_{one.staff[0]}": last_day()})
    for code in (one, other):
        for number in range(3):
            edges.scan(code.slug, number)
        assert code.served()[:3] == [1, 1, 1]
    send(client, one, **{f"leave_{one.staff[0]}": ""})
    for number in range(3, 7):
        edges.scan(one.slug, number)
    assert 0 in one.served()[3:]


def test_a_leave_is_told_beside_the_person_in_roster_editor_code_and_live_pages(tenant: TenantFixture) -> None:
    code, client, until = live_code(tenant, roster=2), client_for(tenant.owner), last_day()
    home = f"/t/{tenant.slug}"
    assert "位客服的设置" in send(client, code, **{f"leave_{code.staff[0]}": until})[1]
    for path in (f"codes/{code.code_id}/", f"codes/{code.code_id}/roster/", "live/"):
        assert f"休假至 {until}" in client.get(f"{home}/{path}").content.decode(), path
    assert f'name="leave_{code.staff[0]}" value="{until}"' in client.get(f"{home}/staff/caps/").content.decode()
    with tenant_context(tenant.id):
        (entry, *_) = audit_entries(tenant.owner, "staff", code.staff[0])
    assert (entry.action, [change.name for change in entry.changes]) == ("staff.leave_changed", ["paused_until"])


def test_a_selection_goes_on_leave_at_once_and_the_others_stay(tenant: TenantFixture) -> None:
    code, client = live_code(tenant, roster=3), client_for(tenant.owner)
    a, b, c = code.staff
    send(client, code, bulk="1", ids=[str(a), str(b)], all_leave=last_day())
    assert stored(code) == {a: True, b: True, c: False}


@pytest.mark.parametrize(
    ("sent", "error"), [("2020-01-01", "休假应到今天或以后"), ("明天", "休假日期应为"), ("9999-12-31", "休假日期应为")]
)
def test_a_wrong_date_is_told_beside_the_person_and_nothing_is_saved(
    tenant: TenantFixture, sent: str, error: str
) -> None:
    code = live_code(tenant, roster=1)
    (a,) = code.staff
    status, page = send(client_for(tenant.owner), code, **{f"leave_{a}": sent, f"cap_{a}": "7"})
    assert (status, error in page, f'id="error_leave_{a}"' in page) == (422, True, True)
    assert code.rows("SELECT count(*) FROM routing_stafflimit WHERE daily_cap = 7") == [(0,)]


def test_a_leave_that_somebody_else_set_meanwhile_is_told(tenant: TenantFixture) -> None:
    code, client, until = live_code(tenant, roster=1), client_for(tenant.owner), last_day()
    (a,) = code.staff
    send(client, code, **{f"leave_{a}": until})
    tomorrow = (clock.now() + timedelta(days=2)).date().isoformat()
    status, page = send(client, code, **{f"was_leave_{a}": "", f"leave_{a}": tomorrow})
    assert (status, f"刚刚被其他人改为 {until}" in page) == (422, True)
    send(client, code, **{f"was_leave_{a}": "", f"leave_{a}": "", f"cap_{a}": "9"})
    assert stored(code) == {a: True}, "what wasn't touched is left as the other one set it"


def test_who_has_caps_without_rosters_reads_the_leave_and_changes_none(tenant: TenantFixture) -> None:
    code, until = live_code(tenant, roster=1), last_day()
    (a,) = code.staff
    send(client_for(tenant.owner), code, **{f"leave_{a}": until})
    member = tenant.member("system_config")
    client = client_for(member)
    page = client.get(f"/t/{tenant.slug}/staff/caps/").content.decode()
    assert (f'name="leave_{a}"' in page, until in page) == (False, True)
    send(client, code, **{f"leave_{a}": ""})
    assert stored(code) == {a: True}
    with tenant_context(tenant.id), pytest.raises(Denied):
        staff_limits_save(access=member, limits={a: LimitInput(paused_until=None)}, now=clock.now())


def test_a_lead_sends_only_the_own_department_on_leave_and_nobody_into_the_past(tenant: TenantFixture) -> None:
    code, now = live_code(tenant, roster=1), clock.now()
    (a,) = code.staff
    with tenant_context(tenant.id):
        other = department_upsert(access=tenant.owner, name="二部", parent_id=tenant.department_id, now=now)
    lead = access_of(tenant, tenant.add_member(["reception_lead"], department_id=other), now)
    with tenant_context(tenant.id):
        with pytest.raises(Denied):
            staff_limits_save(access=lead, limits={a: LimitInput(paused_until=now + timedelta(days=1))}, now=now)
        with pytest.raises(RosterRefused):
            staff_limits_save(access=tenant.owner, limits={a: LimitInput(paused_until=now)}, now=now)
    assert stored(code) == {a: False}
