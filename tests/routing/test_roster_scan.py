"""What the roster editor and the caps page set, felt by the next real scan."""

from __future__ import annotations

import re

import pytest

from livecode_admin.kernel import clock
from people.services import group_create
from routing.services.groups import group_people_save, moves_follow
from routing.services.roster import LimitInput, SeatInput, SourceInput, roster_set, staff_limits_save
from routing.services.rules import rule_set
from tenants.context import tenant_context
from tests.factories import TenantFixture, client_for
from tests.routing.conftest import Edges
from tests.routing.stage import StageCode, live_code, ways_finish
from tests.routing.test_editor import form_of, page_of

pytestmark = pytest.mark.processes


def save(code: StageCode, **typed: str) -> None:
    """Send the editor's form with what was typed."""
    client = client_for(code.tenant.owner)
    html = client.get(page_of(code)).content.decode()
    assert client.post(page_of(code), form_of(html, code, **typed)).status_code == 302


def test_a_weight_from_the_editor_changes_who_receives(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=2)
    with tenant_context(tenant.id):
        rule_set(access=code.access, code_id=code.code_id, strategy="weighted", now=clock.now())
    save(code, **{f"weight_{code.staff[0]}": "3"})
    for number in range(8):
        edges.scan(code.slug, number)
    served = code.served()
    assert (served.count(0), served.count(1)) == (6, 2)


def test_hours_from_the_editor_close_a_seat_and_no_other(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=2)
    names = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"]
    other_day = names[(clock.now().weekday() + 3) % 7]
    save(code, **{f"hours_{code.staff[0]}": f"{other_day} 00:00-24:00"})
    for number in range(3):
        edges.scan(code.slug, number)
    assert code.served() == [1, 1, 1]
    save(code, **{f"hours_{code.staff[0]}": "全天"})
    for number in range(2):
        edges.scan(code.slug, number)
    assert set(code.served()[3:]) == {0, 1}


def test_a_change_of_a_group_works_from_the_next_scan(tenant: TenantFixture, edges: Edges) -> None:
    code, now = live_code(tenant, roster=3), clock.now()
    a, b, c = code.staff
    with tenant_context(tenant.id):
        team = group_create(access=code.access, name="一组", now=now)
        group_people_save(access=code.access, group_id=team, staff_ids=[b], now=now)
        seats, sources = [SeatInput(a)], [SourceInput("group", team, position=1)]
        roster_set(access=code.access, code_id=code.code_id, seats=seats, sources=sources, now=now)
    for number in range(2):
        edges.scan(code.slug, number)
    client = client_for(tenant.owner)
    url = f"/t/{tenant.slug}/staff/groups/{team}/"
    preview = client.post(url, {"add": str(c)}).content.decode()
    edges.scan(code.slug)
    assert 2 not in code.served()
    sent = {
        name: re.findall(rf'name="{name}" value="([^"]*)"', preview) for name in ("confirm", "stamp", "name", "people")
    }
    client.post(url, sent)
    with tenant_context(tenant.id):
        ways_finish(now)
    for number in range(3):
        edges.scan(code.slug, number)
    assert set(code.served()[3:]) == {0, 1, 2}
    with tenant_context(tenant.id):
        assert moves_follow(access=code.access, now=now) == []


def test_a_peak_threshold_sends_further_customers_to_the_backups(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, backups=1)
    with tenant_context(tenant.id):
        rule_set(access=code.access, code_id=code.code_id, peak_overflow=True, now=clock.now())
        limits = {code.staff[0]: LimitInput(peak_threshold=2)}
        assert staff_limits_save(access=code.access, limits=limits, now=clock.now()) == 1
    for number in range(4):
        edges.scan(code.slug, number)
    assert code.served() == [0, 0, 1, 1]
