"""Customers, remarks and tags through the API."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.wecom_simulator.conftest import CorpInUse

EC = "externalcontact/"


def _tag(corp: CorpInUse, name: str = "地铁广告", group: str = "渠道来源") -> str:
    answer = corp.api(EC + "add_corp_tag", {"group_name": group, "tag": [{"name": name}]})
    return str(answer["tag_group"]["tag"][0]["id"])


def _pair(friend: dict[str, Any]) -> dict[str, str]:
    return {"userid": friend["userid"], "external_userid": friend["external_userid"]}


def test_the_same_person_has_another_id_for_another_corp(corp: CorpInUse) -> None:
    person, friend = corp.friend()
    other = f"{corp.corp_id}b"
    corp.sim.post("/sim/corps", {"corp_id": other, "secret": "b", "members": [{"userid": "x", "name": "x"}]})
    second = corp.sim.post(f"/sim/customers/{person}/add", {"corp_id": other, "userid": "x"})
    assert second["external_userid"] != friend["external_userid"]
    assert second["add_way"] == 3


def test_a_customer_who_left_stays_callable_and_one_who_was_deleted_does_not(corp: CorpInUse) -> None:
    person, friend = corp.friend()
    path = EC + f"get?external_userid={friend['external_userid']}"
    corp.sim.post(f"/sim/customers/{person}/delete", {"corp_id": corp.corp_id, "userid": "linxt"})
    assert corp.api(path)["errcode"] == 0
    assert corp.events()[0]["change_type"] == "del_follow_user"
    corp.sim.post(f"/sim/staff/{corp.corp_id}/linxt/delete", {"external_userid": friend["external_userid"]})
    assert corp.api(path)["errcode"] == 84061
    assert corp.events()[0]["change_type"] == "del_external_contact"


def test_right_after_the_event_the_customer_may_not_be_known_yet(corp: CorpInUse) -> None:
    corp.set(propagation_ms=60_000)
    _, friend = corp.friend()
    assert corp.api(EC + "mark_tag", {**_pair(friend), "add_tag": [_tag(corp)]})["errcode"] == 84061


def test_remarks_have_limits_and_may_not_all_be_missing(corp: CorpInUse) -> None:
    _, friend = corp.friend()
    assert corp.api(EC + "remark", {**_pair(friend), "remark": "备" * 20, "description": "描" * 150})["errcode"] == 0
    assert corp.api(EC + "remark", {**_pair(friend), "remark": "备" * 21})["errcode"] == 40058
    assert corp.api(EC + "remark", {**_pair(friend), "description": "描" * 151})["errcode"] == 40058
    assert corp.api(EC + "remark", _pair(friend))["errcode"] == 40063
    assert corp.api(EC + "remark", {**_pair(friend), "userid": "chensy", "remark": "x"})["errcode"] == 84061
    shown = corp.api(EC + f"get?external_userid={friend['external_userid']}")["follow_user"][0]
    assert shown["remark"] == "备" * 20


def test_customers_of_several_are_read_in_pages(corp: CorpInUse) -> None:
    for _ in range(5):
        corp.friend()
    first = corp.api(EC + "batch/get_by_user", {"userid_list": ["linxt"], "limit": 3})
    rest = corp.api(EC + "batch/get_by_user", {"userid_list": ["linxt"], "limit": 3, "cursor": first["next_cursor"]})
    assert len(first["external_contact_list"]) == 3
    assert len(rest["external_contact_list"]) == 2
    assert rest["next_cursor"] == ""


def test_tags_are_set_taken_away_and_refused(corp: CorpInUse) -> None:
    _, friend = corp.friend()
    tag, second = _tag(corp), _tag(corp, "宣传单")
    assert corp.api(EC + "mark_tag", {**_pair(friend), "add_tag": [tag, second]})["errcode"] == 0
    assert corp.api(EC + "mark_tag", {**_pair(friend), "remove_tag": [tag]})["errcode"] == 0
    shown = corp.api(EC + f"get?external_userid={friend['external_userid']}")["follow_user"][0]["tags"]
    assert [(entry["group_name"], entry["tag_name"], entry["type"]) for entry in shown] == [("渠道来源", "宣传单", 1)]
    assert corp.api(EC + "mark_tag", {**_pair(friend), "add_tag": ["nonsense"]})["errcode"] == 40068
    assert corp.api(EC + "mark_tag", {**_pair(friend), "userid": "chensy", "add_tag": [tag]})["errcode"] == 84061
    assert corp.api(EC + "mark_tag", _pair(friend))["errcode"] == 40063


def test_a_tag_name_is_unique_in_its_group(corp: CorpInUse) -> None:
    tag = _tag(corp)
    assert corp.api(EC + "add_corp_tag", {"group_name": "渠道来源", "tag": [{"name": "地铁广告"}]})["errcode"] == 40071
    twice = {"group_name": "渠道来源", "tag": [{"name": "直播间"}, {"name": "直播间"}]}
    assert len(corp.api(EC + "add_corp_tag", twice)["tag_group"]["tag"]) == 1
    assert corp.api(EC + "edit_corp_tag", {"id": tag, "name": "直播间"})["errcode"] == 40071
    assert corp.api(EC + "add_corp_tag", {"group_name": "x", "tag": [{"name": "长" * 31}]})["errcode"] == 40058


def test_a_group_goes_with_its_last_tag(corp: CorpInUse) -> None:
    _, friend = corp.friend()
    tag = _tag(corp)
    corp.api(EC + "mark_tag", {**_pair(friend), "add_tag": [tag]})
    assert corp.api(EC + "del_corp_tag", {"tag_id": [tag]})["errcode"] == 0
    assert corp.api(EC + "get_corp_tag_list", {})["tag_group"] == []
    shown = corp.api(EC + "get_corp_tag_list", {"tag_id": [tag]})["tag_group"][0]
    assert shown["deleted"] is True
    assert corp.api(EC + f"get?external_userid={friend['external_userid']}")["follow_user"][0]["tags"] == []


def test_too_many_tag_calls_at_once_are_refused(corp: CorpInUse) -> None:
    tag = _tag(corp)
    friends = [corp.friend()[1] for _ in range(12)]

    def mark(friend: dict[str, Any]) -> int:
        return int(corp.api(EC + "mark_tag", {**_pair(friend), "add_tag": [tag]})["errcode"])

    codes: set[int] = set()
    with ThreadPoolExecutor(24) as pool:
        for _ in range(50):
            codes |= set(pool.map(mark, friends * 2))
            if {45033, 45035} <= codes:
                break
    assert {0, 45033, 45035} <= codes
    assert codes <= {0, 45033, 45035}
    assert mark(friends[0]) == 0


def test_changes_by_staff_are_called_back_and_changes_by_the_api_are_not(corp: CorpInUse) -> None:
    _, friend = corp.friend()
    tag = _tag(corp)
    corp.api(EC + "mark_tag", {**_pair(friend), "add_tag": [tag]})
    assert corp.events("edit_external_contact") == []
    body = {"external_userid": friend["external_userid"], "tags": []}
    corp.sim.post(f"/sim/staff/{corp.corp_id}/linxt/edit", body)
    assert len(corp.events("edit_external_contact")) == 1
    corp.sim.post(f"/sim/corps/{corp.corp_id}/tags", {"group": "级别", "name": "高"})
    assert [(event["name"], event["fields"]["TagType"]) for event in corp.events()[:2]] == [
        ("change_external_tag", "tag"),
        ("change_external_tag", "tag_group"),
    ]


def test_behaviour_is_per_day_until_yesterday_and_summed(corp: CorpInUse) -> None:
    day, now = 86_400, int(corp.sim.get("/sim/time")["now"])
    counts = {"chat_cnt": 10, "message_cnt": 30, "replied_cnt": 8, "reply_minutes": 16, "new_contact_cnt": 4}
    rows = [{"userid": user, "day": now - day, **counts} for user in ("linxt", "chensy")]
    corp.sim.post(f"/sim/corps/{corp.corp_id}/behaviour", {"rows": rows})
    body = {"userid": ["linxt", "chensy"], "start_time": now - day, "end_time": now}
    data = corp.api(EC + "get_user_behavior_data", body)["behavior_data"]
    assert len(data) == 1
    assert (data[0]["chat_cnt"], data[0]["reply_percentage"], data[0]["avg_reply_time"]) == (20, 80.0, 2.0)
    far = {"userid": ["linxt"], "start_time": now - 200 * day, "end_time": now - 190 * day}
    assert corp.api(EC + "get_user_behavior_data", far)["errcode"] == 40058
    assert corp.api(EC + "get_user_behavior_data", {**body, "userid": []})["errcode"] == 40063


def test_application_messages_reach_those_who_exist(corp: CorpInUse) -> None:
    body = {"touser": "linxt|Nobody", "msgtype": "text", "agentid": 1000002, "text": {"content": "提醒"}}
    answer = corp.api("message/send", body)
    assert (answer["errcode"], answer["invaliduser"]) == (0, "nobody")
    assert corp.api("message/send", {**body, "touser": "Nobody"})["errcode"] == 81013
    assert corp.api("message/send", {**body, "agentid": 1})["errcode"] == 40056
    assert "提醒" in corp.sim.client.get("/messages").text
