"""Customers are handed over as WeCom does it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.wecom_simulator.conftest import CorpInUse
from tests.wecom_simulator.test_samples import differences
from wecom_simulator.testing import running_simulator

EC = "externalcontact/"


def test_customers_of_somebody_who_left_are_listed_and_handed_over(corp: CorpInUse, samples: Path) -> None:
    _, friend = corp.friend()
    body = {
        "handover_userid": "linxt",
        "takeover_userid": "chensy",
        "external_userid": [friend["external_userid"], "wm0"],
    }
    assert corp.api(EC + "resigned/transfer_customer", body)["errcode"] == 40097
    corp.sim.delete(f"/sim/corps/{corp.corp_id}/members/linxt")
    listed = corp.api(EC + "get_unassigned_list", {})
    assert [entry["external_userid"] for entry in listed["info"]] == [friend["external_userid"]]
    started = corp.api(EC + "resigned/transfer_customer", body)
    assert [entry["errcode"] for entry in started["customer"]] == [0, 40096]
    corp.sim.post(f"/sim/corps/{corp.corp_id}/transfers", {"external_userid": friend["external_userid"]})
    result = corp.api(EC + "resigned/transfer_result", body)
    assert [entry["status"] for entry in result["customer"]] == [1]
    for name, answer in (
        ("get_unassigned_list", listed),
        ("resigned.transfer_customer", started),
        ("resigned.transfer_result", result),
    ):
        sample = json.loads((samples / "json" / f"externalcontact.{name}.response.json").read_text(encoding="utf-8"))
        assert differences(answer, sample) == []
    shown = corp.api(EC + f"get?external_userid={friend['external_userid']}")["follow_user"]
    assert [(entry["userid"], entry["add_way"]) for entry in shown] == [("chensy", 202)]
    come, gone = corp.events()[:2]
    assert (come["change_type"], gone["change_type"]) == ("add_external_contact", "del_external_contact")
    assert gone["fields"]["Source"] == "DELETE_BY_TRANSFER"


def test_a_customer_may_refuse_and_is_not_asked_a_third_time(corp: CorpInUse) -> None:
    _, friend = corp.friend()
    body = {"handover_userid": "linxt", "takeover_userid": "chensy", "external_userid": [friend["external_userid"]]}
    for _ in range(2):
        assert corp.api(EC + "transfer_customer", body)["customer"][0]["errcode"] == 0
        assert corp.api(EC + "transfer_customer", body)["customer"][0]["errcode"] == 40129
        refused = {"external_userid": friend["external_userid"], "accept": False}
        corp.sim.post(f"/sim/corps/{corp.corp_id}/transfers", refused)
    assert corp.events()[0]["fields"]["FailReason"] == "customer_refused"
    assert corp.api(EC + "transfer_customer", body)["customer"][0]["errcode"] == 40128
    assert [entry["status"] for entry in corp.api(EC + "transfer_result", body)["customer"]] == [3, 3]


def test_a_transfer_takes_place_after_a_day_by_itself(tmp_path: Path) -> None:
    offset = tmp_path / "offset"
    with running_simulator(tmp_path / "state", LIVECODE_CLOCK_OFFSET_FILE=str(offset)) as sim:
        members = [{"userid": "linxt", "name": "林晓彤"}, {"userid": "chensy", "name": "陈思远"}]
        sim.post("/sim/corps", {"corp_id": "wwA", "secret": "s", "members": members})
        corp = CorpInUse(sim, "wwA", "s", sim.token("wwA", "s"))
        _, friend = corp.friend()
        body = {"handover_userid": "linxt", "takeover_userid": "chensy", "external_userid": [friend["external_userid"]]}
        corp.api(EC + "transfer_customer", body)
        assert corp.api(EC + "transfer_result", body)["customer"][0]["status"] == 2
        offset.write_text("86401", encoding="ascii")
        while sim.get("/sim/time")["offset"] == 0:
            pass
        corp.token = sim.token("wwA", "s")
        assert corp.api(EC + "transfer_result", body)["customer"][0]["status"] == 1
