"""What a restart keeps, even after kill -9; and the pages that people look at."""

from __future__ import annotations

import json
import time
from pathlib import Path

from tests.wecom_simulator.conftest import CorpInUse
from wecom_simulator.testing import RunningSimulator, running_simulator


def _wait_until_written(path: Path, word: str) -> None:
    until = time.monotonic() + 5
    while time.monotonic() < until:
        if path.exists() and word in path.read_text(encoding="utf-8"):
            return
        time.sleep(0.02)
    raise AssertionError(f"{word} was not written to {path.name}")


def test_corps_ways_customers_and_tags_survive_a_kill(tmp_path: Path) -> None:
    with running_simulator(tmp_path) as sim:
        sim.post("/sim/corps", {"corp_id": "wwA", "secret": "s", "members": [{"userid": "linxt", "name": "林晓彤"}]})
        corp = CorpInUse(sim, "wwA", "s", sim.token("wwA", "s"))
        _, friend = corp.friend()
        added = corp.api("externalcontact/add_corp_tag", {"group_name": "渠道来源", "tag": [{"name": "地铁广告"}]})
        tag = added["tag_group"]["tag"][0]["id"]
        pair = {"userid": "linxt", "external_userid": friend["external_userid"]}
        assert corp.api("externalcontact/mark_tag", {**pair, "add_tag": [tag]})["errcode"] == 0
        sim.client.post("/crm/demo", content=b'{"type":"customer.added"}')
        _wait_until_written(tmp_path / "corps" / "wwA" / "follows.json", tag)
        _wait_until_written(tmp_path / "corps" / "wwA" / "tokens.json", corp.token)
        _wait_until_written(tmp_path / "corps" / "wwA" / "ways.json", "config_id")
        _wait_until_written(tmp_path / "sinks" / "crm.demo.jsonl", "customer.added")
        sim.kill()
        sim.restart()
        shown = corp.api(f"externalcontact/get?external_userid={friend['external_userid']}")
        assert shown["errcode"] == 0, "the token lives on too"
        assert shown["follow_user"][0]["tags"][0]["tag_name"] == "地铁广告"
        ways = corp.api("externalcontact/list_contact_way", {})["contact_way"]
        assert len(ways) == 1
        assert len(sim.get("/sim/crm/demo")["received"]) == 1


def test_every_written_file_is_whole(tmp_path: Path) -> None:
    with running_simulator(tmp_path) as sim:
        sim.post("/sim/corps", {"corp_id": "wwA", "secret": "s"})
        sim.post("/sim/customers", {"count": 500})
        _wait_until_written(tmp_path / "people.json", "p0500")
        sim.kill()
    for path in tmp_path.rglob("*.json"):
        json.loads(path.read_text(encoding="utf-8"))


def test_reset_forgets_everything(tmp_path: Path) -> None:
    with running_simulator(tmp_path) as sim:
        sim.post("/sim/corps", {"corp_id": "wwA", "secret": "s"})
        sim.post("/sim/customers")
        sim.post("/sim/reset")
        assert sim.get("/sim/corps")["corps"] == []
        assert sim.get("/sim/customers")["total"] == 0


def test_a_corp_can_be_saved_again_without_losing_what_it_has(corp: CorpInUse) -> None:
    corp.way()
    corp.set(name="知行教育科技", departments=[{"id": 2, "name": "一组"}])
    found = corp.sim.get(f"/sim/corps/{corp.corp_id}")
    assert found["name"] == "知行教育科技"
    assert found["counts"]["ways"] == 1
    assert len(found["members"]) == 5
    assert [entry["name"] for entry in found["departments"]] == ["知行教育", "一组", "二组"]


def test_every_page_opens(corp: CorpInUse, simulator: RunningSimulator) -> None:
    corp.friend()
    for path in ("/", "/phone", "/events", "/messages", "/mail", "/faults", "/crm/demo", "/static/phone.js"):
        assert simulator.client.get(path).status_code == 200, path
    assert simulator.client.get("/nowhere").status_code == 404
    assert simulator.client.get("/static/../asgi.py").status_code == 404
    assert simulator.client.get(f"/sim/corps/{corp.corp_id}/records/tokens").status_code == 404
