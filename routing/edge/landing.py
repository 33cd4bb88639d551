"""The pages a customer sees (product.md §9): one raster QR from our own origin, no script, under 15 KB.

String templates, every value escaped. The style is one block per brand colour; its hash is in the page's policy, so
that nothing else inline can run or show.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from codes.rules import Status
from routing.rules.world import Face, Look

BRAND = "#1f6f63"
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_WHITE, _INK = (255, 255, 255), (29, 35, 41)

_CSS = (
    ":root{--brand:%(brand)s;--on:%(on)s;--deep:%(deep)s;--soft:%(soft)s;--ink:#1d2329;--ink-3:#626a75}"
    "*{box-sizing:border-box;margin:0}"
    "body{min-height:100vh;display:flex;flex-direction:column;background:#f4f5f7;color:var(--ink);"
    'font:15px/22px "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",system-ui,sans-serif;'
    "-webkit-text-size-adjust:100%%}"
    ".brand{background:var(--brand);color:var(--on);padding:20px 24px 76px;display:flex;align-items:center;gap:12px}"
    "@media(min-width:480px){.brand{padding-left:calc(50%% - 196px);padding-right:calc(50%% - 196px)}}"
    ".brand i{flex:none;width:40px;height:40px;border-radius:10px;background:#fff;color:var(--deep);display:grid;"
    "place-items:center;font-style:normal;font-size:20px;font-weight:600}"
    ".brand b{display:block;font-size:17px;line-height:24px;font-weight:600}"
    ".brand span{font-size:13px;line-height:18px}"
    "main{margin:-56px auto 0;padding:20px;width:calc(100%% - 40px);max-width:400px;border-radius:14px;background:#fff;"
    "box-shadow:0 1px 2px rgba(20,40,36,.06),0 8px 24px rgba(20,40,36,.08);text-align:center}"
    ".who{display:flex;align-items:center;gap:12px;text-align:left}"
    ".av{flex:none;width:52px;height:52px;border-radius:50%%;background:var(--soft);color:var(--deep);display:grid;"
    "place-items:center;font-size:22px;font-weight:600}"
    "h1{font-size:18px;line-height:26px;font-weight:600;overflow-wrap:anywhere}"
    ".who p,.hint{font-size:13px;line-height:20px;color:var(--ink-3)}"
    ".qr{display:block;width:296px;height:296px;max-width:100%%;margin:4px auto 0;-webkit-touch-callout:default;"
    "image-rendering:pixelated}"
    "@media(max-width:375px){main{padding:16px 12px}.qr{width:256px;height:256px}}"
    ".on{align-self:flex-start;margin-left:auto;flex:none;padding:0 8px;border-radius:10px;background:var(--soft);"
    "color:var(--deep);font-size:12px;line-height:20px}"
    ".do{font-size:17px;line-height:24px;font-weight:600}.hint{margin-top:2px;overflow-wrap:anywhere}"
    ".mark{width:56px;height:56px;margin:8px auto 12px;border-radius:50%%;background:var(--soft);color:var(--deep);"
    "display:grid;place-items:center}.mark svg{width:28px;height:28px;fill:none;stroke:currentColor;stroke-width:1.75;"
    "stroke-linecap:round;stroke-linejoin:round}"
    ".call{display:block;margin:16px 0 4px;height:44px;line-height:44px;border-radius:22px;background:var(--brand);"
    "color:var(--on);font-size:16px;font-weight:600;text-decoration:none}"
    ".again{display:flex;align-items:center;justify-content:center;gap:8px;margin:16px auto 0;height:44px;"
    "width:calc(100%% - 40px);max-width:400px;border:1px solid #c9ced6;border-radius:22px;background:#fff;"
    "color:var(--deep);text-decoration:none}.again svg{width:18px;height:18px;fill:none;stroke:currentColor;"
    "stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round}"
    ".try{background:#fff4d6;color:#6b4700;padding:8px 16px;font-size:13px;line-height:18px;text-align:center}"
    ".why{margin:12px auto 0;padding:0 20px;max-width:440px;font-size:13px;line-height:20px;color:var(--ink-3);"
    "text-align:center}"
    "footer{margin-top:auto;padding:16px 24px 28px;text-align:center;font-size:12px;line-height:18px;"
    "color:var(--ink-3)}"
    "details{max-width:400px;margin:0 auto}summary{display:inline;text-decoration:underline;cursor:pointer;"
    "list-style:none}summary::-webkit-details-marker{display:none}details p{margin-top:8px;text-align:left}"
)
_PAGE = (
    '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">'
    '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">'
    "<title>%(title)s</title><style>%(css)s</style></head><body>%(before)s"
    '<header class="brand"><i aria-hidden="true">%(initial)s</i><div><b>%(company)s</b><span>%(tagline)s</span></div>'
    "</header><main>%(main)s</main>%(after)s<footer>%(footer)s</footer></body></html>"
)
# What a scan leaves behind: its row in routing_scan, and the visitor's cookie (visitors.py).
_FOOTER = (
    "<details>记录扫码的时间、点位和一个访客标识，用于安排接待。<summary>隐私说明</summary>"
    "<p>我们记录：扫码的时间和点位、接待您的客服、是否已添加；在您的微信里保存一个随机的访客标识（Cookie，一年），"
    "再次扫码时尽量由同一位客服接待。网络地址只用来判断所在地区，不保存。"
    "添加之前我们不知道您的姓名、手机号和微信号。清除微信的网页缓存即可删除访客标识。</p></details>"
)
_TRIAL_FOOTER = "测试页面，本次打开没有留下任何记录。"
_PHONE_ICON = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a2 2 0 0 1-2 2'
    'A16 16 0 0 1 3 6a2 2 0 0 1 2-2"/></svg>'
)
_SCAN_ICON = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 7V6a2 2 0 0 1 2-2h2M4 17v1a2 2 0 0 0 2 2h2M16 4h2'
    'a2 2 0 0 1 2 2v1M16 20h2a2 2 0 0 0 2-2v-1M5 12h14"/></svg>'
)


_AGAIN_ICON = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M20 11A8 8 0 0 0 5.5 7L4 9m0-5v5h5M4 13a8 8 0 0 0 14.5 4'
    'l1.5-2m0 5v-5h-5"/></svg>'
)


ON = '<span class="on">在线</span>'
_GAP = "\0"  # PostgreSQL stores no text with it, so no name holds one


@dataclass(slots=True)  # one for each scan: frozen ones cost five times as much to make
class Page:
    """A page and the policy that goes with it."""

    html: bytes
    policy: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What 测试扫码 says beside the customer's page: why it shows whom it shows."""

    reason: str


def person_page(
    look: Look, face: Face, picture_url: str, landing_text: str, *, again: str = "", trial: Trial | None = None
) -> Page:
    """One person's QR: the only image of the page, 296 px wide, its top about 160 px down.

    ``again``: the address of 换一位, where it is offered.
    """
    link = f'<a class="again" rel="nofollow" href="{escape(again)}">{_AGAIN_ICON}换一位</a>' if again else ""
    first, second, third, policy = _person_parts(look, face, landing_text, trial)
    return Page(b"".join((first, escape(picture_url).encode(), second, link.encode(), third)), policy)


@lru_cache(maxsize=512)
def _person_parts(look: Look, face: Face, landing_text: str, trial: Trial | None) -> tuple[bytes, bytes, bytes, str]:
    """A person's page without what differs from scan to scan: before the picture's address, before 换一位, the rest."""
    main = (
        f"{_who(look, face, online=True)}"
        f'<img class="qr" width="296" height="296" alt="{escape(face.name)}的企业微信二维码" src="{_GAP}">'
        f'<p class="do">长按识别二维码添加</p><p class="hint">{escape(landing_text) or "添加后即可开始沟通"}</p>'
    )
    page = _page(look, look.name or face.name, main, trial, after=_GAP)
    first, second, third = page.html.split(_GAP.encode())
    return first, second, third, page.policy


def link_page(look: Look, face: Face, link: str, trial: Trial) -> Page:
    """测试扫码 of a code with acquisition links: a customer would be sent on at once."""
    main = (
        f'{_who(look, face)}<p class="hint">客户扫码后会直接打开 {escape(face.name)} 的获客链接</p>'
        f'<a class="call" rel="nofollow" href="{escape(link)}">打开获客链接</a>'
    )
    return _page(look, look.name or face.name, main, trial)


def _who(look: Look, face: Face, *, online: bool = False) -> str:
    """The person; 在线 stands beside whoever was found to be receiving at this very scan."""
    line = " ".join(part for part in (escape(look.name), escape(face.position)) if part)
    return (
        f'<div class="who"><span class="av" aria-hidden="true">{escape(face.name[:1])}</span>'
        f"<div><h1>{escape(face.name)}</h1><p>{line}</p></div>{ON if online else ''}</div>"
    )


def code_page(look: Look, picture_url: str, landing_text: str, *, trial: Trial | None = None) -> Page:
    """The QR of a native code: the company's, because WeCom chooses the person only when somebody is added."""
    name = escape(look.name) or "在线客服"
    main = (
        f'<div class="who"><span class="av" aria-hidden="true">{name[:1] if look.name else "客"}</span>'
        f"<div><h1>{name}</h1><p>添加后由一位客服为您服务</p></div></div>"
        f'<img class="qr" width="296" height="296" alt="{name}的企业微信二维码" src="{escape(picture_url)}">'
        f'<p class="do">长按识别二维码添加</p><p class="hint">{escape(landing_text) or "添加后即可开始沟通"}</p>'
    )
    return _page(look, look.name or "添加客服", main, trial)


def outside_page(look: Look, picture_url: str) -> Page:
    """Outside of WeChat: our own code to save and scan there. No slot was taken (product.md §9)."""
    main = (
        f'<div class="who"><span class="av" aria-hidden="true">扫</span>'
        "<div><h1>请用微信扫一扫</h1><p>请在微信中打开，才能添加客服</p></div></div>"
        f'<img class="qr" width="296" height="296" alt="活码二维码" src="{escape(picture_url)}">'
        '<p class="do">保存图片，用微信扫一扫打开</p><p class="hint">微信 → 扫一扫 → 相册，选择这张图片</p>'
    )
    return _page(look, "请用微信扫一扫", main)


def fallback_page(look: Look, status: Status = Status.LIVE, *, trial: Trial | None = None) -> Page:
    """Nobody can receive, or the code is closed: the company's name and telephone, never an error (product.md §1.5)."""
    title = "当前入口已停用" if status in (Status.EXPIRED, Status.RETIRED, Status.PAUSED) else "客服暂时繁忙"
    hint = "请通过以下方式联系我们" if look.telephone else "请稍后再次扫码，或联系您的服务人员"
    number = re.sub(r"[^0-9+*#,;-]", "", look.telephone)
    call = f'<a class="call" href="tel:{escape(number)}">拨打 {escape(look.telephone)}</a>' if number else ""
    company = escape(look.name)
    main = f'<div class="mark">{_PHONE_ICON}</div><h1>{title}</h1><p class="hint">{company} {hint}</p>{call}'
    return _page(look, look.name or title, main, trial)


@lru_cache(maxsize=1)
def stale_test_page() -> Page:
    """A link of 测试扫码 whose ten minutes have passed: nobody is shown, so that no slot can be taken by it."""
    main = (
        f'<div class="mark">{_SCAN_ICON}</div><h1>测试链接已失效</h1>'
        '<p class="hint">测试链接 10 分钟内有效，请回到活码页面重新打开</p>'
    )
    return _page(Look(name="", color="#464e58"), "测试链接已失效", main)


@lru_cache(maxsize=1)
def neutral_page() -> Page:
    """An address that leads nowhere: a full page that names no company."""
    main = (
        f'<div class="mark">{_SCAN_ICON}</div><h1>没有找到这个二维码</h1>'
        '<p class="hint">请核对二维码是否完整，或联系提供二维码的商家</p>'
    )
    return _page(Look(name="", color="#464e58"), "没有找到这个二维码", main)


def _page(look: Look, title: str, main: str, trial: Trial | None = None, *, after: str = "") -> Page:
    before = '<p class="try" role="status">测试扫码：不占名额、不计数</p>' if trial else ""
    if trial:
        after += f'<p class="why">本次原因：{escape(trial.reason)}</p>'
    css = style(look.color)
    html = _PAGE % {
        "title": escape(title),
        "css": css,
        "initial": escape(look.name[:1]) or "码",
        "company": escape(look.name) or "活码",
        "tagline": escape(look.tagline),
        "before": before,
        "main": main,
        "after": after,
        "footer": _TRIAL_FOOTER if trial else _FOOTER,
    }
    return Page(html.encode(), _policy(css))


@lru_cache(maxsize=256)
def style(color: str) -> str:
    """The style block for a brand colour; anything that is no ``#rrggbb`` becomes the default one."""
    brand = color if _COLOR.fullmatch(color) else BRAND
    rgb = _rgb(brand)
    on = _WHITE if _contrast(rgb, _WHITE) >= 4.5 else _INK if _contrast(rgb, _INK) >= 4.5 else _WHITE
    deep = rgb
    while _contrast(deep, _mix(rgb, _WHITE, 0.9)) < 4.5:
        deep = _mix(deep, (0, 0, 0), 0.1)
    values = {"brand": brand, "on": _hex(on), "deep": _hex(deep), "soft": _hex(_mix(rgb, _WHITE, 0.9))}
    return _CSS % values


@lru_cache(maxsize=256)
def _policy(css: str) -> str:
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return (
        f"default-src 'none'; img-src 'self'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


Rgb = tuple[int, int, int]


def _rgb(color: str) -> Rgb:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _hex(rgb: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def _mix(rgb: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(rgb, other, strict=True))
    return red, green, blue


def _contrast(one: Rgb, two: Rgb) -> float:
    """WCAG 2.1 contrast ratio."""
    lights = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (lights[0] + 0.05) / (lights[1] + 0.05)


def _luminance(rgb: Rgb) -> float:
    red, green, blue = ((v / 255 / 12.92) if v <= 10 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
