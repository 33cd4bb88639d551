"""A mailbox: the console's mails in a demo."""

from __future__ import annotations

from wecom_simulator import pages
from wecom_simulator.markup import h, moment
from wecom_simulator.router import Request, Response, json_response, route


@route("POST", "/sim/mail")
async def receive(request: Request) -> Response:
    """Keep a mail: `to`, `from`, `subject`, `text`, and whatever else is sent."""
    request.world.sinks.keep_mail({**request.json(), "at": request.world.clock.now()})
    return json_response({"ok": True})


@route("GET", "/sim/mail")
async def received(request: Request) -> Response:
    """All mails, oldest first."""
    return json_response({"mails": list(request.world.sinks.mail)})


@route("GET", "/mail")
async def mail_page(request: Request) -> Response:
    """All mails, newest first, for people."""
    rows = []
    for mail in reversed(request.world.sinks.mail):
        receivers = mail.get("to", "")
        to = "、".join(map(str, receivers)) if isinstance(receivers, list) else str(receivers)
        rows.append(
            f'<article class="card" data-testid="mail"><header><b>{h(mail.get("subject", "（无主题）"))}</b>'
            f'<span class="muted">{h(to)}</span><time>{moment(mail["at"])}</time></header>'
            f"<pre>{h(mail.get('text', mail.get('body', '')))}</pre></article>"
        )
    listed = "".join(rows) or '<p class="empty">还没有邮件。</p>'
    head = f'<header class="head"><h1>邮件</h1><p class="muted">共 {len(rows)} 封</p></header>'
    return pages.page("邮件", head + listed)
