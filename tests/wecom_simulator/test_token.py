"""gettoken and the gate before every API call."""

from __future__ import annotations

from tests.wecom_simulator.conftest import CorpInUse

LIST = "department/list"


def test_the_same_token_is_given_until_it_ends(corp: CorpInUse) -> None:
    first = corp.sim.get("/cgi-bin/gettoken", corpid=corp.corp_id, corpsecret=corp.secret)
    again = corp.sim.get("/cgi-bin/gettoken", corpid=corp.corp_id, corpsecret=corp.secret)
    assert first["access_token"] == again["access_token"]
    assert 7000 < first["expires_in"] <= 7200
    assert len(first["access_token"]) <= 512


def test_refusals_of_gettoken_come_in_the_order_seen_by_probes(corp: CorpInUse) -> None:
    other = f"{corp.corp_id}other"
    corp.sim.post("/sim/corps", {"corp_id": other, "secret": "their-secret"})

    def code(**query: str) -> int:
        return int(corp.sim.get("/cgi-bin/gettoken", **query)["errcode"])

    assert code() == 41004
    assert code(corpid="nobody", corpsecret="x") == 40013
    assert code(corpid=corp.corp_id, corpsecret="x") == 40001
    assert code(corpid=corp.corp_id, corpsecret="their-secret") == 40091


def test_fifty_wrong_secrets_ban_the_caller(corp: CorpInUse) -> None:
    for _ in range(51):
        corp.sim.get("/cgi-bin/gettoken", corpid=corp.corp_id, corpsecret="wrong")
    assert corp.sim.get("/cgi-bin/gettoken", corpid=corp.corp_id, corpsecret=corp.secret)["errcode"] == 45009


def test_a_call_needs_a_living_token_in_the_query(corp: CorpInUse) -> None:
    assert corp.sim.client.get(f"/cgi-bin/{LIST}").json()["errcode"] == 41001
    header = {"Authorization": f"Bearer {corp.token}"}
    assert corp.sim.client.get(f"/cgi-bin/{LIST}", headers=header).json()["errcode"] == 41001
    assert corp.sim.api("nonsense", f"/cgi-bin/{LIST}")["errcode"] == 40014


def test_a_token_can_be_ended_early_in_both_ways(corp: CorpInUse) -> None:
    corp.sim.post(f"/sim/corps/{corp.corp_id}/expire-tokens", {"how": "expired"})
    assert corp.api(LIST)["errcode"] == 42001
    corp.token = corp.sim.token(corp.corp_id, corp.secret)
    assert corp.api(LIST)["errcode"] == 0
    corp.sim.post(f"/sim/corps/{corp.corp_id}/expire-tokens", {"how": "invalid"})
    assert corp.api(LIST)["errcode"] == 40014


def test_calls_over_the_rate_are_refused_for_that_api_only(corp: CorpInUse) -> None:
    corp.set(rate_per_minute=3)
    # Five calls span at most two minutes; one of them has four or more only if three fit the first.
    codes = [corp.api(LIST)["errcode"] for _ in range(8)]
    assert codes[:3] == [0, 0, 0]
    assert codes[-1] == 45009
    assert corp.api("user/list?department_id=1")["errcode"] == 0


def test_a_body_that_is_not_json_is_refused_and_an_unknown_path_is_404(corp: CorpInUse) -> None:
    url = f"/cgi-bin/externalcontact/mark_tag?access_token={corp.token}"
    assert corp.sim.client.post(url, content=b"{").json()["errcode"] == 47001
    assert corp.sim.client.get(f"/cgi-bin/nothing?access_token={corp.token}").status_code == 404


def test_error_texts_carry_a_hint_and_a_link(corp: CorpInUse) -> None:
    text = corp.sim.client.get(f"/cgi-bin/{LIST}").json()["errmsg"]
    assert text.startswith("access_token missing, hint: [")
    assert text.endswith("https://open.work.weixin.qq.com/devtool/query?e=41001")
