"""Customers, corp tags, transfers, figures."""

from __future__ import annotations

from tests.wecom.calls.shape import SampleCall
from wecom.client.tags import NewTag

MESSAGE = "您好，您的服务已升级，后续将由我的同事李四@腾讯接替我的工作，继续为您服务。"
RESULTS = (
    [
        ("woAJ2GCAAAXtWyujaWJHDDGi0mACCCC", 1, 1588262400),
        ("woAJ2GCAAAXtWyujaWJHDDGi0mACBBBB", 2, 1588482400),
        ("woAJ2GCAAAXtWyujaWJHDDGi0mACAAAA", 3, 0),
    ],
    "NEXT_CURSOR",
)

CUSTOMERS = [
    SampleCall(
        "externalcontact/list",
        lambda c: c.list_customers("zhangsan"),
        answers=("externalcontact.list.response", "wechatpy.externalcontact_list"),
        expected=("woAJ2GCAAAXtWyujaWJHDDGi0mACAAA", "wmqfasd1e1927831291723123109rAAA"),
        query={"userid": "zhangsan"},
    ),
    SampleCall(
        "externalcontact/get",
        lambda c: c.get_customer("wm1"),
        answers=("externalcontact.get.response", "wechatpy.externalcontact_get"),
        holds=lambda d: (
            d.contact.name,
            d.contact.type,
            [(f.userid, f.add_way, f.state, f.tag_ids, f.remark_mobiles, f.channels_nickname) for f in d.follows],
            d.next_cursor,
        ),
        expected=(
            "李四",
            2,
            [
                (
                    "rocky",
                    10,
                    "",
                    ("etAJ2GCAAAXtWyujaWJHDDGi0mACHAAA",),
                    ("13800000001", "13000000002"),
                    "视频号名称",
                ),
                ("tommy", 3, "外联二维码1", (), (), ""),
            ],
            "NEXT_CUROSR",
        ),
        query={"external_userid": "wm1"},
    ),
    SampleCall(
        "externalcontact/batch/get_by_user",
        lambda c: c.get_customers_by_users(["rocky"], cursor="", limit=100),
        requests=("externalcontact.batch.get_by_user.request",),
        answers=("externalcontact.batch.get_by_user.response", "wechatpy.externalcontact_batch_get_by_user"),
        holds=lambda page: (
            [(contact.name, follow.userid, follow.state, len(follow.tag_ids)) for contact, follow in page.customers],
            page.next_cursor[:6],
            page.unlicensed,
        ),
        expected=([("李四", "rocky", "", 1), ("王五", "lisi", "外联二维码1", 2)], "r9FqSq", ()),
    ),
    SampleCall(
        "externalcontact/remark",
        lambda c: c.remark(
            userid="zhangsan",
            external_userid="woAJ2GCAAAd1asdasdjO4wKmE8Aabj9AAA",
            remark="备注信息",
            description="描述信息",
            company="腾讯科技",
            mobiles=["13800000001", "13800000002"],
            picture_media_id="MEDIAID",
        ),
        requests=("externalcontact.remark.request",),
        answers=("wn.externalcontact.remark.response",),
    ),
    SampleCall(
        "externalcontact/get_corp_tag_list",
        lambda c: c.list_corp_tags(
            tag_ids=["etXXXXXXXXXX", "etYYYYYYYYYY"], group_ids=["etZZZZZZZZZZZZZ", "etYYYYYYYYYYYYY"]
        ),
        requests=("externalcontact.get_corp_tag_list.request",),
        answers=("externalcontact.get_corp_tag_list.response",),
        holds=lambda groups: [
            (g.group_id, g.group_name, g.deleted, [(t.id, t.name, t.order, t.deleted) for t in g.tags]) for g in groups
        ],
        expected=[
            ("TAG_GROUPID1", "GOURP_NAME", False, [("TAG_ID1", "NAME1", 1, False), ("TAG_ID2", "NAME2", 2, True)])
        ],
    ),
    SampleCall(
        "externalcontact/add_corp_tag",
        lambda c: c.add_corp_tag(
            [NewTag("TAG_NAME_1", 1), NewTag("TAG_NAME_2", 2)],
            group_id="GROUP_ID",
            group_name="GROUP_NAME",
            order=1,
            agent_id=1000014,
        ),
        requests=("externalcontact.add_corp_tag.request",),
        answers=("externalcontact.add_corp_tag.response", "wechatpy.externalcontact_add_corp_tag"),
        holds=lambda g: (g.group_id, g.create_time, [t.id for t in g.tags]),
        expected=("TAG_GROUPID1", 1557838797, ["TAG_ID1", "TAG_ID2"]),
    ),
    SampleCall(
        "externalcontact/edit_corp_tag",
        lambda c: c.edit_corp_tag("TAG_ID", name="NEW_TAG_NAME", order=1, agent_id=1000014),
        requests=("externalcontact.edit_corp_tag.request",),
        answers=("wechatpy.externalcontact_edit_corp_tag",),
    ),
    SampleCall(
        "externalcontact/del_corp_tag",
        lambda c: c.del_corp_tag(
            tag_ids=["TAG_ID_1", "TAG_ID_2"], group_ids=["GROUP_ID_1", "GROUP_ID_2"], agent_id=1000014
        ),
        requests=("externalcontact.del_corp_tag.request",),
        answers=("wechatpy.externalcontact_del_corp_tag",),
    ),
    SampleCall(
        "externalcontact/mark_tag",
        lambda c: c.mark_tag(
            userid="zhangsan",
            external_userid="woAJ2GCAAAd1NPGHKSD4wKmE8Aabj9AAA",
            add=["TAGID1", "TAGID2"],
            remove=["TAGID3", "TAGID4"],
        ),
        requests=("externalcontact.mark_tag.request",),
        answers=("wn.externalcontact.mark_tag.response", "wechatpy.externalcontact_mark_tag"),
    ),
    SampleCall(
        "externalcontact/transfer_customer",
        lambda c: c.transfer_customers(
            giver="zhangsan",
            taker="lisi",
            external_userids=["woAJ2GCAAAXtWyujaWJHDDGi0mACAAAA", "woAJ2GCAAAXtWyujaWJHDDGi0mACBBBB"],
            message=MESSAGE,
        ),
        requests=("externalcontact.transfer_customer.request",),
        answers=("externalcontact.transfer_customer.response",),
        holds=lambda found: [(t.external_userid[-4:], t.begun, t.code) for t in found],
        expected=[("AAAA", False, 40096), ("BBBB", True, 0)],
    ),
    SampleCall(
        "externalcontact/transfer_result",
        lambda c: c.transfer_results(giver="zhangsan", taker="lisi", cursor="CURSOR"),
        requests=("externalcontact.transfer_result.request",),
        answers=("externalcontact.transfer_result.response",),
        holds=lambda page: ([(s.external_userid, s.status, s.takeover_time) for s in page.states], page.next_cursor),
        expected=RESULTS,
    ),
    SampleCall(
        "externalcontact/resigned/transfer_customer",
        lambda c: c.transfer_resigned_customers(
            giver="zhangsan",
            taker="lisi",
            external_userids=["woAJ2GCAAAXtWyujaWJHDDGi0mACBBBB", "woAJ2GCAAAXtWyujaWJHDDGi0mACAAAA"],
        ),
        requests=("externalcontact.resigned.transfer_customer.request",),
        answers=(
            "externalcontact.resigned.transfer_customer.response",
            "wn.externalcontact.resigned.transfer_customer.response",
        ),
        holds=lambda found: [(t.external_userid[-4:], t.meaning.text) for t in found],
        expected=[("BBBB", "成功"), ("AAAA", "客户 ID 无效")],
    ),
    SampleCall(
        "externalcontact/resigned/transfer_result",
        lambda c: c.transfer_resigned_results(giver="zhangsan", taker="lisi", cursor="CURSOR"),
        requests=("externalcontact.resigned.transfer_result.request",),
        answers=("externalcontact.resigned.transfer_result.response",),
        holds=lambda page: ([(s.external_userid, s.status, s.takeover_time) for s in page.states], page.next_cursor),
        expected=RESULTS,
    ),
    SampleCall(
        "externalcontact/get_user_behavior_data",
        lambda c: c.get_user_behavior_data(
            userids=["zhangsan", "lisi"], party_ids=[1001, 1002], start_time=1536508800, end_time=1536595200
        ),
        requests=("externalcontact.get_user_behavior_data.request",),
        answers=("externalcontact.get_user_behavior_data.response", "wechatpy.externalcontact_get_user_behavior_data"),
        holds=lambda days: [(d.stat_time, d.chats, d.messages, d.reply_percentage, d.new_contact) for d in days],
        expected=[(1536508800, 100, 80, 60.25, 5), (1536595200, 20, 40, 100.0, 5)],
    ),
]
