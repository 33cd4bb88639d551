"""Signing in by scanning with WeCom: against the simulator, with everything that can go wrong told plainly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.db import connection
from django.test import Client, override_settings

from livecode_admin.kernel import clock
from permissions.access import Access
from permissions.models import Member, Newcomer, SignIn
from permissions.services import member_add, member_identify
from tenants.context import tenant_context
from tests.company import Company
from tests.factories import TenantFixture


@pytest.fixture(autouse=True)
def at_the_simulator(company: Company) -> Iterator[None]:
    with override_settings(WECOM_LOGIN_URL=company.sim.url):
        yield


def named(company: Company, bundle: str, userid: str = "LinXiaoTong") -> Access:
    """A member who is this person in the company's WeCom."""
    access = company.tenant.owner if bundle == "owner" else company.tenant.member(bundle)
    with tenant_context(company.tenant.id):
        member_identify(
            access=company.tenant.owner, member_id=access.member_id or 0, wecom_userid=userid, now=clock.now()
        )
    return access


def scan(client: Client, company: Company, userid: str = "LinXiaoTong", **query: str) -> str:
    """Leave for WeCom's page, choose who scans there; where the browser is sent back to."""
    out = client.get(f"/login/wecom/{company.tenant.slug}/", query)
    page = httpx.get(out["Location"], trust_env=False)
    assert page.status_code == 200, page.text
    left = parse_qs(urlsplit(out["Location"]).query)
    choice = {"corp": company.corp_id, "userid": userid, "to": left["redirect_uri"][0], "state": left["state"][0]}
    back = httpx.get(f"{company.sim.url}/sim/login", params=choice, trust_env=False).headers["location"]
    parts = urlsplit(back)
    return f"{parts.path}?{parts.query}"


def told(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.content.decode()


def test_a_member_scans_and_is_where_they_were_going(company: Company) -> None:
    member = named(company, "campaign_ops")
    client, home = Client(), f"/t/{company.tenant.slug}/"
    answer = client.get(scan(client, company, next=f"{home}codes/"))
    assert (answer.status_code, answer["Location"]) == (302, f"{home}codes/")
    assert client.get(f"{home}codes/").status_code == 200
    assert SignIn.objects.get(user_id=member.user_id or 0).method == "wecom"


def test_the_second_factor_is_still_owed(company: Company) -> None:
    named(company, "system_config")
    client = Client()
    assert client.get(scan(client, company))["Location"].startswith("/account/second-factor/")
    assert client.get(f"/t/{company.tenant.slug}/")["Location"].startswith("/account/second-factor/")


def test_the_code_of_the_second_factor_is_still_asked_for(company: Company) -> None:
    from tests.permissions.test_second_factor import device

    device(named(company, "campaign_ops").user_id or 0)
    client = Client()
    assert client.get(scan(client, company))["Location"] == "/login/verify/"
    assert client.get(f"/t/{company.tenant.slug}/")["Location"].startswith("/login/")


@pytest.mark.parametrize(("settled", "said"), [(True, "还不是活码控制台的成员"), (False, "待开通")])
def test_who_is_no_member_is_told_so_and_who_waits_whom_to_ask(company: Company, settled: bool, said: str) -> None:
    with tenant_context(company.tenant.id):
        Newcomer.objects.update_or_create(
            tenant_id=company.tenant.id,
            wecom_userid="LinXiaoTong",
            defaults={
                "display_name": "林晓彤",
                "arrived_at": clock.now(),
                "settled_at": clock.now() if settled else None,
            },
        )
    client = Client()
    status, text = told(client.get(scan(client, company)))
    assert (status, said in text) == (403, True)


def test_a_deactivated_member_does_not_get_in(company: Company) -> None:
    member = named(company, "campaign_ops")
    with tenant_context(company.tenant.id):
        Member.objects.filter(pk=member.member_id).update(is_active=False)
    client = Client()
    assert client.get(scan(client, company)).status_code == 403


def test_a_login_that_was_broken_off_in_wecom_is_told(company: Company) -> None:
    client = Client()
    path, _, query = scan(client, company).partition("?")
    status, text = told(client.get(path, {"state": parse_qs(query)["state"][0]}))
    assert (status, "您取消了" in text) == (403, True)


def test_a_code_works_once(company: Company) -> None:
    named(company, "campaign_ops")
    first, second = Client(), Client()
    path, _, query = scan(first, company).partition("?")
    used = parse_qs(query)["code"][0]
    assert first.get(f"{path}?{query}").status_code == 302
    state = parse_qs(urlsplit(scan(second, company)).query)["state"][0]
    status, text = told(second.get(path, {"code": used, "state": state}))
    assert (status, "登录码已用过" in text) == (403, True)


def test_the_state_belongs_to_one_browser_and_is_used_up(company: Company) -> None:
    named(company, "campaign_ops")
    client, stranger = Client(), Client()
    back = scan(client, company)
    assert "不是从这个浏览器开始" in told(stranger.get(back))[1]
    assert "不是从这个浏览器开始" in told(client.get(back.replace("state=", "state=x")))[1]
    assert client.get(back).status_code == 403


def test_a_company_without_wecom_and_an_unknown_one_get_the_same_answer(other_tenant: TenantFixture) -> None:
    pages = [told(Client().get(f"/login/wecom/{slug}/")) for slug in (other_tenant.slug, "nobody")]
    assert pages[0] == pages[1]
    assert pages[0][0] == 403


def test_a_session_by_one_companys_wecom_opens_no_other_company(company: Company, other_tenant: TenantFixture) -> None:
    member = named(company, "campaign_ops")
    with tenant_context(other_tenant.id):
        member_add(
            access=other_tenant.owner,
            user_id=member.user_id or 0,
            display_name="林晓",
            department_id=None,
            bundle_keys=["intern"],
            now=clock.now(),
        )
    client = Client()
    client.get(scan(client, company))
    page = client.post("/account/password/", {"old": "x", "new": "something-long-enough"})
    assert (page.status_code, "请先用密码登录" in page.content.decode()) == (403, True)
    assert client.get(f"/t/{company.tenant.slug}/").status_code == 200
    assert client.get(f"/t/{other_tenant.slug}/")["Location"].startswith("/login/")


def test_wecom_is_asked_outside_of_any_transaction(company: Company) -> None:
    # The one HTTP door refuses to call out of a transaction: that the answer is there shows that there was none.
    named(company, "campaign_ops")
    client = Client()
    assert client.get(scan(client, company)).status_code == 302
    assert not connection.in_atomic_block


def test_one_names_the_company_and_is_led_on_by_a_link() -> None:
    assert "企业标识" in Client().get("/login/wecom/").content.decode()
    page = Client().get("/login/wecom/", {"company": "zhixing", "next": "/t/zhixing/codes/"}).content.decode()
    assert 'href="/login/wecom/zhixing/?next=%2Ft%2Fzhixing%2Fcodes%2F"' in page
    assert "/login/wecom/zhixing/" in Client().get("/login/wecom/?next=/t/zhixing/codes/").content.decode()
