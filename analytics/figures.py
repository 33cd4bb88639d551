"""Figures as pages show them: the strip of figures with their definitions, the chart of days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from analytics.selectors import EVERYTHING, GROWTH, QUALITY, TRAFFIC, DayFigures, Figures, Part, today
from livecode_admin.kernel.clock import local_day
from livecode_admin.kernel.web import formats, parts
from livecode_admin.kernel.web.charts import LineChart, Series
from livecode_admin.kernel.web.page import Kpi
from permissions.access import Access

DEFINITIONS = {
    "scans": "客户打开活码页面的次数，不含机器访问",
    "assigned": "分配到客服并占用名额的扫码，同一访客在粘性时间内再扫不重复计",
    "added": "成为好友的客户数，含迟到添加",
    "acceptance": "托管活码的添加 ÷ 分配，按分配计",
    "overflowed": "名单已满，由备用客服或值班人接待的扫码",
    "fallbacks": "没有可接待的人，引导到企业兜底页的扫码",
}

LABELS = {
    "scans": "扫码",
    "assigned": "分配",
    "added": "添加",
    "acceptance": "客户通过率",
    "overflowed": "溢出",
    "fallbacks": "兜底页",
}
# To which metric group each figure of the strip belongs (product.md §5.3).
GROUP_OF = dict.fromkeys(LABELS, TRAFFIC) | {"added": GROWTH, "acceptance": QUALITY}

NO_MARKS: Mapping[str, str] = MappingProxyType({})

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
    part: Part = EVERYTHING,
) -> list[Kpi]:
    """Today's strip; beside each figure yesterday's up to the same hour, since a morning is no whole day.

    ``part``: what of a dashboard is looked at; a figure that others opened says so.

    Raises:
        Denied: without ``analytics.view``.
    """
    day, hour = local_day(now, zone), now.astimezone(ZoneInfo(zone)).hour
    before = day - timedelta(days=1)
    yesterday = today(access, day=before, code_ids=code_ids, until_hour=hour, part=part)
    return kpis(today(access, day=day, code_ids=code_ids, part=part), yesterday, marks=shared_marks(part))


def shared_marks(part: Part) -> dict[str, str]:
    """What stands beside the figures of each metric group that others opened: all of it, or some of what is counted."""
    if part.department_ids is None:
        return dict.fromkeys(part.shares.widened, "含共享")
    return dict.fromkeys(part.shared, "共享")


def kpis(now: Figures, before: Figures, *, marks: Mapping[str, str] = NO_MARKS) -> list[Kpi]:
    """The strip of figures; what the member's metric groups don't show is not in it. ``marks`` by metric group."""
    found = []
    for name, label in LABELS.items():
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
                mark=marks.get(GROUP_OF[name], ""),
            )
        )
    return found


def daily_chart(
    previous: list[DayFigures], period: list[DayFigures], *, first_day: date | None = None
) -> LineChart | None:
    """Scans and adds by day, with the scans of the period before.

    Days before ``first_day``, when there was no code yet, are gaps and no zeros (ui.md). Without scans (of a native
    code WeCom reports none, and not everybody may see them) the adds against those before; None without these, too.
    """

    def line(days: list[DayFigures], name: str) -> list[int | None]:
        return [None if first_day and one.day < first_day else getattr(one.figures, name) for one in days]

    days: list[date] = [one.day for one in period]
    shown = [name for name in ("scans", "added") if any(getattr(one.figures, name) is not None for one in period)]
    if not shown:
        return None
    labels = {"scans": "扫码", "added": "添加"}
    kinds = dict(zip(shown, ("now", "add"), strict=False))
    series = [Series(labels[name], line(period, name), kinds[name]) for name in shown]
    series.append(Series(f"上期{labels[shown[0]]}", line(previous, shown[0]), "prev"))
    told = "与".join(labels[name] for name in shown)
    return LineChart(days=days, series=series, label=f"近 {len(days)} 天{told}，虚线为上一期{labels[shown[0]]}")


def chart_title(chart: LineChart | None) -> str:
    """What the chart is called: the lines of its period."""
    return "与".join(one.label for one in chart.series if one.kind != "prev") if chart else ""
