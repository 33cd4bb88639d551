"""People, departments, login, uploads."""

from __future__ import annotations

from typing import Any

from tests.wecom.calls.shape import SampleCall

UPLOAD: dict[str, Any] = {"filename": "a.png", "content": b"\x89PNG....", "content_type": "image/png"}

DIRECTORY = [
    SampleCall(
        "gettoken",
        lambda c: c.access_token(),
        answers=("gettoken.response", "wechatpy.gettoken"),
        expected="accesstoken000001",
    ),
    SampleCall(
        "user/get",
        lambda c: c.get_user("zhangsan"),
        answers=("user_get.response",),
        holds=lambda u: (u.userid, u.name, u.departments, u.status, u.direct_leaders, u.external_corp_name, u.gender),
        expected=("zhangsan", "张三", (1, 2), 1, ("lisi", "wangwu"), "企业简称", "1"),
        query={"userid": "zhangsan"},
    ),
    SampleCall(
        "user/list",
        lambda c: c.list_users(2),
        answers=("user_list.response", "wechatpy.user_list"),
        holds=lambda users: [(u.userid, u.main_department, u.leads) for u in users],
        expected=[("zhangsan", 1, (1, 0))],
        query={"department_id": "2"},
    ),
    SampleCall(
        "user/simplelist",
        lambda c: c.list_users_simple(2),
        answers=("user_simplelist.response", "wechatpy.user_simplelist"),
        holds=lambda users: [(u.userid, u.name, u.departments, u.open_userid) for u in users],
        expected=[("zhangsan", "张三", (1, 2), "xxxxxx")],
        query={"department_id": "2"},
    ),
    SampleCall(
        "department/list",
        lambda c: c.list_departments(),
        answers=("department_list.response", "wechatpy.department_list"),
        holds=lambda found: [(d.id, d.name, d.leaders, d.parent_id, d.order) for d in found],
        expected=[(2, "广州研发中心", ("zhangsan", "lisi"), 1, 10), (3, "邮箱产品部", ("lisi", "wangwu"), 2, 40)],
    ),
    SampleCall(
        "externalcontact/get_follow_user_list",
        lambda c: c.get_follow_user_list(),
        answers=("externalcontact.get_follow_user_list.response", "wechatpy.externalcontact_get_follow_user_list"),
        expected=("zhangsan", "lissi"),
    ),
    SampleCall(
        "auth/getuserinfo",
        lambda c: c.get_user_info("CODE"),
        answers=("auth_getuserinfo.response", "wn.user.getuserinfo.response"),
        holds=lambda v: (v.userid, v.openid, v.external_userid, v.user_ticket),
        expected=("USERID", "OPENID", "EXTERNAL_USERID", "USER_TICKET"),
        query={"code": "CODE"},
    ),
    SampleCall(
        "getcallbackip",
        lambda c: c.get_callback_ips(),
        answers=("getcallbackip.response", "wechatpy.getcallbackip"),
        expected=("101.226.103.*", "101.226.62.*"),
    ),
    SampleCall(
        "media/upload",
        lambda c: c.upload_media(kind="image", **UPLOAD),
        answers=("media_upload.response", "wechatpy.media_upload"),
        holds=lambda m: (m.type, m.media_id, m.created_at),
        expected=("image", "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0", 1380000000),
        query={"type": "image"},
    ),
    SampleCall(
        "media/uploadimg",
        lambda c: c.upload_image(**UPLOAD),
        answers=("media_uploadimg.response",),
        holds=lambda url: url[:36],
        expected="http://p.qpic.cn/pic_wework/34741108",
    ),
]
