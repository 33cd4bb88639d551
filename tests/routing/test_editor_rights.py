"""Each field of a code has its own capability (field_capabilities.csv): the editors open for whoever holds one."""

from __future__ import annotations

import re
from typing import Any

import pytest

from codes.services import code_create
from livecode_admin.kernel import clock
from permissions.access import Denied
from routing.models import Snapshot
from routing.selectors import roster_rows
from routing.selectors.compiled import rules_of
from routing.services.roster import SeatInput, roster_set
from tenants.context import tenant_context
from tests.factories import TenantFixture, client_for
from tests.routing.rulestage import address
from tests.routing.rulestage import form_of as rules_form
from tests.routing.stage import StageCode, live_code
from tests.routing.test_editor import form_of, order, page_of


def seat(code: StageCode, place: int = 0) -> Any:
    """The stored seat of that person."""
    with tenant_context(code.tenant.id):
        return next(row for row in roster_rows(code.access, code.code_id) if row.staff_id == code.staff[place])


def test_rules_and_caps_of_seats_are_set_without_the_right_to_change_the_roster(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2, cap=30)
    client, first = client_for(tenant.member("system_config")), code.staff[0]
    html = client.get(page_of(code)).content.decode()
    typed = {f"weight_{first}": "4", f"hours_{first}": "工作日 9-18", f"seat_cap_{first}": "9", f"cap_{first}": "12"}
    for name in typed:
        assert f'name="{name}"' in html
    assert client.post(page_of(code), form_of(html, code, **typed)).status_code == 302
    row = seat(code)
    assert (row.weight, row.daily_cap, row.cap, row.hours is None) == (4, 9, 12, False)


def test_people_order_and_pauses_are_text_to_them_and_refused_when_sent(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=3)
    client = client_for(tenant.member("system_config"))
    html = client.get(page_of(code)).content.decode()
    assert re.search(r'name="(add|add_to|act|pause_\d+)"', html) is None
    assert "只有持有「调整接待名单」权限的人能增减客服、排序与暂停" in html
    first, second, third = map(str, code.staff)
    for beyond in (
        {"roster": [second, first, third]},
        {"roster": [first, second], "backups": [third]},
        {f"pause_{first}": "2099-01-01"},
        {"act": f"remove:{third}"},
        {"add": [third]},
    ):
        sent = form_of(html, code, **beyond)
        assert client.post(page_of(code), sent | {f"weight_{first}": "2"}).status_code == 403, beyond
    assert order(code) == [0, 1, 2]
    row = seat(code)
    assert (row.weight, row.paused_until, row.is_backup) == (1, None, False)


@pytest.mark.parametrize(
    ("bundle", "refused"),
    [
        ("system_config", [{"position": 5}, {"is_backup": True}, {"paused_until": 1}]),
        ("reception_lead", [{"weight": 2}, {"hours": None, "weight": 7}]),
        ("campaign_ops", [{"daily_cap": 3}, {"weight": 2}]),
        ("data_analyst", [{}]),
    ],
)
def test_the_service_checks_each_field_of_a_seat(
    tenant: TenantFixture, bundle: str, refused: list[dict[str, Any]]
) -> None:
    code, now = live_code(tenant, roster=2), clock.now()
    member = tenant.member(bundle)
    for change in refused:
        fields: dict[str, Any] = {"position": 1}
        fields |= {name: now.replace(year=2099) if name == "paused_until" else value for name, value in change.items()}
        seats = [SeatInput(code.staff[0], **fields), SeatInput(code.staff[1], position=2)]
        with tenant_context(tenant.id), pytest.raises(Denied):
            roster_set(access=member, code_id=code.code_id, seats=seats, now=now)
    assert order(code) == [0, 1]


def test_the_way_to_the_editor_stands_on_the_codes_page_for_them(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1)
    page = f"/t/{tenant.slug}/codes/{code.code_id}/"
    told = client_for(tenant.member("system_config")).get(page).content.decode()
    assert "席位设置" in told
    assert f"codes/{code.code_id}/roster/" in told
    assert f"codes/{code.code_id}/roster/" not in client_for(tenant.member("data_analyst")).get(page).content.decode()


def test_whoever_edits_codes_changes_the_fallback_and_it_is_published(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1)
    client = client_for(tenant.member("campaign_ops"))
    assert "修改兜底" in client.get(f"/t/{tenant.slug}/codes/{code.code_id}/").content.decode()
    html = client.get(address(code)).content.decode()
    assert 'name="fallback"' in html
    assert re.search(r'name="(strategy|overflow|pending|hours|conditions|duty|verify|try_at)"', html) is None
    assert "平均分配(按序号轮询)" in html
    assert "只有持有「修改分流规则」权限的人能修改" in html
    assert client.post(address(code), rules_form(html, fallback="page")).status_code == 403
    stamp = re.search(r'name="stamp" value="(\w+)"', html)
    assert stamp is not None
    sent = {"stamp": stamp[1], "fallback": "page", "fallback_code": "", "act": "publish"}
    review = client.post(address(code), sent | {"act": "review"}).content.decode()
    assert "企业兜底页" in review
    assert "规则已发布为第 2 版" in client.post(address(code), sent, follow=True).content.decode()
    with tenant_context(tenant.id):
        kept = rules_of(code.code_id)
        assert Snapshot.objects.filter(code=code.code_id).latest("version").data["fallback"] == "page"
    assert (kept.fallback, kept.pending_seconds, kept.strategy) == ("page", 1800, "in_turn")


def test_a_native_code_has_no_fallback_to_change(tenant: TenantFixture) -> None:
    member = tenant.member("campaign_ops")
    with tenant_context(tenant.id):
        code_id = code_create(
            access=member, now=clock.now(), name="原生", purpose="service", purpose_text="售后", delivery="native"
        )
    client = client_for(member)
    assert "修改兜底" not in client.get(f"/t/{tenant.slug}/codes/{code_id}/").content.decode()
    assert client.get(f"/t/{tenant.slug}/codes/{code_id}/rules/").status_code == 403


def test_trying_out_stays_with_those_who_change_rules(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1)
    client = client_for(tenant.member("campaign_ops"))
    assert client.post(address(code, "rules/try/"), {}).status_code == 403
