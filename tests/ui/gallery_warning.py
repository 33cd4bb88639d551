"""The warnings inbox in the gallery."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from livecode_admin.kernel.web.charts import LineChart, Mark, Series
from livecode_admin.kernel.web.page import Action, Filter, Step, Tab
from tests.ui.gallery_data import ALL, frame

KEYS = ("name", "until", "owner", "first", "recent", "adds")


def row(*values: Any, why: str = "") -> dict[str, Any]:
    """One code: its first and its last seven days, side by side."""
    found = dict(zip(KEYS, values, strict=True)) | {"why": why, "url": "/c/"}
    most = max(found["first"], found["recent"], 1)
    share = found["recent"] / max(found["first"], 1)
    shares = {"first_share": found["first"] / most, "recent_share": found["recent"] / most}
    return found | shares | {"ratio": share, "low": share < 0.3}


RENEW, RETIRE = Action("续 3 个月", "calendar-plus", hx_post="/r/"), Action("归档", hx_post="/a/")
GROUPS: list[dict[str, Any]] = [
    {
        "kind": "bad",
        "text": "建议归档(废弃)",
        "icon": "archive",
        "why": "近 7 天扫码低于首周 30%",
        "actions": [Action("续期", hx_post="/r/"), Action("归档", "archive", hx_post="/a/", tone="soft")],
        "rows": [
            row("20261019-JZJZ-家长讲座", date(2027, 1, 19), "王雨桐", 318, 73, "207 → 40"),
            row("20261021-MDHB-门店海报", date(2027, 1, 21), "赵启明", 152, 38, "88 → 20"),
        ],
    },
    {
        "kind": "ok",
        "text": "建议续期",
        "icon": "calendar-plus",
        "why": "扫码与添加都保持",
        "action": Action("全部续 3 个月", hx_post="/r/"),
        "actions": [RETIRE, Action("续 3 个月", "calendar-plus", hx_post="/r/", tone="soft")],
        "rows": [
            row("20261021-TYK-电梯广告", date(2027, 1, 21), "王雨桐", 118, 131, "71 → 80"),
            row("20261020-TGK-团购卡", date(2027, 1, 20), "林悦", 47, 31, "33 → 22"),
        ],
    },
    {
        "kind": "",
        "text": "数据不足",
        "icon": "help-circle",
        "why": "不作建议，默认续期",
        "actions": [RETIRE, RENEW],
        "rows": [row("20270109-NHJ-年货节快闪", date(2027, 1, 21), "赵启明", 0, 0, "6", why="上线 9 天，不足 14 天")],
    },
]
STEPS = [
    Step(
        "欢迎语",
        tone="bad",
        verdict="异常",
        icon="alert-circle",
        text="01-16 21:10 换成「年货节」模板，之后 118 次发送失败 31 次，图片素材已过期。",
        actions=[Action("恢复上一版", hx_post="/w/", tone="soft"), Action("看失败的 31 次", url="/w/")],
    ),
    Step(
        "现场物料", tone="warn", verdict="待人工", icon="camera", text="「徐家汇 3 号口」占降幅 62%，请看是否被遮挡。"
    ),
    Step("名单、上限与企业微信", tone="ok", verdict="正常", icon="circle-check", text="名单 6 人在岗。"),
    Step("分流规则", tone="ok", verdict="正常", icon="circle-check", text="30 天未改。先处理前三步，不要先动规则。"),
]


def drop_chart() -> LineChart:
    """Eleven days that end in a drop."""
    start = date(2027, 1, 7)
    usual = [104, 114, 117, 118, 112, 100, 113, 104, 115, 117, 118]
    return LineChart(
        days=[start + timedelta(days=i) for i in range(11)],
        series=[
            Series("扫码", [108, 112, 121, 126, 109, 104, 110, 107, 111, 119, 41]),
            Series("同星期平常值", usual, "prev"),
        ],
        label="近 11 天扫码与同星期平常值",
        marks=[Mark(9.4, "欢迎语修改")],
        open_day=False,
        alarm=True,
        width=336,
        height=128,
    )


def warning_page() -> dict[str, Any]:
    """Context of gallery_warning.html."""
    return frame("warnings") | {
        "tabs": [Tab("过期预警", "?", 8, True, True), Tab("扫码骤降", "?", 2, alert=True), Tab("域名", "?", 0)],
        "actions": [Action("提醒设置", "adjustments-horizontal", "/settings/")],
        "filters": [Filter("owner", "负责人", "我和下属", (), "?owner="), Filter("folder", "分类", "全部", ALL)],
        "groups": GROUPS,
        "drop_chart": drop_chart(),
        "steps": STEPS,
    }
