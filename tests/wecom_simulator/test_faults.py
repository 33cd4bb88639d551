"""Faults strike the calls they are meant for, and the counters count."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.wecom_simulator.conftest import CorpInUse

PATH = "/cgi-bin/department/list"


@pytest.fixture(autouse=True)
def _no_faults_left(corp: CorpInUse) -> Iterator[None]:
    yield
    corp.sim.delete("/sim/faults")


def _fault(corp: CorpInUse, **fields: object) -> None:
    corp.sim.post("/sim/faults", {"path": "/cgi-bin/department/*", "corp": corp.corp_id, **fields})


def test_an_errcode_strikes_as_often_as_asked(corp: CorpInUse) -> None:
    _fault(corp, kind="errcode", value=45009, times=2)
    assert [corp.api("department/list")["errcode"] for _ in range(4)] == [45009, 45009, 0, 0]


def test_an_errcode_can_strike_every_third_call(corp: CorpInUse) -> None:
    _fault(corp, kind="errcode", value=-1, every_nth=3)
    assert [corp.api("department/list")["errcode"] for _ in range(6)] == [0, 0, -1, 0, 0, -1]


def test_a_fault_is_for_one_corp_and_path_only(corp: CorpInUse) -> None:
    corp.sim.post("/sim/faults", {"path": "/cgi-bin/department/*", "corp": "another", "kind": "http500"})
    assert corp.api("department/list")["errcode"] == 0
    _fault(corp, kind="http500")
    assert corp.api("user/list?department_id=1")["errcode"] == 0
    assert corp.sim.client.get(PATH, params={"access_token": corp.token}).status_code == 500


def test_garbage_is_html_with_200(corp: CorpInUse) -> None:
    _fault(corp, kind="garbage")
    reply = corp.sim.client.get(PATH, params={"access_token": corp.token})
    assert reply.status_code == 200
    assert reply.text.startswith("<html>")


def test_a_dropped_call_ends_in_the_middle(corp: CorpInUse) -> None:
    _fault(corp, kind="drop")
    with pytest.raises(httpx.TransportError):
        corp.api("department/list")


def test_a_hanging_call_outlasts_the_callers_patience(corp: CorpInUse) -> None:
    _fault(corp, kind="hang", times=1)
    with pytest.raises(httpx.ReadTimeout):
        corp.sim.client.get(PATH, params={"access_token": corp.token}, timeout=0.2)
    assert corp.api("department/list")["errcode"] == 0


def test_gettoken_can_fail_too(corp: CorpInUse) -> None:
    corp.sim.post("/sim/faults", {"path": "/cgi-bin/gettoken", "corp": corp.corp_id, "kind": "errcode", "value": -1})
    assert corp.sim.get("/cgi-bin/gettoken", corpid=corp.corp_id, corpsecret=corp.secret)["errcode"] == -1


def test_calls_are_counted_by_corp_and_path(corp: CorpInUse) -> None:
    for _ in range(3):
        corp.api("department/list")
    assert corp.sim.get("/sim/calls", corp=corp.corp_id)["calls"] == {"/cgi-bin/gettoken": 1, PATH: 3}


def test_a_fault_that_cannot_be_is_refused(corp: CorpInUse) -> None:
    corp.sim.post("/sim/faults", {"path": "/cgi-bin/*", "kind": "magic"}, status=400)
    corp.sim.post("/sim/faults", {"kind": "drop"}, status=400)


def test_one_fault_can_be_taken_away(corp: CorpInUse) -> None:
    rule = corp.sim.post("/sim/faults", {"path": "/x", "kind": "drop", "corp": corp.corp_id})
    assert corp.sim.delete(f"/sim/faults/{rule['id']}")["removed"] == 1
    assert rule["id"] not in [entry["id"] for entry in corp.sim.get("/sim/faults")["faults"]]
