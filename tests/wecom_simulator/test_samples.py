"""Each answer has the shape of WeCom's documented sample: the same keys, the same types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.wecom_simulator.conftest import CorpInUse

DAY = 86_400
EC = "externalcontact/"
# Fields that the samples show but that WeCom leaves out for a self-built app made after 2022-06-20, for a WeChat
# customer, for a way that is not temporary, or when there is nothing to say.
ABSENT = {
    *("mobile", "gender", "email", "avatar", "thumb_avatar", "address", "english_name", "open_userid", "qr_code"),
    *("position", "corp_name", "corp_full_name", "foreign_key", "is_subscribe", "subscriber_info", "external_profile"),
    *("style", "unionid", "expires_in", "chat_expires_in", "conclusions", "wechat_channels", "remark_corp_name"),
    *("state", "next_cursor", "priority_option", "tags", "openid", "external_userid", "errcode", "errmsg", "invitor"),
    *("reply_percentage", "avg_reply_time"),
}


def differences(answer: Any, sample: Any, where: str = "") -> list[str]:
    """What an answer has that the sample has not or has as another type, and what it lacks."""
    if isinstance(sample, dict):
        if not isinstance(answer, dict):
            return [f"{where}: not an object"]
        found = [f"{where}.{key}: not in the sample" for key in answer if key not in sample]
        found += [f"{where}.{key}: missing" for key in sample if key not in answer and key not in ABSENT]
        for key in answer.keys() & sample.keys():
            found += differences(answer[key], sample[key], f"{where}.{key}")
        return found
    if isinstance(sample, list):
        if not isinstance(answer, list):
            return [f"{where}: not a list"]
        merged = _merged(sample)
        return [line for item in answer for line in differences(item, merged, f"{where}[]")] if merged else []
    numbers = isinstance(sample, int | float) and not isinstance(sample, bool)
    same = isinstance(answer, int | float) if numbers else type(answer) is type(sample)
    return [] if same else [f"{where}: {type(answer).__name__}, not {type(sample).__name__}"]


def _merged(items: list[Any]) -> Any:
    """One item with all that any item of a sample's list has."""
    if not items or not all(isinstance(item, dict) for item in items):
        return items[0] if items else None
    keys = {key: [item[key] for item in items if key in item] for item in items for key in item}
    return {key: _merged(values) for key, values in keys.items()}


@pytest.fixture
def filled(corp: CorpInUse) -> dict[str, Any]:
    """A corp with one of everything, and the ids of it."""
    _, friend = corp.friend()
    group = corp.api(EC + "add_corp_tag", {"group_name": "渠道来源", "tag": [{"name": "地铁广告"}]})["tag_group"]
    pair = {"userid": "linxt", "external_userid": friend["external_userid"]}
    corp.api(EC + "mark_tag", {**pair, "add_tag": [group["tag"][0]["id"]]})
    corp.api(EC + "remark", {**pair, "remark": "小满", "remark_mobiles": ["13800000000"]})
    link_body = {"link_name": "地铁", "range": {"user_list": ["linxt"], "department_list": [2]}}
    link = corp.api(EC + "customer_acquisition/create_link", link_body)["link"]
    corp.sim.post(f"/sim/customers/{corp.customer()}/add", {"text": f"{link['url']}?customer_channel=a"})
    chat = corp.sim.post(f"/sim/corps/{corp.corp_id}/chats", {"name": "客户群", "owner": "linxt"})["chat_id"]
    join = corp.api(EC + "groupchat/add_join_way", {"scene": 2, "chat_id_list": [chat], "state": "g1"})["config_id"]
    return {
        "external": friend["external_userid"],
        "way": corp.way()["config_id"],
        "tag": group["tag"][0]["id"],
        "link": link["link_id"],
        "chat": chat,
        "join": join,
        "now": int(corp.sim.get("/sim/time")["now"]),
    }


def _gets(ids: dict[str, Any]) -> dict[str, str]:
    return {
        "department_list": "department/list",
        "department_simplelist": "department/simplelist",
        "department_get": "department/get?id=2",
        "user_simplelist": "user/simplelist?department_id=2",
        "user_list": "user/list?department_id=2",
        "user_get": "user/get?userid=linxt",
        "externalcontact.get_follow_user_list": EC + "get_follow_user_list",
        "externalcontact.list": EC + "list?userid=linxt",
        "externalcontact.get": EC + f"get?external_userid={ids['external']}",
        "externalcontact.customer_acquisition_quota": EC + "customer_acquisition_quota",
        "getcallbackip": "getcallbackip",
        "get_jsapi_ticket": "get_jsapi_ticket",
        "ticket_get_agent_config": "ticket/get?type=agent_config",
    }


def _posts(ids: dict[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    link, now = {"link_id": ids["link"]}, ids["now"]
    period = {"start_time": now - 5 * DAY, "end_time": now - DAY}
    days = {"day_begin_time": now - 5 * DAY, "day_end_time": now - DAY}
    way = {"type": 1, "scene": 2, "user": ["linxt"]}
    link_body = {"link_name": "又一个", "range": {"user_list": ["linxt"]}}
    return {
        "user_list_id": ("user/list_id", {"limit": 2}),
        "externalcontact.add_contact_way": (EC + "add_contact_way", way),
        "externalcontact.get_contact_way": (EC + "get_contact_way", {"config_id": ids["way"]}),
        "externalcontact.list_contact_way": (EC + "list_contact_way", {}),
        "externalcontact.batch.get_by_user": (EC + "batch/get_by_user", {"userid_list": ["linxt"]}),
        "externalcontact.add_corp_tag": (EC + "add_corp_tag", {"group_name": "级别", "tag": [{"name": "高"}]}),
        "externalcontact.get_corp_tag_list": (EC + "get_corp_tag_list", {"tag_id": [ids["tag"]]}),
        "externalcontact.customer_acquisition.list_link": (EC + "customer_acquisition/list_link", {}),
        "externalcontact.customer_acquisition.get": (EC + "customer_acquisition/get", link),
        "externalcontact.customer_acquisition.create_link": (EC + "customer_acquisition/create_link", link_body),
        "externalcontact.customer_acquisition.customer": (EC + "customer_acquisition/customer", link),
        "externalcontact.customer_acquisition.statistic": (EC + "customer_acquisition/statistic", {**link, **period}),
        "externalcontact.get_user_behavior_data": (EC + "get_user_behavior_data", {"userid": ["linxt"], **period}),
        "externalcontact.groupchat.add_join_way": (
            EC + "groupchat/add_join_way",
            {"scene": 2, "chat_id_list": [ids["chat"]]},
        ),
        "externalcontact.groupchat.get_join_way": (EC + "groupchat/get_join_way", {"config_id": ids["join"]}),
        "externalcontact.groupchat.list": (EC + "groupchat/list", {"limit": 10}),
        "externalcontact.groupchat.get": (EC + "groupchat/get", {"chat_id": ids["chat"], "need_name": 1}),
        "externalcontact.groupchat.statistic": (EC + "groupchat/statistic", days),
        "externalcontact.groupchat.statistic_group_by_day": (EC + "groupchat/statistic_group_by_day", days),
        "externalcontact.groupchat.onjob_transfer": (
            EC + "groupchat/onjob_transfer",
            {"chat_id_list": ["unknown"], "new_owner": "chensy"},
        ),
    }


def _sample(samples: Path, name: str) -> Any:
    return json.loads((samples / "json" / f"{name}.response.json").read_text(encoding="utf-8"))


def test_every_answer_has_the_shape_of_its_sample(corp: CorpInUse, filled: dict[str, Any], samples: Path) -> None:
    found: dict[str, list[str]] = {}
    for name, path in _gets(filled).items():
        answer = corp.api(path)
        assert answer["errcode"] == 0, (name, answer)
        found[name] = differences(answer, _sample(samples, name) | {"errcode": 0, "errmsg": ""})
    for name, (path, body) in _posts(filled).items():
        answer = corp.api(path, body)
        assert answer["errcode"] == 0, (name, answer)
        found[name] = differences(answer, _sample(samples, name))
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_token_answer_has_the_shape_of_its_sample(corp: CorpInUse, samples: Path) -> None:
    answer = corp.sim.get("/cgi-bin/gettoken", corpid=corp.corp_id, corpsecret=corp.secret)
    assert differences(answer, _sample(samples, "gettoken")) == []


@pytest.mark.parametrize(
    ("sample", "path", "body"),
    [
        ("add_contact_way.41037", EC + "add_contact_way", {}),
        ("externalcontact_get.84061", EC + "get?external_userid={dropped}", None),
        ("externalcontact_list.84061", EC + "list?userid=NoContact", None),
    ],
)
def test_refusals_have_the_shape_of_their_samples(
    corp: CorpInUse, samples: Path, sample: str, path: str, body: dict[str, Any] | None
) -> None:
    _, friend = corp.friend()
    corp.sim.post(f"/sim/staff/{corp.corp_id}/linxt/delete", {"external_userid": friend["external_userid"]})
    answer = corp.api(path.format(dropped=friend["external_userid"]), body)
    expected = json.loads((samples / "errors" / f"{sample}.json").read_text(encoding="utf-8"))
    assert answer["errcode"] == expected["errcode"]
    assert set(answer) == set(expected)


@pytest.mark.parametrize(
    ("path", "empty"),
    [
        (EC + "list?userid=linxt", "external_userid"),
        (EC + "get_follow_user_list", "follow_user"),
        ("getcallbackip", "ip_list"),
    ],
)
def test_refusals_of_lists_carry_an_empty_list(corp: CorpInUse, path: str, empty: str) -> None:
    corp.token = "nonsense"
    answer = corp.api(path)
    assert (answer["errcode"], answer[empty]) == (40014, [])


def test_uploads_answer_like_their_samples_and_give_the_bytes_back(corp: CorpInUse, samples: Path) -> None:
    picture = corp.sim.client.get("/sim/qr?text=x").content
    query = {"access_token": corp.token, "type": "image"}
    files = {"media": ("a.png", picture, "image/png")}
    answer = corp.sim.client.post("/cgi-bin/media/upload", params=query, files=files).json()
    assert differences(answer, _sample(samples, "media_upload")) == []
    assert corp.sim.client.get(f"/sim/media/{answer['media_id']}").content == picture
    answer = corp.sim.client.post("/cgi-bin/media/uploadimg", params=query, files=files).json()
    assert differences(answer, _sample(samples, "media_uploadimg")) == []
    assert corp.sim.client.get(answer["url"]).content == picture


def test_bad_uploads_are_refused(corp: CorpInUse) -> None:
    def code(kind: str, data: bytes) -> int:
        query = {"access_token": corp.token, "type": kind}
        reply = corp.sim.client.post("/cgi-bin/media/upload", params=query, files={"media": ("a", data, "image/png")})
        return int(reply.json()["errcode"])

    assert code("song", b"x" * 100) == 40004
    assert code("image", b"abc") == 44001
    assert code("image", b"not a picture") == 40004
    assert code("voice", b"x" * 2_000_001) == 45001
