"""The small parts of a page as safe HTML: icon, avatar, pill, state, bar. The tag library `ui` wraps them.

Status is never colour alone: a state is icon + word + colour (ui.md, Frame).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zlib import crc32

from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from livecode_admin.kernel.web.formats import number, percent, ratio

KINDS = frozenset({"", "ok", "warn", "bad", "acc"})
FULL_HINT = 0.8


@dataclass(frozen=True, slots=True)
class State:
    """How a status looks everywhere: tone, icon, word."""

    tone: str
    icon: str
    word: str


STATES: dict[str, State] = {
    # codes
    "active": State("ok", "circle-check", "启用"),
    "live": State("ok", "circle-check", "启用"),
    "draft": State("", "circle-dashed", "草稿"),
    "pending": State("", "hourglass", "准备中"),
    "paused": State("", "player-pause", "已暂停"),
    "expired": State("warn", "clock", "已过期"),
    "retired": State("", "archive", "已归档"),
    "zombie": State("bad", "ghost-2", "僵尸入口"),
    # receptionists and seats
    "receiving": State("ok", "circle-check", "接待中"),
    "full": State("bad", "circle-dot", "已满，已转下一位"),
    "standby": State("", "shield-half", "待命"),
    "off_hours": State("", "moon", "不在接待时间"),
    "left": State("bad", "user-x", "已离职"),
    "unable": State("warn", "alert-triangle", "不能接待"),
    "offline": State("", "player-stop", "已下线"),
    "leave": State("", "calendar-off", "休假"),
    "peak": State("warn", "arrows-exchange", "峰值转接中"),
    "suspect": State("warn", "help-circle", "疑似已满"),
    # where a code's scans go
    "flow_roster": State("ok", "circle-check", "接待名单"),
    "flow_peak": State("warn", "arrows-exchange", "部分转备用"),
    "flow_capped": State("warn", "shield-half", "部分转值班"),
    "flow_backup": State("warn", "transfer", "转备用客服"),
    "flow_duty": State("warn", "shield-half", "转值班人"),
    "flow_fallback": State("bad", "alert-circle", "兜底页"),
    # work and deliveries
    "ok": State("ok", "circle-check", "正常"),
    "running": State("", "refresh", "进行中"),
    "done": State("ok", "circle-check", "已完成"),
    "failed": State("bad", "alert-circle", "失败"),
    "partial": State("warn", "alert-triangle", "部分完成"),
    "manual": State("warn", "camera", "待人工"),
    "wrong": State("bad", "alert-circle", "异常"),
    "unknown": State("", "help-circle", "数据不足"),
}


def check_kind(kind: str) -> str:
    """The tone as it is; ValueError for a misspelt one, which would show as colourless."""
    if kind not in KINDS:
        raise ValueError(f"unknown tone {kind!r}; one of {sorted(KINDS)}")
    return kind


def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """An icon of the sprite; size ``s`` is 14 px, default 16. With ``label`` it is spoken, else it is decoration."""
    href = f"{static('icons.svg')}#i-{name}"
    css = "ico ico-s" if size == "s" else "ico"
    if label:
        return format_html('<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>', css, label, href)
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', css, href)


def avatar(name: str, size: str = "", *, off: bool = False, image: str = "") -> SafeString:
    """A person's initial on one of six grounds that stay the same for a name. ``size``: ``lg``, ``xl``, ``sq``."""
    css = " ".join(part for part in (f"c-av a{crc32(name.encode()) % 6}", size, "off" if off else "") if part)
    if image:
        return format_html('<img class="{}" src="{}" alt="{}" title="{}" loading="lazy">', css, image, name, name)
    return format_html('<span class="{}" title="{}" aria-hidden="true">{}</span>', css, name, name[:1] or "?")


def avatars(names: Sequence[str], total: int, *, most: int = 3, off: bool = False) -> SafeString:
    """The first ``most`` people overlapping, then ``+n``; spoken as one list."""
    shown = format_html_join("", "{}", ((avatar(n, off=off),) for n in names[:most]))
    rest = total - min(len(names), most)
    more = format_html('<span class="c-av more" aria-hidden="true">+{}</span>', rest) if rest > 0 else ""
    spoken = "、".join(names[:most]) + (f" 等 {total} 人" if rest > 0 else "")
    return format_html('<span class="c-avs" role="img" aria-label="{}">{}{}</span>', spoken or "无人", shown, more)


def pill(text: str, kind: str = "", icon_name: str = "", *, mini: bool = False) -> SafeString:
    """A rounded label; ``kind`` is ``ok warn bad acc`` or empty for grey."""
    css = " ".join(part for part in ("c-pill", check_kind(kind), "mini" if mini else "") if part)
    return format_html('<span class="{}">{}{}</span>', css, icon(icon_name) if icon_name else "", text)


def state(kind: str, text: str = "", *, as_pill: bool = False) -> SafeString:
    """A row's status by its key in :data:`STATES`, ``text`` in place of the usual word. KeyError for an unknown key."""
    look = STATES[kind]
    if as_pill:
        return pill(text or look.word, look.tone, look.icon)
    css = f"c-state {look.tone}".rstrip()
    return format_html('<span class="{}">{}<span>{}</span></span>', css, icon(look.icon), text or look.word)


def bar(share: float | None, css: str = "") -> SafeString:
    """A filled track, ``share`` 0 to 1 (cut at both ends). SVG, because a width would need a style attribute."""
    width = min(1.0, max(0.0, share or 0.0)) * 100
    return format_html(
        '<svg class="c-bar{}" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="4"/></svg>',
        f" {css}" if css else "",
        f"{width:.1f}",
    )


def cap_bar(used: int | None, late: int, cap: int | None, *, wide: bool = False, full_word: str = "") -> SafeString:
    """``428/600`` over a bar; late friends as ``100+3/100`` (product.md §2.2); amber from 80 %, red when full."""
    share = ratio(used, cap)
    tone = "" if share is None or share < FULL_HINT else ("full" if share >= 1 else "hi")
    text = number(used) + (f"+{number(late)}" if late else "") + (f"/{number(cap)}" if cap is not None else "")
    if tone == "full" and full_word:
        text = f"{text} {full_word}"
    css = " ".join(part for part in ("c-cap", "wide" if wide else "", tone) if part)
    return format_html('<span class="{}"><b>{}</b>{}</span>', css, text, bar(share) if cap is not None else "")


def expiry(until: date | None, today: date, *, warn_days: int = 3) -> SafeString:
    """A code's end: date, and days left (a pill within ``warn_days``), days past, or 永久有效 for None."""
    if until is None:
        return format_html('<span class="muted">{}</span>', "永久有效")
    left = (until - today).days
    if left < 0:
        aside = format_html('<span class="small muted">过 {} 天</span>', -left)
    elif left <= warn_days:
        aside = expiry_pill(until, today, bad_days=0)
    else:
        aside = format_html('<span class="small muted num">{} 天</span>', number(left))
    return format_html('<span class="num">{}</span> {}', until.isoformat(), aside)


def expiry_pill(until: date, today: date, *, bad_days: int = 1) -> SafeString:
    """The days left as a pill; red from ``bad_days`` before the end, amber before that."""
    left = (until - today).days
    if left < 0:
        return pill(f"过 {-left} 天", "bad", "clock")
    return pill("今天到期" if left == 0 else f"剩 {left} 天", "bad" if left <= bad_days else "warn", "clock")


def change(now: float | None, before: float | None, *, unit: str = "%", good: str = "up") -> SafeString:
    """The change against the period before: arrow, size, colour by ``good`` (``up``, ``down`` or ``none``).

    ``unit`` ``%`` is relative (needs a base), ``pt`` is a difference of ratios in 百分点, else a plain difference.
    """
    size = None if now is None or before is None else (ratio(now - before, before) if unit == "%" else now - before)
    if size is None:
        return format_html('<b class="c-flat">{}</b>', "无可比")
    amount = {"%": percent(abs(size)), "pt": f"{abs(size) * 100:.1f} 百分点"}.get(unit, f"{number(abs(size))} {unit}")
    if not any(c in "123456789" for c in amount):
        return format_html('<b class="c-flat">{}</b>', "持平")
    rising = size > 0
    tone = "c-flat" if good == "none" else ("c-up" if rising == (good == "up") else "c-down")
    spoken = "上升" if rising else "下降"
    return format_html(
        '<b class="{}">{}{}</b>', tone, icon("arrow-up-right" if rising else "arrow-down-right", label=spoken), amount
    )


def funnel(steps: Sequence[tuple[str, int | None]]) -> SafeString:
    """扫码 → 分配 → … : each step with its bar, count and share of the step before; unknown steps stay ``—``."""
    first = next((n for _, n in steps if n), None)
    rows: list[tuple[str, SafeString, str, str]] = []
    before: int | None = None
    for label, count in steps:
        rows.append((label, bar(ratio(count, first)), number(count), percent(ratio(count, before)) if rows else ""))
        before = count
    body = format_html_join("", '<li><span>{}</span>{}<b class="num">{}</b><small class="num">{}</small></li>', rows)
    return format_html('<ol class="c-funnel">{}</ol>', body)
