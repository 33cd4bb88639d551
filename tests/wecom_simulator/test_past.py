"""A seeded past is there for the API and has called nobody back; tenants' own host names lead to this machine."""

from __future__ import annotations

from tests.wecom_simulator.conftest import CorpInUse
from tests.wecom_simulator.console import Console
from wecom_simulator.outgoing import Outgoing


def test_friendships_of_the_past_are_listed_and_told_to_nobody(corp: CorpInUse, console: Console) -> None:
    past = [{"userid": "linxt", "nickname": "阿泽", "createtime": 1_700_000_000, "state": "s", "remark": "阿泽-地铁"}]
    made = corp.sim.post(f"/sim/corps/{corp.corp_id}/friendships", {"friendships": past * 3})["friendships"]
    assert len({entry["external_userid"] for entry in made}) == 3
    shown = corp.api(f"externalcontact/get?external_userid={made[0]['external_userid']}")
    follow = shown["follow_user"][0]
    assert (follow["createtime"], follow["state"], follow["remark"]) == (1_700_000_000, "s", "阿泽-地铁")
    assert shown["external_contact"]["name"] == "阿泽"
    assert corp.events() == []
    assert console.deliveries == []


def test_a_past_with_an_unknown_employee_is_refused(corp: CorpInUse) -> None:
    body = {"friendships": [{"userid": "nobody"}]}
    corp.sim.post(f"/sim/corps/{corp.corp_id}/friendships", body, status=400)


def test_hosts_are_allowed_by_name_by_port_and_by_domain() -> None:
    outgoing = Outgoing(frozenset({"127.0.0.1", "localhost", ".scan.example", "other.example:81"}))
    for url in (
        "http://127.0.0.1:9/",
        "http://zx.localhost:8001/c/a",
        "https://a.scan.example/",
        "http://other.example:81/",
    ):
        assert outgoing.may_open(url), url
    for url in ("http://other.example/", "http://scan.example.evil/", "ftp://127.0.0.1/", "http://evilscan.example/"):
        assert not outgoing.may_open(url), url


def test_a_tenants_own_name_below_localhost_is_this_machine(corp: CorpInUse, console: Console) -> None:
    console.page = "<title>知行教育</title>"
    port = console.url.rpartition(":")[2]
    screen = corp.sim.post(f"/sim/customers/{corp.customer()}/open", {"url": f"http://zx.localhost:{port}/c/a"})
    assert screen["title"] == "知行教育"
    assert console.requests[-1][1]["Host"] == f"zx.localhost:{port}"
