"""Signing in with WeCom: choose a member, come back with a code, and the code says who it was."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx

from tests.wecom_simulator.conftest import CorpInUse

BACK = "http://console.example:8000/login/wecom/"


def _page(corp: CorpInUse, **changes: str) -> httpx.Response:
    query = {"login_type": "CorpApp", "appid": corp.corp_id, "agentid": "1000002", "redirect_uri": BACK, "state": "st8"}
    return corp.sim.client.get("/wwlogin/sso/login", params={**query, **changes})


def _code(corp: CorpInUse) -> str:
    query = {"corp": corp.corp_id, "userid": "linxt", "to": BACK, "state": "st8"}
    location = corp.sim.client.get("/sim/login", params=query).headers["location"]
    assert location.startswith(BACK)
    answered = parse_qs(urlsplit(location).query)
    assert answered["state"] == ["st8"]
    return answered["code"][0]


def test_the_page_offers_active_members_only(corp: CorpInUse) -> None:
    text = _page(corp).text
    assert 'data-testid="login-linxt"' in text
    assert "asleep" not in text


def test_a_code_names_the_member_once(corp: CorpInUse) -> None:
    code = _code(corp)
    assert corp.api(f"auth/getuserinfo?code={code}")["userid"] == "linxt"
    assert corp.api(f"auth/getuserinfo?code={code}")["errcode"] == 42022
    assert corp.api("auth/getuserinfo?code=nonsense")["errcode"] == 40029


def test_a_code_of_another_corp_is_unknown(corp: CorpInUse) -> None:
    code = _code(corp)
    other = f"{corp.corp_id}c"
    corp.sim.post("/sim/corps", {"corp_id": other, "secret": "c"})
    token = corp.sim.token(other, "c")
    assert corp.sim.api(token, f"/cgi-bin/auth/getuserinfo?code={code}")["errcode"] == 40029


def test_a_foreign_redirect_address_is_refused_with_its_port(corp: CorpInUse) -> None:
    corp.set(trusted_hosts=["console.example:8000"])
    assert _page(corp).status_code == 200
    assert _page(corp, redirect_uri="http://console.example:8001/").status_code == 400
    assert _page(corp, redirect_uri="javascript:alert(1)").status_code == 400
    assert _page(corp, agentid="7").status_code == 400
    assert _page(corp, appid="nobody").status_code == 400


def test_the_details_of_the_member_follow_by_ticket(corp: CorpInUse) -> None:
    ticket = corp.api(f"auth/getuserinfo?code={_code(corp)}")["user_ticket"]
    assert corp.api("auth/getuserdetail", {"user_ticket": ticket})["userid"] == "linxt"
