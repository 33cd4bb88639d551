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
from permissions.selectors.sharing import NO_SHARES, Shares

DEFINITIONS = {
    "scans": "客户打开活码页面的次数，不含机器访问",
    "assigned": "分配到客服并占用名额的扫码，同一访客在粘性时间内再扫不重复计",
    "added": "成为好友的客户数，含迟到添加",
    "acceptance": "托管活码的添加 ÷ 分配，按分配计",
    "overflowed": "名单已满，由备用客服或值班人接待的扫码",
    "fallbacks": "没有可接待的人，引导到企业兜底页的扫码",
}

# How 客户通过率 is counted, by its basis: the mark beside it, and in words.
BASES = {
    "assigned": ("按分配计", DEFINITIONS["acceptance"]),
    "requested": ("按申请计", "成为好友 ÷ 企业微信上报的好友申请，按扫码当日计"),
}


def today_kpis(
    access: Access,
    *,
    now: datetime,
    zone: str,
    code_ids: Sequence[int] | None = None,
    shares: Shares = NO_SHARES,
) -> list[Kpi]:
    """Today's strip; beside each figure yesterday's up to the same hour, since a morning is no whole day.

    ``shares``: what other departments opened, for dashboards alone.

    Raises:
        Denied: without ``analytics.view``.
    """
    day, hour = local_day(now, zone), now.astimezone(ZoneInfo(zone)).hour
    before = day - timedelta(days=1)
    yesterday = today(access, day=before, code_ids=code_ids, until_hour=hour, shares=shares)
    return kpis(today(access, day=day, code_ids=code_ids, shares=shares), yesterday)


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
            if not now.basis:
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
                basis=BASES[now.basis][0] if name == "acceptance" else "",
                definition=BASES[now.basis][1] if name == "acceptance" else DEFINITIONS[name],
                change=parts.change(value, previous) if name in ("scans", "assigned", "added") else "",
                before=previous_text,
            )
        )
    return found


def daily_chart(
    previous: list[DayFigures], period: list[DayFigures], *, first_day: date | None = None
) -> LineChart | None:
    """Scans and adds by day, with the scans of the period before.

    Days before ``first_day``, when there was no code yet, are gaps and no zeros (ui.md). Of a native code the adds
    against those before, since WeCom reports no scans; None when these may not be seen.
    """

    def line(days: list[DayFigures], name: str) -> list[int | None]:
        return [None if first_day and one.day < first_day else getattr(one.figures, name) for one in days]

    days: list[date] = [one.day for one in period]
    adds = line(period, "added")
    if all(one.figures.scans is None for one in period):
        if all(value is None for value in adds):
            return None
        before = line(previous, "added")
        series = [Series("添加", adds, "now"), Series("上期添加", before, "prev")]
        return LineChart(days=days, series=series, label=f"近 {len(days)} 天添加，虚线为上一期添加")
    series = [Series("扫码", line(period, "scans"), "now")]
    if any(value is not None for value in adds):
        series.append(Series("添加", adds, "add"))
    series.append(Series("上期扫码", line(previous, "scans"), "prev"))
    return LineChart(days=days, series=series, label=f"近 {len(days)} 天扫码与添加，虚线为上一期扫码")
