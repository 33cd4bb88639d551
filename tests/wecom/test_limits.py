"""Over-long texts are refused before anything is sent; codes have meanings; links, uploads and QR images."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from tests.wecom.conftest import FakeWecom
from wecom import errors, limits
from wecom.client import Client, fetch_image
from wecom.client.acquisition import channel_url, wechat_url
from wecom.client.attachments import Link, MiniProgram
from wecom.client.media import multipart
from wecom.client.messages import TextCard


def test_characters_and_bytes_are_not_the_same() -> None:
    assert (limits.characters("客户a"), limits.utf8_bytes("客户a")) == (3, 7)
    assert limits.STATE.fits("码" * 30)
    assert not limits.STATE.fits("a" * 31)
    assert limits.CUSTOMER_CHANNEL.fits("a" * 64)
    assert not limits.CUSTOMER_CHANNEL.fits("客" * 22)


@pytest.mark.parametrize(
    ("limit", "maximum"),
    [
        (limits.STATE, 30),
        (limits.CUSTOMER_REMARK, 20),
        (limits.CUSTOMER_DESCRIPTION, 150),
        (limits.TAG_NAME, 30),
        (limits.WELCOME_TEXT, 4000),
        (limits.CUSTOMER_CHANNEL, 64),
        (limits.LINK_TITLE, 128),
        (limits.LINK_DESCRIPTION, 512),
        (limits.MINI_PROGRAM_TITLE, 64),
        (limits.MESSAGE_TEXT, 2048),
    ],
)
def test_a_text_at_its_limit_fits_and_one_more_does_not(limit: limits.Limit, maximum: int) -> None:
    assert limit.check("a" * maximum) == "a" * maximum
    with pytest.raises(limits.TooLong) as caught:
        limit.check("a" * (maximum + 1))
    assert caught.value.size == maximum + 1
    assert limit.cut("a" * (maximum + 9)) == "a" * maximum


def test_a_cut_never_halves_a_character() -> None:
    assert limits.CUSTOMER_CHANNEL.cut("客" * 30) == "客" * 21


TOO_LONG: list[Any] = [
    lambda c: c.add_contact_way(users=["u"], state="s" * 31),
    lambda c: c.update_contact_way("cfg", remark="备" * 31),
    lambda c: c.send_welcome_msg("CODE", text="好" * 1334),
    lambda c: c.send_welcome_msg("CODE", attachments=[Link("题" * 43, "https://a.test")]),
    lambda c: c.send_welcome_msg("CODE", attachments=[MiniProgram("题" * 22, "m", "a", "p")]),
    lambda c: c.remark(userid="u", external_userid="w", remark="备" * 21),
    lambda c: c.remark(userid="u", external_userid="w", description="备" * 151),
    lambda c: c.edit_corp_tag("id", name="签" * 31),
    lambda c: c.create_link("链" * 31, users=["u"]),
    lambda c: c.add_join_way(["wr1"], state="s" * 31),
    lambda c: c.transfer_customers(giver="a", taker="b", external_userids=["w"], message="好" * 201),
    lambda c: c.send_text(["u"], "好" * 683),
    lambda c: c.send_text_card(["u"], TextCard("t", "d", "https://a.test", "五个字按钮")),
]
UNFIT: list[Any] = [
    lambda c: c.add_contact_way(way_type=2, users=[f"u{n}" for n in range(101)]),
    lambda c: c.send_welcome_msg("CODE"),
    lambda c: c.send_welcome_msg("CODE", attachments=[Link("t", "https://a.test")] * 10),
    lambda c: c.remark(userid="u", external_userid="w"),
    lambda c: c.mark_tag(userid="u", external_userid="w"),
    lambda c: c.del_corp_tag(),
    lambda c: c.create_link("链接"),
    lambda c: c.add_join_way(["wr"] * 6),
    lambda c: c.get_customers_by_users(["u"] * 101),
    lambda c: c.transfer_customers(giver="a", taker="b", external_userids=["w"] * 101),
    lambda c: c.get_user_behavior_data(start_time=1, end_time=2),
    lambda c: c.upload_image(filename="a", content=b"x" * (2 * 1024 * 1024 + 1), content_type="image/png"),
    lambda c: c.upload_media(kind="image", filename="a", content=b"12345", content_type="image/png"),
    lambda c: c.send_text([], "text"),
]


@pytest.mark.parametrize("act", TOO_LONG)
def test_too_long_a_text_is_refused_and_nothing_is_sent(act: Any, client: Client, wecom: FakeWecom) -> None:
    with pytest.raises(limits.TooLong):
        act(client)
    assert wecom.seen == []


@pytest.mark.parametrize("act", UNFIT)
def test_an_unfit_number_of_things_is_refused_and_nothing_is_sent(act: Any, client: Client, wecom: FakeWecom) -> None:
    with pytest.raises(ValueError):
        act(client)
    assert wecom.seen == []


def test_a_message_names_its_receivers_and_hears_who_is_missing(client: Client, wecom: FakeWecom) -> None:

    wecom.replies["message/send"] = {"errcode": 0, "errmsg": "ok", "invaliduser": "lisi|wangwu", "msgid": "m1"}
    sent = client.send_text_card(["a", "b"], TextCard("标题", "说明", "https://a.test"), duplicate_check_seconds=60)
    assert (sent.msgid, sent.invalid_users) == ("m1", ("lisi", "wangwu"))
    assert json.loads(wecom.calls("message/send")[0].body) == {
        "touser": "a|b",
        "msgtype": "textcard",
        "agentid": 1000002,
        "enable_duplicate_check": 1,
        "duplicate_check_interval": 60,
        "textcard": {"title": "标题", "description": "说明", "url": "https://a.test"},
    }


def test_an_upload_is_one_form_field_named_media(client: Client, wecom: FakeWecom) -> None:
    client.upload_media(kind="file", filename='a"\r\nX: 1.pdf', content=b"%PDF-1.7", content_type="application/pdf")
    seen = wecom.calls("media/upload")[0]
    assert seen.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="media"; filename="a___X: 1.pdf"' in seen.body
    assert b"\r\n\r\n%PDF-1.7\r\n--" in seen.body
    with pytest.raises(ValueError):
        multipart("a", b"x", "text/plain\r\nX: 1", boundary="b")


def test_the_channel_is_put_into_both_forms_of_a_link() -> None:
    link = "https://work.weixin.qq.com/ca/xxxxxx"
    assert channel_url(link, "a b") == f"{link}?customer_channel=a+b"
    assert wechat_url(link, "s1") == (
        "weixin://biz/ww/profile/https%3A%2F%2Fwork.weixin.qq.com%2Fca%2Fxxxxxx%3Fcustomer_channel%3Ds1"
    )
    with pytest.raises(limits.TooLong):
        channel_url(link, "a" * 65)


@pytest.mark.parametrize(
    ("code", "action"),
    [
        (-1, errors.Action.RETRY),
        (0, errors.Action.NONE),
        (40003, errors.Action.DROP),
        (40058, errors.Action.FIX),
        (40098, errors.Action.DROP),
        (40126, errors.Action.QUOTA),
        (41045, errors.Action.QUOTA),
        (41054, errors.Action.DROP),
        (60020, errors.Action.ADMIN),
        (84061, errors.Action.SKIP),
        (701008, errors.Action.LICENCE),
        (123456, errors.Action.UNKNOWN),
    ],
)
def test_a_code_says_what_to_do(code: int, action: errors.Action) -> None:
    meaning = errors.meaning_of(code)
    assert meaning.action is action
    assert meaning.text


def test_the_hint_is_kept_and_decides_nothing() -> None:
    error = errors.WecomError(60011, api="a", errmsg="no privilege, hint: [1583995625_10], from ip: 1.2.3.4")
    assert error.hint == "1583995625_10"
    assert "1.2.3.4" not in str(error)


@pytest.mark.parametrize(
    "error",
    [
        errors.WecomError(45009, api="a", errmsg="x, hint: [h]"),
        errors.CircuitOpen("a", 9.5),
        errors.Unreachable("a", "DeadlineExceeded"),
        errors.LaneBusy("a"),
    ],
)
def test_an_error_survives_the_way_between_processes(error: errors.WecomError) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def test_a_qr_image_is_fetched(wecom: FakeWecom) -> None:
    assert wecom.server is not None
    wecom.replies["/qr.png"] = (200, b"\x89PNG\r\n\x1a\nrest")
    assert fetch_image(f"{wecom.server.url}/qr.png") == b"\x89PNG\r\n\x1a\nrest"


@pytest.mark.parametrize(
    "answer", [(404, b"\x89PNG\r\n\x1a\n"), (200, b"<html>"), (302, b""), (200, b"\x89PNG" * 600_000)]
)
def test_what_is_no_image_is_not_taken_for_one(answer: Any, wecom: FakeWecom) -> None:
    assert wecom.server is not None
    wecom.replies["/qr.png"] = answer
    with pytest.raises(errors.Unreachable):
        fetch_image(f"{wecom.server.url}/qr.png")
    with pytest.raises(errors.Unreachable):
        fetch_image("http://169.254.169.254/qr.png")
