"""The greeting: once, within twenty seconds, before the chat begins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.wecom_simulator.conftest import CorpInUse
from wecom_simulator.testing import running_simulator

SEND = "externalcontact/send_welcome_msg"
HELLO = {"text": {"content": "您好，我是课程顾问"}}


def _code(corp: CorpInUse) -> str:
    return str(corp.events("add_external_contact")[0]["fields"]["WelcomeCode"])


def test_a_greeting_arrives_once(corp: CorpInUse) -> None:
    person, _ = corp.friend()
    assert corp.api(SEND, {"welcome_code": _code(corp), **HELLO})["errcode"] == 0
    chat = corp.sim.get(f"/sim/customers/{person}")["friends"][0]["messages"]
    assert chat[-1]["text"]["content"] == "您好，我是课程顾问"
    again = corp.api(SEND, {"welcome_code": _code(corp), **HELLO})
    assert (again["errcode"], again["errmsg"]) == (41051, "externaluser has started chatting")


def test_a_greeting_after_the_customer_spoke_is_refused(corp: CorpInUse) -> None:
    person, friend = corp.friend()
    corp.sim.post(f"/sim/customers/{person}/message", {"corp_id": corp.corp_id, "userid": "linxt", "text": "在吗"})
    assert corp.api(SEND, {"welcome_code": _code(corp), **HELLO})["errcode"] == 41051
    assert friend["status"] == "friend"


def test_a_missing_a_strange_and_an_empty_greeting_are_refused(corp: CorpInUse) -> None:
    corp.friend()
    assert corp.api(SEND, HELLO)["errcode"] == 41049
    assert corp.api(SEND, {"welcome_code": "nonsense", **HELLO})["errcode"] == 41050
    assert corp.api(SEND, {"welcome_code": _code(corp)})["errcode"] == 40063


def test_text_and_attachments_have_wecoms_limits(corp: CorpInUse) -> None:
    corp.friend()

    def send(**body: Any) -> int:
        return int(corp.api(SEND, {"welcome_code": _code(corp), **body})["errcode"])

    link = {"msgtype": "link", "link": {"title": "标题", "url": "https://example.com/"}}
    assert send(text={"content": "字" * 1334}) == 40058
    assert send(attachments=[link] * 10) == 41064
    assert send(attachments=[{"msgtype": "music"}]) == 41065
    assert send(attachments=[{"msgtype": "image", "image": {"media_id": "unknown"}}]) == 40007
    assert send(text={"content": "字" * 1333}, attachments=[link]) == 0


def test_twenty_seconds_later_the_code_is_dead(tmp_path: Path) -> None:
    offset = tmp_path / "offset"
    with running_simulator(tmp_path / "state", LIVECODE_CLOCK_OFFSET_FILE=str(offset)) as sim:
        sim.post("/sim/corps", {"corp_id": "wwA", "secret": "s", "members": [{"userid": "linxt", "name": "林晓彤"}]})
        corp = CorpInUse(sim, "wwA", "s", sim.token("wwA", "s"))
        corp.friend()
        offset.write_text("21", encoding="ascii")
        _until_offset(sim, 21)
        assert corp.api(SEND, {"welcome_code": _code(corp), **HELLO})["errcode"] == 41050
        offset.write_text("7300", encoding="ascii")
        _until_offset(sim, 7300)
        assert corp.api("department/list")["errcode"] == 42001


def _until_offset(sim: Any, seconds: int) -> None:
    for _ in range(1000):
        if sim.get("/sim/time")["offset"] == seconds:
            return
    raise AssertionError("the offset file was not read")


def test_no_code_comes_when_wecoms_own_console_greets(corp: CorpInUse) -> None:
    corp.set(members=[{"userid": "linxt", "console_welcome": True}])
    corp.friend()
    assert "WelcomeCode" not in corp.events("add_external_contact")[0]["fields"]


def test_a_greeting_given_while_unconfirmed_is_not_given_again(corp: CorpInUse) -> None:
    person = corp.customer()
    text = corp.qr_text(corp.way(skip_verify=False, state="v1")["config_id"])
    waiting = corp.sim.post(f"/sim/customers/{person}/add", {"text": text})
    assert waiting["status"] == "half"
    half = corp.events("add_half_external_contact")[0]["fields"]
    assert half["State"] == "v1"
    assert corp.api(SEND, {"welcome_code": half["WelcomeCode"], **HELLO})["errcode"] == 0
    external = waiting["external_userid"]
    assert corp.api(f"externalcontact/get?external_userid={external}")["errcode"] == 84061
    corp.sim.post(f"/sim/staff/{corp.corp_id}/linxt/accept", {"external_userid": external})
    assert "WelcomeCode" not in corp.events("add_external_contact")[0]["fields"]
    assert corp.api(f"externalcontact/get?external_userid={external}")["errcode"] == 0
