"""Contact ways and greetings."""

from __future__ import annotations

from typing import Any

from tests.wecom.calls.shape import SampleCall
from wecom.client.attachments import Conclusions, File, Image, Link, MiniProgram, Video

LINK = Link("消息标题", "https://example.link.com/path", "https://example.pic.com/path", "消息描述")
MINI = MiniProgram("消息标题", "MEDIA_ID", "wx8bd80126147dfAAA", "/path/index.html")
MINI_OLD = MiniProgram("消息标题", "MEDIA_ID", "wx8bd80126147dfAAA", "/path/index")
PIC = "http://p.qpic.cn/pic_wework/3474110808/7a6344sdadfwehe42060/0"
WAY: dict[str, Any] = {
    "users": ["zhangsan", "lisi", "wangwu"],
    "parties": [2, 3],
    "state": "teststate",
    "remark": "渠道客户",
    "skip_verify": True,
    "style": 1,
    "expires_in": 86400,
    "chat_expires_in": 86400,
    "unionid": "oxTWIuGaIt6gTKsQRLau2M0AAAA",
    "mark_source": True,
}
WAY_API = "externalcontact"

WAYS = [
    SampleCall(
        f"{WAY_API}/add_contact_way",
        lambda c: c.add_contact_way(
            way_type=1,
            scene=1,
            is_temp=True,
            is_exclusive=True,
            conclusions=Conclusions("文本消息内容", Image("MEDIA_ID"), LINK, MINI),
            **WAY,
        ),
        requests=("externalcontact.add_contact_way.request",),
        answers=(
            "externalcontact.add_contact_way.response",
            "wn.externalcontact.add_contact_way.response",
            "wechatpy.externalcontact_add_contact_way",
        ),
        holds=lambda w: (w.config_id, w.qr_code),
        expected=("42b34949e138eb6e027c123cba77fAAA", "http://p.qpic.cn/wwhead/duc2TvpEgSdicZ9RrdUtBkv2UiaA/0"),
    ),
    SampleCall(
        f"{WAY_API}/update_contact_way",
        lambda c: c.update_contact_way(
            "42b34949e138eb6e027c123cba77fAAA",
            conclusions=Conclusions("文本消息内容", Image("MEDIA_ID"), LINK, MINI_OLD),
            **WAY,
        ),
        requests=("externalcontact.update_contact_way.request", "wn.externalcontact.update_contact_way.request"),
        answers=("wechatpy.externalcontact_update_contact_way",),
        newer={"mark_source": True},
    ),
    SampleCall(
        f"{WAY_API}/get_contact_way",
        lambda c: c.get_contact_way("42b34949e138eb6e027c123cba77fad7"),
        requests=("externalcontact.get_contact_way.request",),
        answers=("externalcontact.get_contact_way.response", "wechatpy.externalcontact_get_contact_way"),
        holds=lambda w: (w.type, w.scene, w.style, w.state, w.users, w.parties, w.is_temp, w.conclusions),
        expected=(
            1,
            1,
            2,
            "teststate",
            ("zhangsan", "lisi", "wangwu"),
            (2, 3),
            True,
            Conclusions("文本消息内容", Image(pic_url="https://p.qpic.cn/pic_wework/XXXXX"), LINK, MINI_OLD),
        ),
    ),
    SampleCall(
        f"{WAY_API}/list_contact_way",
        lambda c: c.list_contact_ways(start_time=1622476800, end_time=1625068800, cursor="CURSOR", limit=1000),
        requests=("externalcontact.list_contact_way.request",),
        answers=("externalcontact.list_contact_way.response",),
        holds=lambda page: (page.ids, page.next_cursor),
        expected=(("534b63270045c9ABiKEE814ef56d91c62f", "87bBiKEE811c62f63270041c62f5c9A4ef"), "NEXT_CURSOR"),
    ),
    SampleCall(
        f"{WAY_API}/del_contact_way",
        lambda c: c.del_contact_way("42b34949e138eb6e027c123cba77fAAA"),
        requests=("externalcontact.del_contact_way.request",),
        answers=("wechatpy.externalcontact_del_contact_way",),
    ),
    SampleCall(
        "externalcontact/send_welcome_msg",
        lambda c: c.send_welcome_msg(
            "CALLBACK_CODE",
            text="文本消息内容",
            attachments=[Image("MEDIA_ID", PIC), LINK, MINI, Video("MEDIA_ID"), File("MEDIA_ID")],
        ),
        requests=("externalcontact.send_welcome_msg.request", "wn.externalcontact.send_welcome_msg.request"),
        answers=("wn.externalcontact.send_welcome_msg.response", "wechatpy.externalcontact_send_welcome_msg"),
    ),
]
