"""Callbacks: encrypted, signed, tried four times, and spoilt on request."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.wecom_simulator.conftest import CorpInUse
from tests.wecom_simulator.console import Console
from wecom_simulator.forgery import MODES


def test_an_add_arrives_signed_encrypted_and_in_wecoms_envelope(corp: CorpInUse, console: Console) -> None:
    _, friend = corp.friend(state="lc_17")
    delivery = console.wait(bool)[0]
    assert (delivery.signed, delivery.receiver) == (True, corp.corp_id)
    fields = delivery.fields
    assert list(fields)[:6] == ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Event", "ChangeType"]
    assert (fields["ToUserName"], fields["FromUserName"], fields["MsgType"]) == (corp.corp_id, "sys", "event")
    assert (fields["Event"], fields["ChangeType"]) == ("change_external_contact", "add_external_contact")
    assert (fields["UserID"], fields["ExternalUserID"]) == ("linxt", friend["external_userid"])
    assert fields["State"] == "lc_17"
    assert fields["WelcomeCode"]


def test_the_address_check_wants_the_plain_echo(corp: CorpInUse, console: Console) -> None:
    assert corp.sim.post(f"/sim/corps/{corp.corp_id}/verify-url")["ok"] is True
    corp.set(callback_url=f"{console.url}/elsewhere")
    assert corp.sim.post(f"/sim/corps/{corp.corp_id}/verify-url")["ok"] is False


def test_a_failing_address_is_tried_four_times(corp: CorpInUse, console: Console) -> None:
    console.statuses = [500, 503, 404]
    corp.friend()
    assert len(console.wait(lambda seen: len(seen) == 4)) == 4
    _until(corp, "delivered")
    assert [attempt["status"] for attempt in corp.events()[0]["attempts"]] == [500, 503, 404, 200]


def test_after_four_failures_the_event_is_lost(corp: CorpInUse, console: Console) -> None:
    console.statuses = [500] * 9
    corp.friend()
    _until(corp, "failed")
    assert len(console.deliveries) == 4
    assert len(console.statuses) == 5


def _until(corp: CorpInUse, state: str) -> None:
    for _ in range(2000):
        if corp.events() and corp.events()[0]["state"] == state:
            return
    raise AssertionError(corp.events())


def test_a_callback_can_be_sent_many_times_at_once(corp: CorpInUse, console: Console) -> None:
    fields = {"UserID": "linxt", "ExternalUserID": "wmX", "State": "s"}
    body = {"change_type": "add_external_contact", "fields": fields, "count": 4}
    answer = corp.sim.post(f"/sim/corps/{corp.corp_id}/callback", body)
    assert [attempt["status"] for attempt in answer["attempts"]] == [200] * 4
    assert len({tuple(delivery.fields.items()) for delivery in console.deliveries}) == 1


def test_a_corp_can_have_every_event_sent_twice(corp: CorpInUse, console: Console) -> None:
    corp.set(duplicates=2)
    corp.friend()
    seen = console.wait(lambda deliveries: len(deliveries) == 2)
    assert seen[0].fields == seen[1].fields


def test_events_can_be_sent_out_of_order(corp: CorpInUse, console: Console) -> None:
    events = [{"change_type": f"c{n}", "fields": {"UserID": "linxt"}} for n in range(8)]
    corp.sim.post(f"/sim/corps/{corp.corp_id}/callback", {"events": events, "shuffle": True})
    assert Counter(delivery.fields["ChangeType"] for delivery in console.deliveries) == {f"c{n}": 1 for n in range(8)}


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "normal"])
def test_a_spoilt_callback_is_spoilt(corp: CorpInUse, console: Console, mode: str) -> None:
    body = {"change_type": "add_external_contact", "fields": {"UserID": "linxt"}, "mode": mode}
    corp.sim.post(f"/sim/corps/{corp.corp_id}/callback", body)
    delivery = console.deliveries[0]
    if mode == "forge_signature":
        assert (delivery.signed, delivery.receiver) == (False, corp.corp_id)
    elif mode == "wrong_receiver":
        assert (delivery.signed, delivery.receiver) == (True, f"ww{corp.corp_id[::-1]}")
    elif mode == "oversize":
        assert delivery.size > 1_000_000
    elif mode == "doctype":
        assert delivery.signed
    else:
        assert delivery.fields == {}


def test_an_event_can_be_sent_again_as_it_was(corp: CorpInUse, console: Console) -> None:
    corp.friend()
    console.wait(bool)
    event = corp.events()[0]
    corp.sim.post(f"/sim/corps/{corp.corp_id}/events/{event['id']}/resend")
    seen = console.wait(lambda deliveries: len(deliveries) == 2)
    assert seen[0].fields == seen[1].fields


def test_changes_of_the_contact_list_are_told_when_asked(corp: CorpInUse, console: Console) -> None:
    path = f"/sim/corps/{corp.corp_id}"
    corp.sim.post(f"{path}/members", {"userid": "new", "name": "郑文博", "department": [2, 3], "notify": True})
    corp.sim.post(f"{path}/departments", {"id": 9, "name": "三组", "notify": True})
    corp.sim.delete(f"{path}/members/linxt")
    seen = console.wait(lambda deliveries: len(deliveries) == 3)
    told = {delivery.fields["ChangeType"]: delivery.fields for delivery in seen}
    assert told["create_user"]["Department"] == "2,3"
    assert told["create_party"]["Name"] == "三组"
    assert told["delete_user"]["UserID"] == "linxt"
    assert corp.api("user/get?userid=linxt")["errcode"] == 60111
    assert "linxt" not in corp.api("externalcontact/get_follow_user_list")["follow_user"]


def test_a_group_joined_by_code_is_told_and_listed(corp: CorpInUse, console: Console) -> None:
    chat = corp.sim.post(f"/sim/corps/{corp.corp_id}/chats", {"name": "客户群", "owner": "linxt"})["chat_id"]
    body = {"scene": 2, "chat_id_list": [chat], "state": "g1"}
    config_id = corp.api("externalcontact/groupchat/add_join_way", body)["config_id"]
    way = corp.sim.get(f"/sim/corps/{corp.corp_id}/records/join_ways")["join_ways"][0]
    text = f"https://work.weixin.qq.com/gm/{way['vcode']}"
    assert corp.sim.post(f"/sim/customers/{corp.customer()}/join", {"text": text})["chat_id"] == chat
    details = corp.api("externalcontact/groupchat/get", {"chat_id": chat})["group_chat"]
    assert details["member_list"][1]["state"] == "g1"
    seen = console.wait(lambda deliveries: len(deliveries) == 2)
    update = next(delivery.fields for delivery in seen if delivery.fields["ChangeType"] == "update")
    assert (update["UpdateDetail"], update["CurMemVer"]) == ("add_member", details["member_version"])
    assert config_id == way["config_id"]
