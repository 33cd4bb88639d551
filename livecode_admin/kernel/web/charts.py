"""Line charts and sparklines as SVG text, drawn on the server: no script, printable, clean under a strict CSP.

Colours and strokes are classes of console.css, geometry is attributes; nothing here writes a style attribute.
A None among the values is a gap and stays one (ui.md, Charts).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from livecode_admin.kernel.web.formats import axis_day, number

Value = int | float | None
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Series:
    """One line: ``kind`` is ``now`` (this period, strong), ``add`` (second metric) or ``prev`` (previous, dashed)."""

    label: str
    values: Sequence[Value]
    kind: str = "now"


@dataclass(frozen=True, slots=True)
class Mark:
    """A change on the time axis. ``at`` is a position in days from the first one (3.4 = the fourth day, 09:36)."""

    at: float
    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class LineChart:
    """A chart of whole days; ``open_day`` says that the last day is today and not over yet (dotted, hollow point).

    ``alarm`` puts a red point on the last day: the drop that the chart is about.
    """

    days: Sequence[date]
    series: Sequence[Series]
    label: str
    marks: Sequence[Mark] = ()
    open_day: bool = True
    alarm: bool = False
    holidays: frozenset[date] = field(default_factory=frozenset)
    width: int = 836
    height: int = 168

    def rows(self) -> list[tuple[date, list[str]]]:
        """The same figures as a table: every chart has one."""
        return [(day, [number(s.values[i]) for s in self.series]) for i, day in enumerate(self.days)]


def nice_ceiling(highest: float) -> tuple[float, float]:
    """The axis' end and step for 2 to 4 lines: steps are 1, 2, 2.5 or 5 times a power of ten, at least 1."""
    if highest <= 0:
        return 3.0, 1.0
    rough = highest / 3
    power = 10.0 ** math.floor(math.log10(rough))
    for factor in (1, 2, 2.5, 5, 10):
        step = max(1.0, factor * power)
        # A step of 2.5 or below would put fractions on an axis of counts.
        if step >= rough and step == int(step):
            break
    return math.ceil(highest / step) * step, step


def runs(points: Sequence[Point | None]) -> list[list[Point]]:
    """The unbroken stretches of a line with gaps."""
    found: list[list[Point]] = [[]]
    for point in points:
        if point is None:
            if found[-1]:
                found.append([])
        else:
            found[-1].append(point)
    return [run for run in found if run]


def polyline(points: Iterable[Point], css: str = "") -> SafeString:
    """One ``<polyline>``."""
    text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    if not css:
        return format_html('<polyline points="{}"/>', text)
    return format_html('<polyline class="{}" points="{}"/>', css, text)


def join(parts: Iterable[SafeString]) -> SafeString:
    """Safe pieces as one safe text."""
    return format_html_join("", "{}", ((part,) for part in parts))


def sparkline(
    values: Sequence[Value], label: str, *, off: bool = False, width: int = 92, height: int = 24
) -> SafeString:
    """A list row's line; gaps are a dotted line at the foot, the last known point is filled; empty if all None."""
    known = [v for v in values if v is not None]
    spoken = f"{label}：" + "、".join("缺" if v is None else number(v) for v in values)
    parts: list[SafeString] = []
    if known:
        low, high = min(known), max(known)
        span = (high - low) or 1
        step = width / max(1, len(values) - 1)
        # Scaled to its own range, but never so far that a change of a few looks like a landslide.
        span = max(span, high * 0.5, 1)
        top = high if high else span  # nothing at all lies at the foot
        places = [None if v is None else (i * step, 3 + (top - v) / span * (height - 6)) for i, v in enumerate(values)]
        stretches = runs(places)
        parts += [polyline(run) for run in stretches]
        for before, after in pairwise(stretches):
            parts.append(polyline([(before[-1][0], height - 2.0), (after[0][0], height - 2.0)], "gap"))
        x, y = stretches[-1][-1]
        parts.append(format_html('<circle cx="{}" cy="{}" r="2.2"/>', f"{x:.1f}", f"{y:.1f}"))
    return format_html(
        '<svg class="c-spark{}" width="{}" height="{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        " off" if off else "",
        width,
        height,
        width,
        height,
        spoken,
        join(parts),
    )


class _Frame:
    """Where things are on the canvas: 40 px for figures at the left, 22 for days below, 32 for flags above."""

    def __init__(self, chart: LineChart) -> None:
        self.chart = chart
        self.left, self.right = 40.0, chart.width - 14.0
        self.top, self.bottom = 32.0 if chart.marks else 14.0, chart.height - 22.0
        highest = max((v for s in chart.series for v in s.values if v is not None), default=0)
        self.end, self.tick = nice_ceiling(float(highest))
        self.step = (self.right - self.left) / max(1, len(chart.days) - 1)

    def x(self, at: float) -> float:
        return self.left + at * self.step

    def y(self, value: float) -> float:
        return self.bottom - value / self.end * (self.bottom - self.top)

    def free_days(self) -> SafeString:
        """Weekends and holidays shaded, half a day to each side, cut at the axis' ends."""
        spans: list[list[float]] = []
        for i, day in enumerate(self.chart.days):
            if day.weekday() < 5 and day not in self.chart.holidays:
                continue
            start, end = max(self.left, self.x(i - 0.5)), min(self.right, self.x(i + 0.5))
            if spans and abs(spans[-1][1] - start) < 0.5:
                spans[-1][1] = end
            else:
                spans.append([start, end])
        return format_html_join(
            "",
            '<rect class="wk" x="{}" y="{}" width="{}" height="{}"/>',
            ((f"{a:.1f}", self.top, f"{b - a:.1f}", self.bottom - self.top) for a, b in spans),
        )

    def grid(self) -> SafeString:
        lines = []
        for i in range(round(self.end / self.tick) + 1):
            value = i * self.tick
            y = self.y(value)
            lines.append(
                format_html(
                    '<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" text-anchor="end">{}</text>',
                    "grid" if i else "axis",
                    self.left,
                    self.right,
                    f"{y:.1f}",
                    f"{y:.1f}",
                    self.left - 8,
                    f"{y + 4:.1f}",
                    number(value),
                )
            )
        return join(lines)

    def axis(self) -> SafeString:
        """Labels of days, thinned so that none touch (at most 56 px each); an open last day is 今天."""
        last = len(self.chart.days) - 1
        every = math.ceil(64 / self.step) if last and self.step < 56 else 1
        labels = []
        for i, day in enumerate(self.chart.days):
            is_today = i == last and self.chart.open_day
            if not is_today and ((last - i) % every or (i == 0 and every > 1 and last < every)):
                continue
            anchor, x = ("end", self.right + 10) if i == last and last else ("middle", self.x(i))
            labels.append(
                format_html(
                    '<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>',
                    "last" if is_today else "day",
                    f"{x:.1f}",
                    self.bottom + 15,
                    anchor,
                    "今天" if is_today else axis_day(day),
                )
            )
        return join(labels)

    def line(self, series: Series) -> SafeString:
        chart = self.chart
        places: list[Point | None] = [
            None if v is None else (self.x(i), self.y(v)) for i, v in enumerate(series.values[: len(chart.days)])
        ]
        parts: list[SafeString] = []
        dotted = chart.open_day and series.kind != "prev" and len(places) > 1 and places[-1] is not None
        whole = places[:-1] if dotted else places
        parts += [polyline(run, series.kind) for run in runs(whole)]
        if dotted and places[-1] is not None:
            if places[-2] is not None:
                parts.append(polyline([places[-2], places[-1]], f"{series.kind} part"))
            x, y = places[-1]
            css = "dot g" if series.kind == "add" else "dot"
            parts.append(format_html('<circle class="{}" cx="{}" cy="{}" r="3.5"/>', css, f"{x:.1f}", f"{y:.1f}"))
        elif chart.alarm and series.kind == "now" and places and places[-1] is not None:
            x, y = places[-1]
            parts.append(format_html('<circle class="dot end" cx="{}" cy="{}" r="4"/>', f"{x:.1f}", f"{y:.1f}"))
        return join(parts)

    def mark(self, mark: Mark) -> SafeString:
        width = 14 + 12 * sum(1.0 if ord(c) > 0x2E7F else 0.6 for c in mark.label)
        x = self.x(mark.at)
        middle = min(max(x, width / 2), self.chart.width - width / 2)
        body = format_html(
            '<line class="mark" x1="{0}" x2="{0}" y1="26" y2="{1}"/>'
            '<rect class="flag" x="{2}" y="8" width="{3}" height="20" rx="10"/>'
            '<text class="flagt" x="{4}" y="22" text-anchor="middle">{5}</text>',
            f"{x:.1f}",
            self.bottom,
            f"{middle - width / 2:.1f}",
            f"{width:.0f}",
            f"{middle:.1f}",
            mark.label,
        )
        return format_html('<a href="{}">{}</a>', mark.url, body) if mark.url else body


def line_chart(chart: LineChart) -> SafeString:
    """The whole chart. Previous period below, then the second metric, then this period on top."""
    frame = _Frame(chart)
    order = {"prev": 0, "add": 1, "now": 2}
    lines = [frame.line(s) for s in sorted(chart.series, key=lambda s: order.get(s.kind, 1))]
    return format_html(
        '<svg class="c-chart" viewBox="0 0 {} {}" height="{}" role="{}" aria-label="{}">{}</svg>',
        chart.width,
        chart.height,
        chart.height,
        "group" if any(m.url for m in chart.marks) else "img",
        chart.label,
        join([frame.free_days(), frame.grid(), frame.axis(), *lines, *(frame.mark(m) for m in chart.marks)]),
    )
