"""``{% load ui %}``: the console's parts for templates. Examples: docs/ui-components.md.

Everything escapes what it is given; a misspelt icon, tone or state raises (in tests a missing icon is found by name).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from django import template
from django.core.paginator import Page
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from livecode_admin.kernel.web import charts, formats, parts

register = template.Library()


# --- figures and times ----------------------------------------------------------------------------------------------
@register.filter
def num(value: formats.Number | Literal[""] | None, decimals: int = 0) -> str:
    """``{{ n|num }}``: thousands separators, ``—`` for None and for a figure of something that isn't there."""
    return formats.number(None if value == "" else value, decimals)


@register.filter
def pct(ratio: formats.Number | Literal[""] | None, decimals: int = 1) -> str:
    """``{{ ratio|pct }}``: 0.71 as ``71.0%``, ``—`` for None and for a figure of something that isn't there."""
    return formats.percent(None if ratio == "" else ratio, decimals)


@register.filter
def local_dt(value: datetime | None, zone: str) -> str:
    """``{{ value|local_dt:tz }}``: ``2026-11-22 14:05`` in the tenant's zone."""
    return formats.local_datetime(value, zone)


@register.filter
def local_day(value: datetime | date | None, zone: str) -> str:
    """``{{ value|local_day:tz }}``: ``2026-11-22``."""
    return formats.local_date(value, zone)


@register.filter
def through_day(value: datetime | None, zone: str) -> str:
    """``{{ row.until|through_day:tz }}``: an exclusive end as people enter it, the last whole day where it is one."""
    return formats.UNKNOWN if value is None else formats.through(value, zone)


@register.filter
def relative_to(value: date | None, today: date) -> str:
    """``{{ day|relative_to:today }}``: ``35 天后``, ``今天``, ``9 天前``."""
    return formats.UNKNOWN if value is None else formats.relative_days(value, today)


# --- small parts ----------------------------------------------------------------------------------------------------
@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """``{% icon "qrcode" %}``, 14 px with ``"s"``."""
    return parts.icon(name, size, label)


@register.simple_tag
def avatar(name: str, size: str = "", off: bool = False, image: str = "") -> SafeString:
    """``{% avatar staff.name off=staff.paused %}``."""
    return parts.avatar(name, size, off=off, image=image)


@register.simple_tag
def avatars(names: Sequence[str], total: int, most: int = 3, off: bool = False) -> SafeString:
    """``{% avatars row.first_names row.seat_count %}``."""
    return parts.avatars(names, total, most=most, off=off)


@register.simple_tag
def pill(kind: str, text: str, icon: str = "", mini: bool = False) -> SafeString:
    """``{% pill "warn" "剩 3 天" "clock" %}``."""
    return parts.pill(text, kind, icon, mini=mini)


@register.simple_tag
def state(kind: str, text: str = "", as_pill: bool = False) -> SafeString:
    """``{% state "active" %}``: icon, word and colour of a status; keys in ``kernel.web.parts.STATES``."""
    return parts.state(kind, text, as_pill=as_pill)


@register.simple_tag
def bar(share: float | None, css: str = "") -> SafeString:
    """``{% bar 0.71 %}``: a filled track."""
    return parts.bar(share, css)


@register.simple_tag
def cap_bar(used: int | None, late: int, cap: int | None, wide: bool = False, full_word: str = "") -> SafeString:
    """``{% cap_bar 100 3 100 full_word="已满" %}``."""
    return parts.cap_bar(used, late, cap, wide=wide, full_word=full_word)


@register.simple_tag
def expiry(until: date | None, today: date, warn_days: int = 3) -> SafeString:
    """``{% expiry row.last_day today %}``: local days, not moments."""
    return parts.expiry(until, today, warn_days=warn_days)


@register.simple_tag
def expiry_pill(until: date, today: date) -> SafeString:
    """``{% expiry_pill row.last_day today %}``: only the pill, red on the last day but one."""
    return parts.expiry_pill(until, today)


@register.simple_tag
def change(now: float | None, before: float | None, unit: str = "%", good: str = "up") -> SafeString:
    """``{% change 2968 2614 %}``: arrow and size against the period before."""
    return parts.change(now, before, unit=unit, good=good)


@register.simple_tag
def funnel(steps: Sequence[tuple[str, int | None]]) -> SafeString:
    """``{% funnel steps %}`` with ``[("扫码", 2968), …]``."""
    return parts.funnel(steps)


@register.simple_tag
def sparkline(values: Sequence[charts.Value], label: str = "近 14 日", off: bool = False) -> SafeString:
    """``{% sparkline row.days "近 14 日" %}``; None is a gap."""
    return charts.sparkline(values, label, off=off)


@register.simple_tag
def line_chart(chart: charts.LineChart) -> SafeString:
    """``{% line_chart chart %}`` with a ``kernel.web.charts.LineChart``."""
    return charts.line_chart(chart)


# --- containers (what stands between the tags is their content) -----------------------------------------------------
@register.simple_block_tag
def panel(content: str, label: str = "", id: str = "", css: str = "") -> SafeString:  # noqa: A002  # the tag's word
    """``{% panel label="接待名单" %}…{% endpanel %}``; a head inside is ``{% panel_head %}``."""
    extra = format_html_join("", ' {}="{}"', ((k, v) for k, v in (("id", id), ("aria-label", label)) if v))
    return format_html('<section class="c-panel{}"{}>{}</section>', f" {css}" if css else "", extra, content)


@register.simple_block_tag
def panel_head(content: str, title: str, note: str = "", line: bool = False) -> SafeString:
    """``{% panel_head "欢迎语" note="冬季招生-地铁" %}links and buttons at the right{% endpanel_head %}``."""
    small = format_html('<span class="small muted">{}</span>', note) if note else ""
    right = format_html('<div class="r">{}</div>', content) if content.strip() else ""
    css = format_html(' class="{}"', "line") if line else ""
    return format_html("<header{}><h2>{}</h2>{}{}</header>", css, title, small, right)


@register.simple_block_tag
def dialog(content: str, id: str, title: str, wide: bool = False) -> SafeString:  # noqa: A002  # the tag's word
    """A native ``<dialog>`` with a titled head and a close button; opened by ``data-dialog="<id>"`` on any button."""
    return format_html(
        '<dialog class="c-dialog{0}" id="{1}" aria-labelledby="{1}-title"><header><h2 id="{1}-title">{2}</h2>'
        '<button type="button" class="c-icon" data-dialog-close aria-label="关闭">{3}</button></header>{4}</dialog>',
        " wide" if wide else "",
        id,
        title,
        parts.icon("x"),
        content,
    )


# --- forms ----------------------------------------------------------------------------------------------------------
@register.inclusion_tag("ui/field.html")
def field(bound: BoundField, above: bool = False, unit: str = "", css: str = "") -> dict[str, Any]:
    """``{% field form.name %}``: label, control, counter, help and errors beside; hidden fields as they are.

    A counter shows when the widget has ``data-count`` (``chars`` or ``bytes``) and ``data-max`` (WeCom's own limits).
    """
    return {"field": bound, "above": above, "unit": unit, "control": _control(bound, css), "kind": _kind(bound)}


def _kind(bound: BoundField) -> str:
    widget = bound.field.widget
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "group"
    return "check" if isinstance(widget, CheckboxInput) else "text"


def _control(bound: BoundField, css: str) -> SafeString:
    widget = bound.field.widget
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return bound.as_widget()
    if isinstance(widget, CheckboxInput):
        base = "form-check-input"
    else:
        base = "form-select" if isinstance(widget, Select) else "form-control"
    own = str(widget.attrs.get("class", ""))
    return bound.as_widget(attrs={"class": " ".join(part for part in (base, own, css) if part)})


@register.inclusion_tag("ui/form_errors.html")
def form_errors(form: Any) -> dict[str, Any]:
    """``{% form_errors form %}``: the summary over a form that takes focus; nothing when the form is clean."""
    return {"form": form, "fields": [f for f in form if f.errors]}


# --- table heads ----------------------------------------------------------------------------------------------------
@register.simple_tag(takes_context=True)
def sort_th(context: Context, key: str, label: str, numeric: bool = False, hint: str = "") -> SafeString:
    """``<th>`` with a link that sorts by ``key``; the order is kept in the URL as ``sort=key`` or ``sort=-key``."""
    query = context["request"].GET.copy()
    present = query.get("sort", "")
    descending = present == f"-{key}"
    sorted_by = present.lstrip("-") == key
    # Figures are wanted from the top, names from A.
    query["sort"] = (key if descending else f"-{key}") if sorted_by else (f"-{key}" if numeric else key)
    query.pop("page", None)
    order = format_html(' aria-sort="{}"', "descending" if descending else "ascending") if sorted_by else ""
    arrow = parts.icon("arrow-down" if descending else "arrow-up", "s") if sorted_by else ""
    return format_html(
        '<th scope="col"{}{}><a href="?{}">{} {}</a>{}</th>',
        format_html(' class="{}"', "n") if numeric else "",
        order,
        query.urlencode(),
        label,
        arrow,
        format_html(' <span title="{}">{}</span>', hint, parts.icon("info-circle", "s", hint)) if hint else "",
    )


@register.inclusion_tag("ui/pager.html", takes_context=True)
def pager(context: Context, page: Page[Any], noun: str = "个", note: str = "", until: str = "") -> dict[str, Any]:
    """``{% pager page note="…" until="14:05" %}``: the foot of a table; links keep the other URL parameters."""
    pages = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return {"request": context["request"], "page": page, "pages": pages, "noun": noun, "note": note, "until": until}
