"""Figures as pages show them: the strip of figures with their definitions, the chart of days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from analytics.selectors import DayFigures, Figures, today
from livecode_admin.kernel.clock import local_day
from livecode_admin.kernel.web import formats, parts
from livecode_admin.kernel.web.charts import LineChart, Series
from livecode_admin.kernel.web.page import Kpi
from permissions.access import Access

DEFINITIONS = {
    "scans": "客户打开活码页面的次数，不含机器访问",
    "assigned": "分配到客服并占用名额的扫码，同一访客在粘性时间内再扫不重复计",
    "added": "成为好友的客户数，含迟到添加",
    "acceptance": "添加 ÷ 分配，按分配计",
    "overflowed": "名单已满，由备用客服或值班人接待的扫码",
    "fallbacks": "没有可接待的人，引导到企业兜底页的扫码",
}


def today_kpis(access: Access, *, now: datetime, zone: str, code_ids: Sequence[int] | None = None) -> list[Kpi]:
    """Today's strip; beside each figure yesterday's up to the same hour, since a morning is no whole day.

    Raises:
        Denied: without ``analytics.view``.
    """
    day, hour = local_day(now, zone), now.astimezone(ZoneInfo(zone)).hour
    yesterday = today(access, day=day - timedelta(days=1), code_ids=code_ids, until_hour=hour)
    return kpis(today(access, day=day, code_ids=code_ids), yesterday)


def kpis(now: Figures, before: Figures) -> list[Kpi]:
    """The strip of figures; what the member's metric groups don't show is not in it."""
    labels = {
        "scans": "扫码",
        "assigned": "分配",
        "added": "添加",
        "acceptance": "客户通过率",
        "overflowed": "溢出",
        "fallbacks": "兜底页",
    }
    found = []
    for name, label in labels.items():
        value, previous = getattr(now, name), getattr(before, name)
        if value is None and name != "acceptance":
            continue
        if name == "acceptance":
            if now.added is None:
                continue
            text, unit = formats.number(value * 100 if value is not None else None, 1), "%"
            previous_text = formats.percent(previous)
        else:
            text, unit, previous_text = formats.number(value), "", formats.number(previous)
        found.append(
            Kpi(
                label=label,
                value=text,
                unit=unit,
                basis="按分配计" if name == "acceptance" else "",
                definition=DEFINITIONS[name],
                change=parts.change(value, previous) if name in ("scans", "assigned", "added") else "",
                before=previous_text,
            )
        )
    return found


def daily_chart(previous: list[DayFigures], period: list[DayFigures]) -> LineChart:
    """Scans and adds by day, with the scans of the period before."""
    series = [Series("扫码", [one.figures.scans for one in period], "now")]
    if any(one.figures.added is not None for one in period):
        series.append(Series("添加", [one.figures.added for one in period], "add"))
    series.append(Series("上期扫码", [one.figures.scans for one in previous], "prev"))
    days: list[date] = [one.day for one in period]
    return LineChart(days=days, series=series, label=f"近 {len(days)} 天扫码与添加，虚线为上一期扫码")
