"""A code's page in the gallery, as campaign operations see it."""

from __future__ import annotations

from base64 import b64encode
from datetime import date, timedelta
from typing import Any

from django.utils.html import format_html

from codes.qr import png_bytes
from livecode_admin.kernel.web import parts
from livecode_admin.kernel.web.charts import LineChart, Mark, Series
from livecode_admin.kernel.web.page import Action, Crumb, Event, Fact, Kpi, Option
from tests.ui.gallery_data import frame

ONE, TWO = "课程顾问一组", "课程顾问二组"
KEYS = ("place", "name", "group", "used", "late", "cap", "waiting", "assigned", "share", "rate", "state", "text")
SEATS: list[tuple[Any, ...]] = [
    ("1", "林晓彤", ONE, 100, 3, 100, 2, 44, 0.22, 0.741, "full", ""),
    ("2", "陈思远", ONE, 78, 0, 100, 3, 52, 0.26, 0.718, "receiving", ""),
    ("3", "周雨桐", ONE, 83, 0, 120, 1, 52, 0.26, 0.702, "receiving", ""),
    ("4", "吴梓涵", TWO, 91, 0, 100, 4, 52, 0.26, 0.695, "receiving", ""),
    ("5", "何嘉怡", TWO, 0, 0, 80, None, 0, 0.0, None, "paused", "暂停至 2027-01-22"),
    ("备 1", "刘佳宁", TWO, 12, 0, 60, 0, 0, 0.0, None, "standby", ""),
]
RULES = [
    Fact("策略", "平均分配(按序号轮询)，按分配计轮次"),
    Fact("溢出切换", "开。客服满额后由下一位接，全满转备用"),
    Fact("峰值转接", "开。同时等待满 50 人转备用，5 分钟窗口"),
    Fact("接待时间", "每天 09:00–21:30，按节假日与调休"),
    Fact("条件", "点位以 m2 开头 → 二组；其余用整个名单"),
    Fact("免验证", "开。周六日 12:00–14:00 需验证"),
    Fact("粘性", "24 小时内再扫仍是同一位，不重复占名额"),
    Fact("兜底", "备用客服 → 值班 郑文博 → 企业兜底页"),
]
EVENTS = [
    Event("欢迎语修改", "01-13 16:20", "王雨桐", "前后 7 天通过率 68.6% → 72.5%", "/e/", True),
    Event("名单调整", "01-08 09:42", "苏婉清", "加 吴梓涵；何嘉怡 暂停至 01-22", "/e/", True),
    Event("分流规则 第 4 版", "2026-12-30 10:15", "赵启明", "峰值阈值 80 → 50", "/e/"),
    Event("创建", "2026-11-22 09:05", "王雨桐", "", "/e/"),
]
ACTIONS = [
    Action("测试扫码", "eye-check", hx_get="/try/"),
    Action("延长期限", "calendar-plus", hx_get="/renew/"),
    Action("物料", "photo", "/poster/"),
    Action("编辑", "edit", "/edit/", tone="primary"),
]


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
    """Context of gallery_code.html."""
    greeting = format_html(
        '您好，<span class="var">{}</span>，我是知行教育课程顾问 <span class="var">{}</span>。{}',
        "小满妈妈",
        "林晓彤",
        "地铁专享的 2 节体验课已为您留好，告诉我孩子的年级，我来约时间。",
    )
    return frame("codes", admin=False) | {
        "crumbs": [Crumb("活码", "/c/"), Crumb("2026 冬季招生", "/f/1/"), Crumb("地铁", "/f/2/")],
        "thumb_url": qr_picture("https://s.zhixing.example/c/k3v9x2abcd"),
        "code_url": "https://s.zhixing.example/k3v9x2",
        "pills": [("ok", "启用", "circle-check"), ("", "短期活动", ""), ("", "托管", ""), ("", "多人", "")],
        "facts": ["6 个点位", "负责人 王雨桐", "市场部"],
        "actions": ACTIONS,
        "kpis": kpis(),
        "chart": scan_chart(),
        "periods": [Option("近 7 天", "?d=7"), Option("近 14 天", "?d=14", True), Option("近 30 天", "?d=30")],
        "edit_roster": Action("编辑名单", "user-plus", "/roster/"),
        "seats": [
            dict(zip(KEYS, s, strict=True)) | {"off": s[10] == "paused", "backup": s[0][0] == "备"} for s in SEATS
        ],
        "rules": RULES,
        "greeting": greeting,
        "mini_program": {"title": "冬季体验课 免费预约", "cover": "2 节课，小班 6 人", "from": "小程序 知行课堂"},
        "tags": [("渠道来源", "地铁广告"), ("地区", "按点位城市"), ("消费偏好", "体验课")],
        "events": EVENTS,
        "code_actions": [
            Action("复制活码", "copy", "/copy/", "post"),
            Action("归档", "archive", hx_get="/retire/", apart=True),
        ],
        "seat_actions": [Action("暂停接待", "player-pause", hx_get="/pause/")],
    }
