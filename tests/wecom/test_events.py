"""All self-built events become typed events, suite events are refused by name, and a key recognises repeats."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wecom.conftest import SAMPLES
from wecom import events

SELF_BUILT = sorted((SAMPLES / "xml/selfbuilt").glob("*.xml")) + sorted((SAMPLES / "derived").glob("*.xml"))
SUITE = sorted((SAMPLES / "xml/suite").glob("*.xml"))
ADDED = "xml/selfbuilt/gostore.add_external_contact.xml"

KINDS = {
    "doc.customer_acquisition.balance_exhausted": events.AcquisitionBalanceChanged,
    "doc.customer_acquisition.balance_increased": events.AcquisitionBalanceChanged,
    "doc.customer_acquisition.balance_low": events.AcquisitionBalanceChanged,
    "fw.BatchJobResultEvent": events.BatchJobFinished,
    "fw.ChangeAppAdminEvent": events.AppEvent,
    "fw.ChangeContactEvent.CreateParty": events.PartyCreated,
    "fw.ChangeContactEvent.CreateUser": events.UserCreated,
    "fw.ChangeContactEvent.DeleteParty": events.PartyDeleted,
    "fw.ChangeContactEvent.DeleteUser": events.UserDeleted,
    "fw.ChangeContactEvent.UpdateParty": events.PartyUpdated,
    "fw.ChangeContactEvent.UpdateTag": events.MemberTagUpdated,
    "fw.ChangeContactEvent.UpdateUser": events.UserUpdated,
    "fw.ChangeExternalContactEvent.MessageAuditApproved": events.MessageAuditApproved,
    "fw.ChangeExternalTagEvent.Shuffle": events.TagChanged,
    "fw.CloseInactiveAgentEvent": events.AppEvent,
    "fw.EnterAgentPushEvent": events.AppEvent,
    "fw.ReopenInactiveAgentEvent": events.AppEvent,
    "fw.SubscribePushEvent": events.AppEvent,
    "fw.UnlicensedNotifyEvent": events.AppEvent,
    "gostore.add_external_contact": events.CustomerAdded,
    "gostore.chat_create": events.ChatCreated,
    "gostore.chat_update": events.ChatUpdated,
    "gostore.del_external_contact_by_transfer": events.CustomerRemoved,
    "gostore.tag_create": events.TagChanged,
    "gostore.transfer_fail": events.TransferFailed,
    "goworkwx.create_user": events.UserCreated,
    "goworkwx.edit_external_contact": events.CustomerEdited,
    "goworkwx.text_message": events.MessageReceived,
    "goworkwx.update_user": events.UserUpdated,
    "wn.ShareAgentChange": events.AppEvent,
    "wxjava.add_external_contact": events.CustomerAdded,
    "wxjava.del_external_contact": events.CustomerRemoved,
    "wxjava.update_user": events.UserUpdated,
    "wxjava.update_user_extattr": events.UserUpdated,
    "change_external_chat.dismiss": events.ChatDismissed,
    "change_external_contact.add_half_external_contact": events.CustomerHalfAdded,
    "change_external_contact.del_external_contact": events.CustomerRemoved,
    "change_external_contact.del_follow_user": events.CustomerLeft,
    "change_external_tag.delete": events.TagChanged,
    "change_external_tag.update": events.TagChanged,
    "customer_acquisition.customer_start_chat": events.AcquisitionChatStarted,
    "customer_acquisition.delete_link": events.AcquisitionLinkDeleted,
    "customer_acquisition.friend_request": events.AcquisitionFriendRequested,
    "customer_acquisition.link_unavailable": events.AcquisitionLinkUnavailable,
    "customer_acquisition.message_from_customer": events.AcquisitionMessageReceived,
    "customer_acquisition.open_profile": events.AcquisitionProfileOpened,
    "customer_acquisition.quota_expire_soon": events.AcquisitionQuotaExpiring,
}


def read(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


@pytest.mark.parametrize("path", SELF_BUILT, ids=lambda path: path.stem)
def test_each_self_built_event_has_its_class(path: Path) -> None:
    event = events.parse_event(path.read_bytes())
    assert type(event) is KINDS[path.stem]
    assert event.create_time > 0
    assert event.to_user


def test_every_self_built_sample_is_classified() -> None:
    assert {path.stem for path in SELF_BUILT} == set(KINDS)


@pytest.mark.parametrize("path", SUITE, ids=lambda path: path.stem)
def test_each_suite_event_is_refused_by_name(path: Path) -> None:
    with pytest.raises(events.SuiteEventRefused) as caught:
        events.parse_event(path.read_bytes())
    assert caught.value.info_type
    assert caught.value.info_type in path.read_text("utf-8")
    assert caught.value.info_type in str(caught.value)


def test_a_new_friend_is_read_in_full() -> None:
    event = events.parse_event(read(ADDED))
    assert isinstance(event, events.CustomerAdded)
    assert (event.user_id, event.external_user_id) == ("zhangsan", "woAJ2GCAAAXtWyujaWJHDDGi0mAAAA")
    assert (event.state, event.welcome_code, event.create_time) == ("teststate", "WELCOMECODE", 1403610513)
    assert (event.event, event.change_type) == ("change_external_contact", "add_external_contact")
    assert "WELCOMECODE" not in repr(event)


def test_a_new_friend_without_a_welcome_code_is_an_event_like_any_other() -> None:
    event = events.parse_event(read("xml/selfbuilt/wxjava.del_external_contact.xml").replace(b"del_", b"add_"))
    assert isinstance(event, events.CustomerAdded)
    assert (event.welcome_code, event.state) == ("", "")


def test_a_chat_update_is_read_in_full() -> None:
    event = events.parse_event(read("xml/selfbuilt/gostore.chat_update.xml"))
    assert isinstance(event, events.ChatUpdated)
    assert (event.detail, event.join_scene, event.quit_scene) == ("add_member", 1, 0)
    assert (event.member_change_count, event.member_changes) == (10, ("Jack", "Rose"))
    assert event.member_version.startswith("7121")


def test_a_changed_user_is_read_in_full() -> None:
    event = events.parse_event(read("xml/selfbuilt/fw.ChangeContactEvent.UpdateUser.xml"))
    assert isinstance(event, events.UserUpdated)
    assert (event.user_id, event.new_user_id, event.name) == ("zhangsan", "zhangsan001", "张三")
    assert (event.departments, event.main_department, event.leads, event.status) == ((1, 2, 3), 1, (1, 0, 0), 1)
    assert event.ext_attributes == (
        events.ExtAttribute("爱好", "0", "旅游", "", ""),
        events.ExtAttribute("卡号", "1", "", "企业微信", "https://work.weixin.qq.com"),
    )


def test_other_fields_come_through() -> None:
    job = events.parse_event(read("xml/selfbuilt/fw.BatchJobResultEvent.xml"))
    assert isinstance(job, events.BatchJobFinished)
    assert (job.job_type, job.err_code, job.err_msg) == ("sync_user", 0, "ok")
    tag = events.parse_event(read("xml/selfbuilt/fw.ChangeContactEvent.UpdateTag.xml"))
    assert isinstance(tag, events.MemberTagUpdated)
    assert (tag.added_users, tag.removed_parties) == (("zhangsan", "lisi"), (3, 4))
    quota = events.parse_event(read("derived/customer_acquisition.quota_expire_soon.xml"))
    assert isinstance(quota, events.AcquisitionQuotaExpiring)
    assert (quota.expire_time, quota.expiring) == (1689350400, 200)
    removed = events.parse_event(read("xml/selfbuilt/gostore.del_external_contact_by_transfer.xml"))
    assert isinstance(removed, events.CustomerRemoved)
    assert removed.source == "DELETE_BY_TRANSFER"


def test_blanks_around_values_are_trimmed_and_order_is_free() -> None:
    event = events.parse_event(
        b"<xml><ExternalUserID> <![CDATA[ wm1 ]]>\n</ExternalUserID><CreateTime> 5 </CreateTime>"
        b"<ChangeType>add_external_contact</ChangeType><Event>change_external_contact</Event>"
        b"<UserID>u</UserID><Surprise><More>1</More></Surprise><ToUserName>ww</ToUserName></xml>"
    )
    assert isinstance(event, events.CustomerAdded)
    assert (event.external_user_id, event.create_time) == ("wm1", 5)


def test_an_event_that_wecom_added_since_is_kept() -> None:
    event = events.parse_event(b"<xml><ToUserName>ww</ToUserName><CreateTime>5</CreateTime><Event>new</Event></xml>")
    assert type(event) is events.UnknownEvent
    assert event.event == "new"


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><xml><ToUserName>&b;</ToUserName></xml>'
MALFORMED = [
    b"",
    b"<xml>",
    b"{}",
    b"<other/>",
    b"<xml/>",
    b"\xff\xfe<\x00x\x00m\x00l\x00",
    '<?xml version="1.0" encoding="gbk"?><xml>名</xml>'.encode("gbk"),
    b"<!DOCTYPE xml><xml><ToUserName>a</ToUserName></xml>",
    b'<!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml/>',
    BOMB,
    b"<xml><ToUserName>ww</ToUserName><Event>e</Event></xml>",
    b"<xml><ToUserName>ww</ToUserName><CreateTime>soon</CreateTime><Event>e</Event></xml>",
    b"<xml><ToUserName>ww</ToUserName><CreateTime>" + b"9" * 5000 + b"</CreateTime><Event>e</Event></xml>",
    b"<xml><ToUserName>ww</ToUserName><CreateTime>5</CreateTime></xml>",
    b"<xml><ToUserName>ww</ToUserName><CreateTime>5</CreateTime><Event>e</Event>"
    + b"<a>" * 20
    + b"</a>" * 20
    + b"</xml>",
    read(ADDED).replace(b"<UserID><![CDATA[zhangsan]]></UserID>", b""),
    read(ADDED).replace(b"zhangsan", b" "),
    b"<!DOCTYPE xml>" + read(ADDED),
    b'<!DOCTYPE xml [<!ENTITY a "b">]>' + read(ADDED),
    b'<!DOCTYPE xml SYSTEM "http://127.0.0.1/x.dtd">' + read(ADDED),
]


@pytest.mark.parametrize("body", MALFORMED)
def test_a_malformed_event_is_refused(body: bytes) -> None:
    with pytest.raises(events.EventMalformed):
        events.parse_event(body)


def test_a_body_over_64_kb_is_refused_unread() -> None:
    for parse in (events.parse_event, events.parse_envelope):
        with pytest.raises(events.EventTooLarge):
            parse(b"<xml>" + b" " * 65536 + b"</xml>")


def test_the_envelope_is_read_as_xml_and_as_json() -> None:
    envelope = events.parse_envelope(read("xml/envelope/wxjava.encrypted_package.xml"))
    assert (envelope.to_user, envelope.agent_id, envelope.encrypted) == ("toUser", "toAgentID", "msg_encrypt")
    body = {"tousername": "toUser", "encrypt": "msg_encrypt", "agentid": 218}
    assert events.parse_envelope(json.dumps(body).encode()).agent_id == "218"
    assert events.parse_envelope(b"<xml><Encrypt>x</Encrypt><ToUserName>ww</ToUserName></xml>").agent_id == ""


@pytest.mark.parametrize(
    "body", [b"", b"<xml/>", b"<xml><Encrypt/></xml>", b"{", b'{"encrypt": 1}', b'{"a": 1}', b"[]", b"{" * 9999, BOMB]
)
def test_a_malformed_envelope_is_refused(body: bytes) -> None:
    with pytest.raises(events.EventMalformed):
        events.parse_envelope(body)


@pytest.mark.parametrize("path", SELF_BUILT, ids=lambda path: path.stem)
def test_a_repeat_has_the_same_key_and_another_corp_has_not(path: Path) -> None:
    body = path.read_bytes()
    key = events.dedup_key("ww1", events.parse_event(body))
    assert len(key) == 64
    assert events.dedup_key("ww1", events.parse_event(body)) == key
    assert events.dedup_key("ww2", events.parse_event(body)) != key


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"woAJ2GCAAAXtWyujaWJHDDGi0mAAAA", b"woAnother"),
        (b"zhangsan", b"lisi"),
        (b"1403610513", b"1403610514"),
        (b"teststate", b"other"),
        (b"add_external_contact", b"add_half_external_contact"),
    ],
)
def test_another_customer_of_the_same_second_has_another_key(old: bytes, new: bytes) -> None:
    one, two = events.parse_event(read(ADDED)), events.parse_event(read(ADDED).replace(old, new))
    assert events.dedup_key("ww1", one) != events.dedup_key("ww1", two)


def test_two_changes_of_one_chat_in_one_second_have_two_keys() -> None:
    body = read("xml/selfbuilt/gostore.chat_update.xml")
    other = body.replace(b"71217227bbd112ecfe3a49c482195cb4", b"0" * 32)
    assert events.dedup_key("ww1", events.parse_event(body)) != events.dedup_key("ww1", events.parse_event(other))


def test_order_and_welcome_code_don_t_change_the_key() -> None:
    body = read(ADDED)
    welcome = b"<WelcomeCode><![CDATA[WELCOMECODE]]></WelcomeCode>"
    assert welcome in body
    moved = body.replace(welcome, b"").replace(b"<xml>", b"<xml><WelcomeCode>2</WelcomeCode>")
    assert events.dedup_key("ww1", events.parse_event(body)) == events.dedup_key("ww1", events.parse_event(moved))


@given(st.binary(max_size=500) | st.text(alphabet="<>/xml&;![]CDAT-?\"'= \n{}:ev", max_size=300).map(str.encode))
def test_any_bytes_raise_only_our_errors(body: bytes) -> None:
    for parse in (events.parse_event, events.parse_envelope):
        try:
            parse(body)
        except events.EventError:
            continue


@given(st.sampled_from(SELF_BUILT), st.integers(0, 3000), st.binary(max_size=3))
def test_a_damaged_event_raises_only_our_errors(path: Path, position: int, noise: bytes) -> None:
    body = path.read_bytes()
    cut = position % (len(body) + 1)
    try:
        event = events.parse_event(body[:cut] + noise + body[cut + len(noise) :])
        assert events.dedup_key("ww1", event)
    except events.EventError:
        return
