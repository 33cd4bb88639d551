"""The simulator's plain pages: index, callbacks, faults, application messages. The phone is static/phone.html."""

from __future__ import annotations

from pathlib import Path

from wecom_simulator.markup import h, moment
from wecom_simulator.model import Event
from wecom_simulator.router import Request, Response, html_response, route

STATIC = Path(__file__).parent / "static"
MENU = (
    ("/", "总览"),
    ("/phone", "手机"),
    ("/events", "回调"),
    ("/messages", "应用消息"),
    ("/mail", "邮件"),
    ("/crm/demo", "CRM"),
    ("/faults", "故障"),
)
STATES = {
    "delivered": ("ok", "已送达"),
    "pending": ("warn", "投递中"),
    "failed": ("bad", "失败"),
    "dropped": ("idle", "未配置地址"),
}


def page(title: str, body: str, status: int = 200) -> Response:
    """A page in the simulator's frame."""
    links = "".join(
        f'<a href="{path}"{" aria-current=page" if name == title else ""}>{name}</a>' for path, name in MENU
    )
    return html_response(
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        f"<title>{h(title)} · 企业微信模拟器</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="/static/sim.css"></head>'
        f'<body class="plain"><nav class="top"><b>企业微信模拟器</b>{links}</nav><main>{body}</main></body></html>',
        status,
    )


def not_found(path: str) -> Response:
    """404, as a page."""
    return page("没有这个地址", f'<section class="card narrow"><h1>没有这个地址</h1><p>{h(path)}</p></section>', 404)


@route("GET", "/")
async def index(request: Request) -> Response:
    """What there is, and the corps."""
    world = request.world
    tiles = (
        ("/phone", "手机", f"{len(world.store.people)} 位客户，可扫码、添加、聊天、删除"),
        ("/events", "回调", "每次投递的结果与用时"),
        ("/messages", "应用消息", "控制台发给成员的提醒"),
        ("/mail", "邮件", f"{len(world.sinks.mail)} 封"),
        ("/faults", "故障", f"{len(world.faults.rules)} 条规则生效"),
    )
    sinks = "".join(
        f'<li><a href="/crm/{h(sink.name)}">{h(sink.name)}</a> {len(sink.received)} 条</li>'
        for sink in world.sinks.crm.values()
    )
    cards = "".join(
        f'<a class="tile" href="{path}"><b>{name}</b><span>{h(text)}</span></a>' for path, name, text in tiles
    )
    rows = "".join(
        f"<tr><td>{h(corp.settings.name)}</td><td class=mono>{h(corp.corp_id)}</td>"
        f"<td class=n>{len(corp.members)}</td><td class=n>{len(corp.ways)}</td><td class=n>{len(corp.links)}</td>"
        f"<td class=n>{len(corp.follows)}</td><td class=mono>{h(corp.settings.callback_url or '未配置')}</td></tr>"
        for corp in world.store.corps.values()
    )
    table = (
        "<table><thead><tr><th>企业</th><th>CorpID</th><th class=n>成员</th><th class=n>联系我</th>"
        f"<th class=n>获客链接</th><th class=n>好友关系</th><th>回调地址</th></tr></thead><tbody>{rows}</tbody></table>"
    )
    body = (
        f'<header class="head"><h1>总览</h1><p class="muted">模拟器时间 {moment(world.clock.now())}</p></header>'
        f'<div class="tiles">{cards}</div><section class="card"><h2>企业</h2>'
        f"{table if rows else '<p class=empty>还没有企业。</p>'}</section>"
        f'<section class="card"><h2>CRM 接收端</h2><ul>{sinks or "<li>还没有收到事件</li>"}</ul></section>'
    )
    return page("总览", body)


@route("GET", "/phone")
async def phone(request: Request) -> Response:
    """The phone on its desk."""
    return html_response((STATIC / "phone.html").read_text(encoding="utf-8"))


@route("GET", "/events")
async def events(request: Request) -> Response:
    """Callbacks of all corps, newest first."""
    corps = request.world.store.corps.values()
    found = [(corp.settings.name, event) for corp in corps for event in corp.events.values()]
    found.sort(key=lambda pair: -pair[1].at)
    rows = "".join(_event_row(name, event) for name, event in found[:200])
    head = f'<header class="head"><h1>回调</h1><p class="muted">共 {len(found)} 条，显示最近 200 条</p></header>'
    table = (
        "<table><thead><tr><th>时间</th><th>企业</th><th>事件</th><th>字段</th><th>结果</th>"
        f"<th class=n>次数</th><th class=n>毫秒</th></tr></thead><tbody>{rows}</tbody></table>"
    )
    body = f'<section class="card">{table}</section>' if rows else '<p class="empty">还没有回调。</p>'
    return page("回调", head + body)


def _event_row(corp_name: str, event: Event) -> str:
    mark, words = STATES[event.state]
    spent = f"{event.attempts[-1]['ms']:.0f}" if event.attempts else "—"
    fields = "，".join(f"{key}={value}" for key, value in event.fields.items())
    return (
        f'<tr data-testid="event-row"><td class="nowrap">{moment(event.at)}</td><td>{h(corp_name)}</td>'
        f"<td class=mono>{h(event.change_type or event.name)}</td><td class=mono>{h(fields)}</td>"
        f'<td><span class="pill {mark}">{words}</span></td><td class=n>{len(event.attempts)}</td>'
        f"<td class=n>{spent}</td></tr>"
    )


@route("GET", "/messages")
async def messages(request: Request) -> Response:
    """Application messages to members, newest first."""
    found = [(corp, message) for corp in request.world.store.corps.values() for message in corp.messages.values()]
    found.sort(key=lambda pair: -pair[1].at)
    rows = []
    for corp, message in found[:200]:
        names = [member.name if (member := corp.member(userid)) else userid for userid in message.touser]
        text = message.body.get("content") or message.body.get("description") or message.body.get("title") or ""
        title = message.body.get("title", message.msgtype)
        rows.append(
            f'<article class="card" data-testid="app-message"><header><b>{h(title)}</b>'
            f'<span class="muted">{h(corp.settings.name)} → {h("、".join(names[:8]))}</span>'
            f"<time>{moment(message.at)}</time></header><pre>{h(text)}</pre></article>"
        )
    head = f'<header class="head"><h1>应用消息</h1><p class="muted">共 {len(found)} 条</p></header>'
    return page("应用消息", head + ("".join(rows) or '<p class="empty">还没有应用消息。</p>'))


@route("GET", "/faults")
async def faults(request: Request) -> Response:
    """The faults in force and how to add one."""
    rows = "".join(
        f"<tr><td class=n>{rule.id}</td><td class=mono>{h(rule.path)}</td><td>{h(rule.corp or '全部')}</td>"
        f"<td>{h(rule.kind)}</td><td class=n>{rule.value}</td><td class=n>{rule.fired}/{rule.times or '∞'}</td></tr>"
        for rule in request.world.faults.rules
    )
    table = (
        "<table><thead><tr><th class=n>号</th><th>路径</th><th>企业</th><th>种类</th><th class=n>值</th>"
        f"<th class=n>已发生</th></tr></thead><tbody>{rows}</tbody></table>"
    )
    usage = h(
        'curl -X POST {base}/sim/faults -d \'{"path": "/cgi-bin/externalcontact/*", "kind": "errcode", '
        '"value": 45009, "times": 3}\''.replace("{base}", request.world.config.base_url)
    )
    body = (
        '<header class="head"><h1>故障</h1><p class="muted">种类：errcode delay hang garbage http500 drop</p></header>'
        f'<section class="card">{table if rows else "<p class=empty>没有规则，接口一切正常。</p>"}</section>'
        f'<section class="card"><h2>添加</h2><pre>{usage}</pre></section>'
    )
    return page("故障", body)
