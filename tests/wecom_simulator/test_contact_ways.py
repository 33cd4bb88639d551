"""Contact ways and acquisition links refuse what WeCom refuses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.wecom_simulator.conftest import CorpInUse

ADD = "externalcontact/add_contact_way"
LINK = "externalcontact/customer_acquisition/"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"scene": 2, "user": ["linxt"]}, 41037),
        ({"type": 1, "user": ["linxt"]}, 41038),
        ({"type": 3, "scene": 2, "user": ["linxt"]}, 41039),
        ({"type": 1, "scene": 9, "user": ["linxt"]}, 41040),
        ({"type": 1, "scene": 2, "user": ["linxt", "chensy"]}, 40058),
        ({"type": 1, "scene": 2, "user": []}, 40058),
        ({"type": 1, "scene": 2, "user": "linxt"}, 60011),
        ({"type": 1, "scene": 2, "user": ["linxt"], "state": "x" * 31}, 40058),
        ({"type": 1, "scene": 2, "user": ["linxt"], "remark": "备" * 31}, 40058),
        ({"type": 2, "scene": 2}, 41035),
        ({"type": 1, "scene": 2, "user": ["nobody"]}, 40003),
        ({"type": 1, "scene": 2, "user": ["NoContact"]}, 84074),
        ({"type": 1, "scene": 2, "user": ["asleep"]}, 41054),
        ({"type": 1, "scene": 2, "user": ["hidden"]}, 60011),
        ({"type": 2, "scene": 2, "user": ["linxt"], "is_temp": True}, 41035),
    ],
)
def test_a_bad_way_is_refused_and_leaves_nothing(corp: CorpInUse, body: dict[str, Any], code: int) -> None:
    assert corp.api(ADD, body)["errcode"] == code
    assert corp.sim.get(f"/sim/corps/{corp.corp_id}/records/ways")["ways"] == []


def test_a_state_of_thirty_characters_and_a_userid_in_other_letters_are_taken(corp: CorpInUse) -> None:
    made = corp.api(ADD, {"type": 1, "scene": 2, "user": ["LINXT"], "state": "活" * 30})
    assert made["errcode"] == 0


def test_a_way_with_more_than_a_hundred_people_is_refused_even_by_department(corp: CorpInUse) -> None:
    corp.set(members=[{"userid": f"m{n}", "name": f"成员{n}", "department": [3]} for n in range(101)])
    assert corp.api(ADD, {"type": 2, "scene": 2, "party": [3]})["errcode"] == 41041
    users = [f"m{n}" for n in range(100)]
    assert corp.api(ADD, {"type": 2, "scene": 2, "user": users})["errcode"] == 0


def test_a_mini_program_way_has_no_picture(corp: CorpInUse) -> None:
    made = corp.api(ADD, {"type": 1, "scene": 1, "style": 1, "user": ["linxt"]})
    assert "qr_code" not in made


def test_an_update_changes_what_is_sent_and_keeps_the_printed_code(corp: CorpInUse) -> None:
    made = corp.way(state="before", remark="r")
    config_id, text = made["config_id"], corp.qr_text(made["config_id"])
    answer = corp.api("externalcontact/update_contact_way", {"config_id": config_id, "user": ["chensy"]})
    assert answer["errcode"] == 0
    way = corp.api("externalcontact/get_contact_way", {"config_id": config_id})["contact_way"]
    assert (way["user"], way["state"], way["remark"]) == (["chensy"], "before", "r")
    assert corp.qr_text(config_id) == text
    bad = corp.api("externalcontact/update_contact_way", {"config_id": config_id, "user": ["asleep"], "state": "after"})
    assert bad["errcode"] == 41054
    way = corp.api("externalcontact/get_contact_way", {"config_id": config_id})["contact_way"]
    assert way["state"] == "before"


def test_a_deleted_way_is_unknown_and_its_code_dead(corp: CorpInUse) -> None:
    config_id = corp.way()["config_id"]
    text = corp.qr_text(config_id)
    assert corp.api("externalcontact/del_contact_way", {"config_id": config_id})["errcode"] == 0
    assert corp.api("externalcontact/get_contact_way", {"config_id": config_id})["errcode"] == 41044
    refused = corp.sim.post(f"/sim/customers/{corp.customer()}/add", {"text": text}, status=409)
    assert refused["error"] == "该二维码已失效"


def test_ways_are_listed_in_pages_without_temporary_ones(corp: CorpInUse) -> None:
    made = {corp.way()["config_id"] for _ in range(5)}
    corp.way(is_temp=True)
    seen: list[str] = []
    cursor = ""
    while True:
        page = corp.api("externalcontact/list_contact_way", {"limit": 2, "cursor": cursor})
        seen += [entry["config_id"] for entry in page["contact_way"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert set(seen) == made
    assert len(seen) == 5


def test_a_way_of_several_leads_to_each_in_turn(corp: CorpInUse) -> None:
    made = corp.api(ADD, {"type": 2, "scene": 2, "user": ["linxt", "chensy"]})
    text = corp.qr_text(made["config_id"])
    chosen = [corp.sim.post(f"/sim/customers/{corp.customer()}/add", {"text": text})["userid"] for _ in range(4)]
    assert chosen == ["linxt", "chensy", "linxt", "chensy"]


def test_a_link_is_made_used_and_counted(corp: CorpInUse) -> None:
    body = {"link_name": "地铁", "range": {"user_list": ["linxt"], "department_list": []}, "skip_verify": True}
    link = corp.api(LINK + "create_link", body)["link"]
    person = corp.customer()
    channel = "渠" * 30
    added = corp.sim.post(f"/sim/customers/{person}/add", {"text": f"{link['url']}?customer_channel={channel}"})
    assert added["add_way"] == 16
    assert added["state"] == "渠" * 21
    listed = corp.api(LINK + "customer", {"link_id": link["link_id"]})["customer_list"]
    assert listed[0]["state"] == added["state"]
    assert listed[0]["chat_status"] == 0
    assert corp.api("externalcontact/customer_acquisition_quota")["balance"] == 999
    assert [event["change_type"] for event in corp.events()] == ["add_external_contact", "friend_request"]


def test_a_link_without_quota_adds_nobody_and_says_so(corp: CorpInUse) -> None:
    corp.set(quota_balance=1)
    body = {"link_name": "地铁", "range": {"user_list": ["linxt"]}}
    url = corp.api(LINK + "create_link", body)["link"]["url"]
    corp.sim.post(f"/sim/customers/{corp.customer()}/add", {"text": f"{url}?customer_channel=a"})
    refused = corp.sim.post(f"/sim/customers/{corp.customer()}/add", {"text": url}, status=409)
    assert refused["error"] == "链接已失效"
    told = [event["change_type"] for event in corp.events()]
    assert told[:2] == ["link_unavailable", "balance_exhausted"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"link_name": "长" * 31, "range": {"user_list": ["linxt"]}}, 40058),
        ({"link_name": "x", "range": {"user_list": []}}, 40058),
        ({"link_name": "x", "range": {"user_list": ["asleep"]}}, 41054),
        ({"link_name": "x", "range": {"department_list": [99]}}, 60123),
    ],
)
def test_a_bad_link_is_refused(corp: CorpInUse, body: dict[str, Any], code: int) -> None:
    assert corp.api(LINK + "create_link", body)["errcode"] == code
