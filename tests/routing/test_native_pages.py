"""What does not apply to a native code is not offered, and not taken when it is sent all the same (product.md §1.2)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from routing.selectors import roster_rows
from routing.selectors.compiled import rules_of
from tenants.context import tenant_context
from tests.company import Company
from tests.factories import client_for
from tests.routing.rulestage import form_of as rule_form

LIN, CHEN = "LinXiaoTong", "ChenSiYuan"
QUEUES = ("strategy", "turns_count", "peak_overflow", "peak_window", "pending", "sticky", "conditions", "fallback")


@pytest.fixture
def native(company: Company) -> int:
    """A live native code of two people."""
    return company.code(roster=(LIN, CHEN), delivery="native")


def page_of(company: Company, code_id: int, tail: str) -> str:
    """The address of a page of the code."""
    return f"/t/{company.tenant.slug}/codes/{code_id}/{tail}"


def sent_of(html: str, **changes: Any) -> dict[str, Any]:
    """What the roster editor sends."""
    stamp = re.search(r'name="stamp" value="(\w+)"', html)
    assert stamp is not None
    return {"stamp": stamp[1], "roster": re.findall(r'name="roster" value="(\d+)"', html)} | changes


def test_the_roster_editor_offers_no_weights_but_hours_caps_and_pauses(company: Company, native: int) -> None:
    html = client_for(company.tenant.owner).get(page_of(company, native, "roster/")).content.decode()
    assert re.search(r"weight_|data-weight|data-share|权重</span>|占比</span>", html) is None
    assert "原生活码不分轮次与权重" in html
    for name in ("pause", "seat_cap", "cap", "hours"):
        assert f'name="{name}_{company.staff[LIN]}"' in html


def test_a_hosted_code_s_editor_does(company: Company) -> None:
    hosted = company.code(roster=(LIN, CHEN))
    html = client_for(company.tenant.owner).get(page_of(company, hosted, "roster/")).content.decode()
    assert f'name="weight_{company.staff[LIN]}"' in html


def test_a_weight_that_is_sent_all_the_same_changes_nothing(company: Company, native: int) -> None:
    client = client_for(company.tenant.owner)
    html = client.get(page_of(company, native, "roster/")).content.decode()
    turned = [str(company.staff[name]) for name in (CHEN, LIN)]
    sent = sent_of(html, roster=turned, **{f"weight_{company.staff[LIN]}": "7", f"seat_cap_{company.staff[LIN]}": "9"})
    answer = client.post(page_of(company, native, "roster/"), sent, follow=True)
    assert "接待名单已保存" in answer.content.decode()
    with tenant_context(company.tenant.id):
        rows = roster_rows(company.tenant.owner, native)
    assert [(row.staff_id, row.weight, row.daily_cap) for row in rows] == [
        (company.staff[CHEN], 1, None),
        (company.staff[LIN], 1, 9),
    ]


def test_the_rule_editor_offers_what_wecom_can_keep(company: Company, native: int) -> None:
    html = client_for(company.tenant.owner).get(page_of(company, native, "rules/")).content.decode()
    names = set(re.findall(r'name="(\w+)"', html))
    assert {"overflow", "hours", "duty", "verify", "verify_hours"} <= names
    assert not names & {*QUEUES, "fallback_code"}
    assert "兜底页" not in html
    assert "试算" not in html


def test_rules_that_are_sent_all_the_same_change_nothing(company: Company, native: int) -> None:
    client = client_for(company.tenant.owner)
    html = client.get(page_of(company, native, "rules/")).content.decode()
    sent = rule_form(
        html, strategy="weighted", peak_overflow="on", sticky="1", pending="5", conditions="1", verify="ask"
    )
    sent |= {"c1_name": "点位", "c1_subs": "p1", "c1_people": f"s{company.staff[LIN]}", "fallback": "duty"}
    assert client.post(page_of(company, native, "rules/"), sent).status_code == 302
    with tenant_context(company.tenant.id):
        rules = rules_of(native)
    assert (rules.strategy, rules.peak_overflow, rules.sticky_seconds, rules.pending_seconds) == (
        "in_turn",
        False,
        86_400,
        1800,
    )
    assert (rules.conditions, rules.fallback, rules.skip_verify) == ((), "", False)


def test_trying_a_native_code_s_rules_says_why_it_can_not_be(company: Company, native: int) -> None:
    client = client_for(company.tenant.owner)
    html = client.get(page_of(company, native, "rules/")).content.decode()
    told = client.post(page_of(company, native, "rules/try/"), rule_form(html)).content.decode()
    assert "原生活码由企业微信在名单内分配，不能试算" in told


def test_the_code_s_page_shows_no_queue_no_scans_and_no_scan_page_of_ours(company: Company, native: int) -> None:
    client = client_for(company.tenant.owner)
    html = client.get(page_of(company, native, "")).content.decode()
    for word in ("最近扫码", "测试扫码", "等待</th>", "占比", "试算"):
        assert word not in html
    assert "今日/上限" in html
    assert "企业微信不上报扫码" in client.get(page_of(company, native, "scans/")).content.decode()


def test_trying_a_scan_says_whose_page_it_is(company: Company, native: int) -> None:
    answer = client_for(company.tenant.owner).get(page_of(company, native, "test/"), follow=True)
    assert "原生活码打开的是企业微信的添加页" in answer.content.decode()


def test_on_the_live_page_a_native_code_never_leads_to_a_page_of_ours(company: Company, native: int) -> None:
    html = client_for(company.tenant.owner).get(f"/t/{company.tenant.slug}/live/").content.decode()
    (row,) = re.findall(rf'(?s)<tr data-key="c{native}">.*?</tr>', html)
    assert "企业微信分配" in row
    assert "企业微信不上报扫码" in row
    assert "兜底页" not in row
    assert "现在 0 个活码无人可接待" in html
