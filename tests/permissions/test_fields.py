"""A field that a member's page doesn't have is refused when it is sent all the same: 403, and nothing is saved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client

from codes.selectors import codes_visible
from livecode_admin.kernel import clock
from people.selectors import staff_cards
from permissions.selectors import audit_entries
from reception.selectors import templates, welcome_of_code
from reception.services.library import welcome_templates_install
from routing.models import ReceptionDefault, RoutingRule, Seat, StaffLimit
from tenants.context import tenant_context
from tests.factories import TenantFixture, client_for
from tests.routing.stage import StageCode, live_code

RULES: Mapping[str, str] = {
    "strategy": "weighted",
    "turns_count": "adds",
    "overflow": "on",
    "peak_overflow": "on",
    "peak_window": "9",
    "pending": "9",
    "sticky": "9",
    "duty": "1",
    "verify": "ask",
    "hours": "always",
    "hours_0": "9-18",
    "verify_hours": "weekly",
    "verify_hours_3": "9-18",
    "conditions": "1",
    "c1_name": "我的",
}


def kept(code: StageCode) -> list[Any]:
    """All that rules, rosters and caps say in this company."""
    with tenant_context(code.tenant.id):
        tables = (Seat, RoutingRule, StaffLimit, ReceptionDefault)
        rows = [list(table.objects.order_by("pk").values()) for table in tables]
        return [*rows, [entry.action for entry in audit_entries(code.access, "code", code.code_id)]]


def page(code: StageCode, tail: str) -> str:
    """An address of the code."""
    return f"/t/{code.tenant.slug}/codes/{code.code_id}/{tail}"


def stamp_of(html: str) -> dict[str, str]:
    """What the editor was opened with."""
    found = re.search(r'name="stamp" value="(\w+)"', html)
    assert found is not None
    return {"stamp": found[1]}


def refused(client: Client, code: StageCode, url: str, data: Mapping[str, Any]) -> None:
    """Plain and as htmx asks: 403 with nothing saved."""
    before = kept(code)
    for headers in ({}, {"HX-Request": "true"}):
        assert client.post(url, dict(data), headers=headers).status_code == 403, (url, data)
    assert kept(code) == before


@pytest.mark.parametrize("field", ["cap_", "seat_cap_", "weight_", "hours_"])
def test_a_roster_without_rules_and_caps_takes_neither(tenant: TenantFixture, field: str) -> None:
    code = live_code(tenant, roster=2, cap=30)
    client = client_for(tenant.member("campaign_ops"))
    html = client.get(page(code, "roster/")).content.decode()
    assert re.search(r'name="(seat_)?(cap|weight|hours)_', html) is None
    turned = {"roster": [str(code.staff[1]), str(code.staff[0])]}
    for opened in (stamp_of(html), {"stamp": "0"}, {"stamp": "0", "over": stamp_of(html)["stamp"]}):
        refused(client, code, page(code, "roster/"), opened | turned | {f"{field}{code.staff[0]}": "7"})


@pytest.mark.parametrize("field", sorted(RULES))
def test_each_rule_is_refused_to_whoever_changes_the_fallback_alone(tenant: TenantFixture, field: str) -> None:
    code = live_code(tenant, roster=1)
    client = client_for(tenant.member("campaign_ops"))
    html = client.get(page(code, "rules/")).content.decode()
    assert f'name="{field}"' not in html
    sent = {**stamp_of(html), "fallback": "page", field: RULES[field]}
    for act in ("publish", "review", "add", "edit"):
        refused(client, code, page(code, "rules/"), sent | {"act": act})
    refused(client, code, page(code, "rules/"), sent | {"stamp": "0", "act": "publish"})
    refused(client, code, page(code, "rules/try/"), sent)


@pytest.mark.parametrize("name", ["cap", "peak", "leave"])
def test_limits_over_all_codes_are_refused_without_their_page(tenant: TenantFixture, name: str) -> None:
    code = live_code(tenant, roster=1, cap=30)
    first, url = code.staff[0], f"/t/{tenant.slug}/staff/caps/"
    client = client_for(tenant.member("campaign_ops"))
    assert client.get(url).status_code == 403
    value = "2099-01-01" if name == "leave" else "7"
    refused(client, code, url, {f"{name}_{first}": value})
    refused(client, code, url, {"bulk": "1", "ids": [str(first)], f"all_{name}": value})


def test_a_leave_needs_the_roster_even_on_the_page_of_caps(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1, cap=30)
    client, first = client_for(tenant.member("system_config")), code.staff[0]
    url = f"/t/{tenant.slug}/staff/caps/"
    assert "all_leave" not in client.get(url).content.decode()
    refused(client, code, url, {f"cap_{first}": "5", f"leave_{first}": "2099-01-01"})
    refused(client, code, url, {"bulk": "1", "ids": [str(first)], "all_cap": "5", "all_leave": "2099-01-01"})


@pytest.mark.parametrize(("bundle", "part"), [("campaign_ops", "rules"), ("system_config", "roster")])
def test_restoring_a_part_that_one_may_not_change_is_refused(tenant: TenantFixture, bundle: str, part: str) -> None:
    code = live_code(tenant, roster=1)
    client = client_for(tenant.member(bundle))
    for parts in ([part], ["rules", "roster"]):
        refused(client, code, page(code, "versions/1/"), {"part": parts})


@pytest.mark.parametrize("field", ["fallback", "fallback_code"])
def test_the_companys_fallback_needs_the_companys_settings(tenant: TenantFixture, field: str) -> None:
    code = live_code(tenant, roster=1)
    client, url = client_for(tenant.member("ops_director")), f"/t/{tenant.slug}/settings/reception/"
    html = client.get(url).content.decode()
    assert 'name="fallback"' not in html
    refused(client, code, url, {**stamp_of(html), "duty": "", "swap_allowed": "on", field: "page"})


@pytest.mark.parametrize("bundle", ["campaign_ops", "intern"])
def test_a_preset_greeting_comes_without_free_text(tenant: TenantFixture, bundle: str) -> None:
    code, member = live_code(tenant, roster=1), tenant.member(bundle)
    with tenant_context(tenant.id):
        welcome_templates_install(now=clock.now())
        (template, *_) = templates(tenant.owner)
        codes_visible(tenant.owner).filter(pk=code.code_id).update(owner_id=member.member_id)
    client, url = client_for(member), page(code, "welcome/")
    assert 'name="text"' not in client.get(url).content.decode()
    refused(client, code, url, {"template": template.pk, "text": "我自己写的"})
    with tenant_context(tenant.id):
        assert welcome_of_code(tenant.owner, code.code_id) is None
    assert client.post(url, {"template": template.pk}).status_code == 302
    with tenant_context(tenant.id):
        chosen = welcome_of_code(tenant.owner, code.code_id)
    assert chosen is not None
    assert chosen.text == template.text


@pytest.mark.parametrize("bundle", ["data_analyst", "receptionist", "intern"])
def test_whoever_changes_nothing_finds_every_way_shut(tenant: TenantFixture, bundle: str) -> None:
    code = live_code(tenant, roster=1)
    with tenant_context(tenant.id):
        codes_visible(tenant.owner).filter(pk=code.code_id).update(owner_id=tenant.member(bundle).member_id)
        assert staff_cards(code.staff)
    client, root = client_for(tenant.member(bundle)), f"/t/{tenant.slug}/"
    sent = {"roster": "1", "fallback": "page", "part": ["roster"], "name": "x", "do": "pause", "confirm": "1"}
    code_ways = ("roster/", "rules/", "versions/1/", "pause/", "resume/", "retire/", "renew/")
    ways = ["codes/new/", "codes/batch/", "folders/", "channels/", "staff/caps/", "staff/groups/", "tags/"]
    ways += ["welcomes/new/", "settings/reception/", "settings/reception/calendar/", "settings/domains/", "crm/save/"]
    for url in [page(code, tail) for tail in code_ways] + [root + tail for tail in ways]:
        refused(client, code, url, sent | {"ids": [code.code_id], "months": "3"})
