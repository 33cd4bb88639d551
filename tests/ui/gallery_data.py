"""What the gallery pages show: the same components, words and densities as the console's real pages."""

from __future__ import annotations

from base64 import b64encode
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.utils.html import format_html

from codes.qr import png_bytes
from livecode_admin.kernel.web import parts
from livecode_admin.kernel.web.charts import LineChart, Mark, Series
from livecode_admin.kernel.web.page import (
    Action,
    Crumb,
    Event,
    Fact,
    Filter,
    Kpi,
    NavGroup,
    NavItem,
    Option,
    PickerItem,
    Step,
    Tab,
)
from tests.ui.gallery_rows import rows

TODAY = date(2027, 1, 18)
ALL = (Option("全部", "?", True), Option("地铁", "?f=1"), Option("门店", "?f=2"))


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
    filters = [Filter(key, label, "全部", ALL) for key, label in names]
    filters.append(Filter("department", "部门", "市场部及下级", (), "?department="))
    filters += [Filter("owner", "负责人", "不限", ALL), Filter("until", "有效期", "不限", ALL)]
    return frame("codes") | {
        "tabs": [Tab("短期活动", "?g=c", 98), Tab("长期服务", "?g=s", 28), Tab("全部", "?", 126, True)],
        "actions": [Action("导入", "file-import", "/import/"), Action("新建活码", "plus", "/c/new/", tone="primary")],
        "filters": filters,
        "view": Filter("view", "视图", "华东在投", ALL),
        "bulk": BULK,
        "columns_actions": [
            Action("紧凑", "sort-descending", "?density=tight"),
            Action("舒展", "list", "?density=wide"),
        ],
        "rows": rows(),
        "page": Paginator(range(126), 14).page(1),
    }


def qr_picture(url: str) -> str:
    """The code's QR as the real page would link to it."""
    return "data:image/png;base64," + b64encode(png_bytes(url, 2)).decode()


def scan_chart() -> LineChart:
    """Fourteen days with two changes, a gap in the period before, and today still open."""
    start = date(2027, 1, 5)
    return LineChart(
        days=[start + timedelta(days=i) for i in range(14)],
        series=[
            Series("扫码", [188, 201, 196, 214, 236, 221, 192, 187, 203, 209, 238, 252, 219, 212]),
            Series("添加", [122, 133, 128, 139, 158, 146, 127, 125, 140, 146, 164, 176, 151, 142], "add"),
            Series("上期扫码", [171, 168, 190, 186, None, 205, 178, 174, 182, 188, 214, 231, 198, 192], "prev"),
        ],
        label="近 14 天扫码与添加，实线本期，虚线上一期",
        marks=[Mark(2.92, "名单调整", "#changes"), Mark(8.18, "欢迎语修改", "#changes")],
    )


def kpis() -> list[Kpi]:
    """The six figures of a code's page."""
    why = "近 14 天，数据截至 14:05"
    return [
        Kpi("扫码", "2,968", "", "/x/", "", why, parts.change(2968, 2703), "2,614"),
        Kpi("分配", "2,841", "", "/x/", "", why, parts.change(2841, 2578), "2,491"),
        Kpi("添加", "2,017", "", "/x/", "", why, parts.change(2017, 1760), "1,703"),
        Kpi("客户通过率", "71.0", "%", "/x/", "按分配计", why, parts.change(0.71, 0.684, unit="pt"), "68.4%"),
        Kpi("加上好友用时", "46", "秒 中位", "/x/", "", why, parts.change(46, 53, unit="秒", good="down"), "53 秒"),
        Kpi("标签匹配准确率", "97.6", "%", "/x/", "", why, parts.change(0.976, 0.98, unit="pt"), "98.0%"),
    ]


def code_page() -> dict[str, Any]:
    """Context of gallery_code.html, as campaign operations see it."""
    one, two = "课程顾问一组", "课程顾问二组"
    keys = ("place", "name", "group", "used", "late", "cap", "waiting", "assigned", "share", "rate", "state", "text")
    seats = [
        ("1", "林晓彤", one, 100, 3, 100, 2, 44, 0.22, 0.741, "full", ""),
        ("2", "陈思远", one, 78, 0, 100, 3, 52, 0.26, 0.718, "receiving", ""),
        ("3", "周雨桐", one, 83, 0, 120, 1, 52, 0.26, 0.702, "receiving", ""),
        ("4", "吴梓涵", two, 91, 0, 100, 4, 52, 0.26, 0.695, "receiving", ""),
        ("5", "何嘉怡", two, 0, 0, 80, None, 0, 0.0, None, "paused", "暂停至 2027-01-22"),
        ("备 1", "刘佳宁", two, 12, 0, 60, 0, 0, 0.0, None, "standby", ""),
    ]
    rules = [
        ("策略", "平均分配(按序号轮询)，按分配计轮次"), ("溢出切换", "开。客服满额后由下一位接，全满转备用"),
        ("峰值转接", "开。同时等待满 50 人转备用，5 分钟窗口"), ("接待时间", "每天 09:00–21:30，按节假日与调休"),
        ("条件", "点位以 m2 开头 → 二组；其余用整个名单"), ("免验证", "开。周六日 12:00–14:00 需验证"),
        ("粘性", "24 小时内再扫仍是同一位，不重复占名额"), ("兜底", "备用客服 → 值班 郑文博 → 企业兜底页"),
    ]  # fmt: skip
    return frame("codes", admin=False) | {
        "crumbs": [Crumb("活码", "/c/"), Crumb("2026 冬季招生", "/f/1/"), Crumb("地铁", "/f/2/")],
        "thumb_url": qr_picture("https://s.zhixing.example/c/k3v9x2abcd"),
        "pills": [("ok", "启用", "circle-check"), ("", "短期活动", ""), ("", "托管", ""), ("", "多人", "")],
        "facts": ["6 个点位", "负责人 王雨桐", "市场部"],
        "actions": [
            Action("测试扫码", "eye-check", hx_get="/try/"), Action("延长期限", "calendar-plus", hx_get="/renew/"),
            Action("物料", "photo", "/poster/"), Action("编辑", "edit", "/edit/", tone="primary"),
        ],
        "kpis": kpis(),
        "chart": scan_chart(),
        "periods": [Option("近 7 天", "?d=7"), Option("近 14 天", "?d=14", True), Option("近 30 天", "?d=30")],
        "edit_roster": Action("编辑名单", "user-plus", "/roster/"),
        "seats": [dict(zip(keys, s, strict=True)) | {"off": s[10] == "paused", "backup": s[0][0] == "备"} for s in seats],
        "rules": [Fact(label, text) for label, text in rules],
        "greeting": format_html(
            "您好，<span class='var'>{}</span>，我是知行教育课程顾问 <span class='var'>{}</span>。"
            "地铁专享的 2 节体验课已为您留好，告诉我孩子的年级，我来约时间。", "小满妈妈", "林晓彤"),
        "mini_program": {"title": "冬季体验课 免费预约", "cover": "2 节课，小班 6 人", "from": "小程序 知行课堂"},
        "tags": [("渠道来源", "地铁广告"), ("地区", "按点位城市"), ("消费偏好", "体验课")],
        "events": [
            Event("欢迎语修改", "01-13 16:20", "王雨桐", "前后 7 天通过率 68.6% → 72.5%", "/e/", True),
            Event("名单调整", "01-08 09:42", "苏婉清", "加 吴梓涵；何嘉怡 暂停至 01-22", "/e/", True),
            Event("分流规则 第 4 版", "2026-12-30 10:15", "赵启明", "峰值阈值 80 → 50", "/e/"),
            Event("创建", "2026-11-22 09:05", "王雨桐", "", "/e/"),
        ],
        "code_actions": [Action("复制活码", "copy", "/copy/", "post"), Action("归档", "archive", hx_get="/retire/", apart=True)],
        "seat_actions": [Action("暂停接待", "player-pause", hx_get="/pause/")],
    }  # fmt: skip


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="名称", max_length=30, help_text="日期-用途缩写-渠道，可以改",
                           widget=forms.TextInput(attrs={"data-count": "chars", "data-max": "30"}))  # fmt: skip
    purpose = forms.ChoiceField(label="用途", choices=[("c", "短期活动"), ("s", "长期服务")], widget=forms.RadioSelect)
    channel = forms.ChoiceField(label="渠道", choices=[("1", "地铁广告"), ("2", "直播间")])
    greeting = forms.CharField(label="欢迎语", widget=forms.Textarea(
        attrs={"rows": 3, "data-count": "bytes", "data-max": "4000"}))  # fmt: skip
    cap = forms.IntegerField(label="每日接待上限", min_value=1, initial=100)
    overflow = forms.BooleanField(label="溢出自动切换", required=False, help_text="满额后由下一位接，全满转备用")


def parts_page() -> dict[str, Any]:
    """Context of gallery.html."""
    form = SampleForm({"name": "", "purpose": "c", "channel": "1", "greeting": "您好，我是课程顾问", "cap": "0"})
    staff = [("林晓彤", "lxt linxiaotong"), ("陈思远", "csy chensiyuan"), ("周雨桐", "zyt zhouyutong")]
    items = [PickerItem(str(i), n, "课程顾问一组", f"{n} {py}", i == 0) for i, (n, py) in enumerate(staff)]
    items.append(PickerItem("9", "何嘉怡", "课程顾问二组", "何嘉怡 hjy", False, "未开客户联系"))
    job = {"id": 1, "title": "打包下载 126 个活码", "state": "running", "done": 52, "total": 126, "percent": 41}
    return frame("") | {
        "form": form,
        "connect": Action("去连接", "plug", "/wecom/"),
        "first": Action("新建活码", "plus", "/c/new/", tone="primary"),
        "stepper": [Step("连接企业微信", "/1/", done=True), Step("同步客服", "/2/", done=True),
                    Step("第一个活码", current=True), Step("打印")],
        "people": [{"id": i, "name": n, "group": "课程顾问一组"} for i, (n, _) in enumerate(staff)],
        "picker": items,
        "job": job,
        "job_done": job | {"id": 2, "state": "done", "done": 126},
        "funnel_steps": [("扫码", 2968), ("分配", 2841), ("申请", None), ("通过", 2017), ("7 日留存", 1822)],
        "states": list(parts.STATES),
        "buttons": [Action("普通", "edit", "/x/"), Action("主要", "plus", "/x/", tone="primary"),
                    Action("建议", "calendar-plus", "/x/", "post", tone="soft"), Action("删除客户", "trash", "/x/", tone="danger")],
        "messages": [],
    }  # fmt: skip


def warning_page() -> dict[str, Any]:
    """Context of gallery_warning.html."""
    keys = ("name", "url", "until", "owner", "first", "recent", "adds")
    renew, retire = Action("续 3 个月", "calendar-plus", hx_post="/r/"), Action("归档", "archive", hx_post="/a/")

    def row(*values: Any, why: str = "") -> dict[str, Any]:
        found = dict(zip(keys, values, strict=True)) | {"why": why}
        most = max(found["first"], found["recent"], 1)
        share = found["recent"] / max(found["first"], 1)
        shares = {"first_share": found["first"] / most, "recent_share": found["recent"] / most}
        return found | shares | {"ratio": share, "low": share < 0.3}

    soft = Action("归档", "archive", hx_post="/a/", tone="soft")
    groups = [
        {"kind": "bad", "text": "建议归档(废弃)", "icon": "archive", "why": "近 7 天扫码低于首周 30%",
         "actions": [Action("续期", hx_post="/r/"), soft],
         "rows": [row("20261019-JZJZ-家长讲座", "/c/", date(2027, 1, 19), "王雨桐", 318, 73, "207 → 40"),
                  row("20261021-MDHB-门店海报", "/c/", date(2027, 1, 21), "赵启明", 152, 38, "88 → 20")]},
        {"kind": "ok", "text": "建议续期", "icon": "calendar-plus", "why": "扫码与添加都保持",
         "action": Action("全部续 3 个月", hx_post="/r/"),
         "actions": [Action("归档", hx_post="/a/"), Action("续 3 个月", "calendar-plus", hx_post="/r/", tone="soft")],
         "rows": [row("20261021-TYK-电梯广告", "/c/", date(2027, 1, 21), "王雨桐", 118, 131, "71 → 80"),
                  row("20261020-TGK-团购卡", "/c/", date(2027, 1, 20), "林悦", 47, 31, "33 → 22")]},
        {"kind": "", "text": "数据不足", "icon": "help-circle", "why": "不作建议，默认续期", "actions": [retire, renew],
         "rows": [row("20270109-NHJ-年货节快闪", "/c/", date(2027, 1, 21), "赵启明", 0, 0, "6", why="上线 9 天，不足 14 天")]},
    ]  # fmt: skip
    start = date(2027, 1, 7)
    drop = LineChart(
        days=[start + timedelta(days=i) for i in range(11)],
        series=[Series("扫码", [108, 112, 121, 126, 109, 104, 110, 107, 111, 119, 41]),
                Series("同星期平常值", [104, 114, 117, 118, 112, 100, 113, 104, 115, 117, 118], "prev")],
        label="近 11 天扫码与同星期平常值", marks=[Mark(9.4, "欢迎语修改")], open_day=False, alarm=True, width=336, height=128,
    )  # fmt: skip
    return frame("warnings") | {
        "tabs": [Tab("过期预警", "?", 8, True, True), Tab("扫码骤降", "?", 2, alert=True), Tab("域名", "?", 0)],
        "actions": [Action("提醒设置", "adjustments-horizontal", "/settings/")],
        "filters": [Filter("owner", "负责人", "我和下属", (), "?owner="), Filter("folder", "分类", "全部", ALL)],
        "groups": groups,
        "drop_chart": drop,
        "steps": [
            Step("欢迎语", tone="bad", verdict="异常", icon="alert-circle",
                 text="01-16 21:10 换成「年货节」模板，之后 118 次发送失败 31 次，图片素材已过期。",
                 actions=[Action("恢复上一版", hx_post="/w/", tone="soft"), Action("看失败的 31 次", url="/w/")]),
            Step("现场物料", tone="warn", verdict="待人工", icon="camera", text="「徐家汇 3 号口」占降幅 62%，请看是否被遮挡。"),
            Step("名单、上限与企业微信", tone="ok", verdict="正常", icon="circle-check", text="名单 6 人在岗，接口错误 0 次。"),
            Step("分流规则", tone="ok", verdict="正常", icon="circle-check", text="30 天未改。先处理前三步，不要先动规则。"),
        ],
    }  # fmt: skip


PAGES = {
    "list": ("ui/gallery_list.html", list_page),
    "code": ("ui/gallery_code.html", code_page),
    "warning": ("ui/gallery_warning.html", warning_page),
    "parts": ("ui/gallery.html", parts_page),
}
