"""Acquisition links and group chats."""

from __future__ import annotations

from typing import Any

from tests.wecom.calls.shape import SampleCall
from wecom.client.acquisition import Priority, QuotaBatch

LINK_API, CHAT_API = "externalcontact/customer_acquisition", "externalcontact/groupchat"
LINK_SETTINGS: dict[str, Any] = {
    "users": ["zhangsan", "lisi"],
    "departments": [2, 3],
    "skip_verify": True,
    "priority": Priority(2, ("tom", "lisi")),
    "mark_source": True,
}
JOIN: dict[str, Any] = {
    "auto_create_room": True,
    "room_base_name": "销售客服群",
    "room_base_id": 10,
    "state": "klsdup3kj3s1",
    "mark_source": True,
}

REACH = [
    SampleCall(
        f"{LINK_API}/create_link",
        lambda c: c.create_link("获客链接1号", **LINK_SETTINGS),
        requests=("externalcontact.customer_acquisition.create_link.request",),
        answers=("externalcontact.customer_acquisition.create_link.response",),
        holds=lambda link: (link.link_id, link.link_name, link.url, link.create_time),
        expected=("LINK_ID", "获客链接1号", "URL", 1667232000),
    ),
    SampleCall(
        f"{LINK_API}/update_link",
        lambda c: c.update_link("LINK_ID", name="获客链接1号", **LINK_SETTINGS),
        requests=("externalcontact.customer_acquisition.update_link.request",),
    ),
    SampleCall(
        f"{LINK_API}/get",
        lambda c: c.get_link("LINK_ID_AAA"),
        requests=("externalcontact.customer_acquisition.get.request",),
        answers=("externalcontact.customer_acquisition.get.response",),
        holds=lambda link: (link.link_id, link.url, link.users, link.departments, link.priority, link.skip_verify),
        expected=(
            "LINK_ID_AAA",
            "https://work.weixin.qq.com/ca/xxxxxx",
            ("rocky", "sam"),
            (1,),
            Priority(2, ("tom", "lisi")),
            True,
        ),
    ),
    SampleCall(
        f"{LINK_API}/list_link",
        lambda c: c.list_links(cursor="CURSOR", limit=100),
        requests=("externalcontact.customer_acquisition.list_link.request",),
        answers=("externalcontact.customer_acquisition.list_link.response",),
        holds=lambda page: (page.ids, page.next_cursor),
        expected=(("LINK_ID_AAA", "LINK_ID_BBB", "LINK_ID_CCC"), "CURSOR"),
    ),
    SampleCall(
        f"{LINK_API}/delete_link",
        lambda c: c.delete_link("LINK_ID"),
        requests=("externalcontact.customer_acquisition.delete_link.request",),
    ),
    SampleCall(
        f"{LINK_API}/customer",
        lambda c: c.list_link_customers("LINK_ID", cursor="CURSOR", limit=1000),
        requests=("externalcontact.customer_acquisition.customer.request",),
        answers=("externalcontact.customer_acquisition.customer.response",),
        holds=lambda page: ([(c.userid, c.chat_status, c.state) for c in page.customers], page.next_cursor),
        expected=([("zhangsan", 0, "CHANNEL_A"), ("lisi", 0, "CHANNEL_B"), ("rocky", 1, "CHANNEL_A")], "CURSOR"),
    ),
    SampleCall(
        "externalcontact/customer_acquisition_quota",
        lambda c: c.get_acquisition_quota(),
        answers=("externalcontact.customer_acquisition_quota.response",),
        holds=lambda q: (q.total, q.balance, q.batches),
        expected=(1000, 500, (QuotaBatch(1689350400, 200), QuotaBatch(1692028800, 300))),
    ),
    SampleCall(
        f"{LINK_API}/statistic",
        lambda c: c.get_link_figures("LINK_ID", start_time=1, end_time=2),
        answers=("externalcontact.customer_acquisition.statistic.response",),
        holds=lambda f: (f.clicked, f.added),
        expected=(1000, 500),
    ),
    SampleCall(
        f"{LINK_API}/get_chat_info",
        lambda c: c.get_chat_info("CHAT_KEY"),
        requests=("externalcontact.customer_acquisition.get_chat_info.request",),
        answers=("externalcontact.customer_acquisition.get_chat_info.response",),
        holds=lambda i: (i.userid, i.external_userid, i.received, i.link_id, i.state),
        expected=("zhangsan", "woAJ2GCAAAXtWyujaWJHDDGi0mACAAA", 3, "caXXXXXXX", "STATE"),
    ),
    SampleCall(
        f"{CHAT_API}/add_join_way",
        lambda c: c.add_join_way(
            ["wrOgQhDgAAH2Yy-CTZ6POca8mlBEdaaa", "wrOgQhDgAALPUthpRAKvl7mgiQRwAAA"], remark="aa_remark", **JOIN
        ),
        requests=("externalcontact.groupchat.add_join_way.request",),
        answers=("externalcontact.groupchat.add_join_way.response",),
        expected="9ad7fa5cdaa6511298498f979c472aaa",
    ),
    SampleCall(
        f"{CHAT_API}/update_join_way",
        lambda c: c.update_join_way(
            "9ad7fa5cdaa6511298498f979c4722de",
            ["wrOgQhDgAAH2Yy-CTZ6POca8mlBEdaaa", "wrOgQhDgAALPUthpRAKvl7mgiQRw_aaa"],
            remark="bb_remark",
            **JOIN,
        ),
        requests=("externalcontact.groupchat.update_join_way.request",),
    ),
    SampleCall(
        f"{CHAT_API}/get_join_way",
        lambda c: c.get_join_way("9ad7fa5cdaa6511298498f979c472aaa"),
        requests=("externalcontact.groupchat.get_join_way.request",),
        answers=("externalcontact.groupchat.get_join_way.response",),
        holds=lambda w: (w.scene, w.auto_create_room, w.room_base_id, len(w.chat_ids), w.state, w.qr_code[:23]),
        expected=(3, True, 10, 2, "klsdup3kj3s1", "http://p.qpic.cn/wwhead"),
    ),
    SampleCall(
        f"{CHAT_API}/del_join_way",
        lambda c: c.del_join_way("42b34949e138eb6e027c123cba77faaa"),
        requests=("externalcontact.groupchat.del_join_way.request",),
    ),
    SampleCall(
        f"{CHAT_API}/list",
        lambda c: c.list_group_chats(owners=["abel"], cursor="r9FqSqsI8fgNbHLHE5QoCP50UIg2cFQbfma3l2QsmwI", limit=10),
        requests=("externalcontact.groupchat.list.request",),
        answers=("externalcontact.groupchat.list.response", "wechatpy.externalcontact_groupchat_list"),
        holds=lambda page: ([(c.chat_id, c.status) for c in page.chats], page.next_cursor[:5]),
        expected=([("wrOgQhDgAAMYQiS5ol9G7gK9JVAAAA", 0), ("wrOgQhDgAAcwMTB7YmDkbeBsAAAA", 0)], "tJzlB"),
    ),
    SampleCall(
        f"{CHAT_API}/get",
        lambda c: c.get_group_chat("wrOgQhDgAAMYQiS5ol9G7gK9JVAAAA"),
        requests=("externalcontact.groupchat.get.request",),
        answers=("externalcontact.groupchat.get.response", "wechatpy.externalcontact_groupchat_get"),
        holds=lambda g: (
            g.name,
            g.owner,
            [(m.userid, m.type, m.state, m.invitor, m.name) for m in g.members],
            g.admins,
            g.member_version[:4],
        ),
        expected=(
            "销售客服群",
            "ZhuShengBen",
            [
                ("abel", 1, "klsdup3kj3s1", "jack", "张三丰"),
                ("wmOgQhDgAAuXFJGwbve4g4iXknfOAAAA", 2, "", "", "王语嫣"),
            ],
            ("sam", "pony"),
            "7121",
        ),
    ),
]
