"""What the gallery pages show: the same components, words and densities as the console's real pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.paginator import Paginator

from livecode_admin.kernel.web.page import Action, Filter, NavGroup, NavItem, Option, Tab
from tests.ui.gallery_rows import rows

TODAY = date(2027, 1, 18)
ALL = (Option("全部", "?", True), Option("地铁", "?f=1"), Option("门店", "?f=2"))

MANY = [Option("全部", "?", True), *(Option(f"渠道 {i}", f"?c={i}") for i in range(1, 15))]


def frame(current: str, *, admin: bool = True) -> dict[str, Any]:
    """The frame as a director sees it; without ``admin`` as campaign operations do: no 管理."""
    groups = [
        NavGroup("", [NavItem("工作台", "/", "layout-dashboard")]),
        NavGroup("活码", [NavItem("活码列表", "/c/", "qrcode", current == "codes"), NavItem("分类", "/f/", "folder"),
                        NavItem("物料", "/p/", "photo")]),
        NavGroup("接待", [NavItem("客服", "/s/", "users"), NavItem("实时接待", "/l/", "activity"),
                        NavItem("欢迎语", "/w/", "message-2"), NavItem("标签", "/t/", "tag"),
                        NavItem("客户", "/k/", "address-book")]),
        NavGroup("数据", [NavItem("看板", "/d/", "chart-bar"),
                        NavItem("预警", "/a/", "alert-triangle", current == "warnings", 12)]),
    ]  # fmt: skip
    if admin:
        items = [
            ("成员与权限", "shield-lock"),
            ("企业微信", "brand-wechat"),
            ("CRM 对接", "plug"),
            ("审计日志", "history"),
        ]
        groups.append(NavGroup("管理", [NavItem(label, "/m/", icon) for label, icon in [*items, ("设置", "settings")]]))
    tenant = {"name": "知行教育", "slug": "zhixing"}
    return {
        "nav_groups": groups,
        "tenant": tenant,
        "memberships": [tenant, {"name": "青禾口腔", "slug": "qinghe"}],
        "notices_unread": 3,
        "warnings_open": 12,
        "account": {"name": "苏婉清", "roles": "运营总监", "department": "市场部"},
        "new_code_url": "/c/new/",
        "today": TODAY,
    }


BULK = [
    Action("批量延长期限", "calendar-plus", hx_post="/renew/", key="r"),
    Action("换客服", "user-share", hx_post="/staff/"),
    Action("加标签", "tag", hx_post="/tags/"),
    Action("移动分类", "folder-symlink", hx_post="/move/"),
    Action("暂停", "player-pause", hx_post="/pause/", key="p", apart=True),
    Action("归档", "archive", hx_post="/retire/"),
    Action("打包下载", "file-zip", url="/zip/", method="post", apart=True),
]


def list_page() -> dict[str, Any]:
    """Context of gallery_list.html."""
    names = [("folder", "分类"), ("channel", "渠道"), ("state", "状态")]
    filters = [Filter(key, label, "全部", MANY if key == "channel" else ALL) for key, label in names]
    filters.append(Filter("department", "部门", "市场部及下级", (), "?department="))
    filters += [Filter("owner", "负责人", "不限", ALL), Filter("until", "有效期", "不限", ALL)]
    return frame("codes") | {
        "tabs": [Tab("短期活动", "?g=c", 98), Tab("长期服务", "?g=s", 28), Tab("全部", "?", 126, True)],
        "actions": [Action("导入", "file-import", "/import/"), Action("新建活码", "plus", "/c/new/", tone="primary")],
        "filters": filters,
        "view": Filter("view", "视图", "华东在投", ALL),
        "bulk_actions": BULK,
        "columns_actions": [
            Action("紧凑", "sort-descending", "?density=tight"),
            Action("舒展", "list", "?density=wide"),
        ],
        "rows": rows(),
        "page": Paginator(range(126), 14).page(1),
    }
