"""Sign-in (documents 98152, 98177, 96441): a page to pick a member on, codes, and who a code stands for."""

from __future__ import annotations

import secrets
from urllib.parse import quote, urlencode, urlsplit

from wecom_simulator import pages
from wecom_simulator.api import params
from wecom_simulator.api.gate import Call, endpoint
from wecom_simulator.errors import WecomError
from wecom_simulator.markup import h
from wecom_simulator.router import Json, Request, Response, redirect, route
from wecom_simulator.store import Corp

CODE_SECONDS = 300


@route("GET", "/wwlogin/sso/login")
@route("GET", "/wwopen/sso/qrConnect")
@route("GET", "/connect/oauth2/authorize")
async def login_page(request: Request) -> Response:
    """Instead of scanning: choose who signs in. A redirect address outside the trusted domains is refused."""
    corp = request.world.store.corps.get(request.query.get("appid", ""))
    if corp is None:
        return _refused("appid 无效", 40013)
    target = request.query.get("redirect_uri", "")
    if not _trusted(corp, target):
        return _refused("redirect_uri 与应用可信域名不一致", 50001)
    agent = request.query.get("agentid", "")
    if agent and agent != str(corp.settings.agent_id):
        return _refused("agentid 无效", 40056)
    choices = "".join(_choice(request, corp, target, userid) for userid in corp.members)
    cancel = _with(target, {"state": request.query.get("state", "")})
    body = (
        f'<section class="card narrow"><h1>登录 {h(corp.settings.name)}</h1>'
        f'<p class="muted">模拟企业微信扫码，选择一位成员。</p><ul class="people">{choices}</ul>'
        f'<p><a data-testid="login-cancel" href="{h(cancel)}">取消</a></p></section>'
    )
    return pages.page("企业微信登录", body)


def _choice(request: Request, corp: Corp, target: str, userid: str) -> str:
    member = corp.members[userid]
    if member.status != 1:
        return ""
    query = urlencode(
        {"corp": corp.corp_id, "userid": member.userid, "to": target, "state": request.query.get("state", "")}
    )
    return (
        f'<li><a data-testid="login-{h(member.userid)}" href="/sim/login?{h(query)}">'
        f'<img src="/sim/avatar/{h(quote(corp.corp_id))}/{h(quote(member.userid))}.svg" alt="">'
        f"<b>{h(member.name)}</b><span>{h(member.position or member.userid)}</span></a></li>"
    )


def _refused(text: str, code: int) -> Response:
    return pages.page("无法登录", f'<section class="card narrow"><h1>{h(text)}</h1><p>错误码 {code}</p></section>', 400)


def _trusted(corp: Corp, target: str) -> bool:
    parts = urlsplit(target)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return False
    return not corp.settings.trusted_hosts or parts.netloc in corp.settings.trusted_hosts


def _with(target: str, values: dict[str, str]) -> str:
    return f"{target}{'&' if '?' in target else '?'}{urlencode(values)}"


@route("GET", "/sim/login")
async def choose(request: Request) -> Response:
    """A member was picked: back to the console with a code and the unchanged state."""
    corp = request.world.corp(request.query.get("corp", ""))
    target = request.query.get("to", "")
    member = corp.member(request.query.get("userid", ""))
    if member is None or not _trusted(corp, target):
        return _refused("成员或地址无效", 50001)
    code = secrets.token_urlsafe(32)
    request.world.login_codes[code] = (corp.corp_id, member.userid, request.world.clock.now(), False)
    return redirect(_with(target, {"code": code, "state": request.query.get("state", "")}))


@endpoint("GET", "/cgi-bin/auth/getuserinfo")
def getuserinfo(call: Call) -> Json:
    """The member that a code stands for; a code is good once, for five minutes."""
    code = call.query.get("code", "")
    record = call.world.login_codes.get(code)
    if record is None or record[0] != call.corp.corp_id:
        raise WecomError(40029)
    corp_id, userid, made, used = record
    if used:
        raise WecomError(42022)
    if call.world.clock.now() - made > CODE_SECONDS:
        raise WecomError(42003)
    call.world.login_codes[code] = (corp_id, userid, made, True)
    return {"userid": userid, "user_ticket": f"ticket.{userid}"}


@endpoint("POST", "/cgi-bin/auth/getuserdetail")
def getuserdetail(call: Call) -> Json:
    """What a member has consented to show."""
    userid = params.required(call.body, "user_ticket").removeprefix("ticket.")
    member = call.corp.member(userid)
    if member is None:
        raise WecomError(40029)
    avatar = f"{call.world.config.base_url}/sim/avatar/{quote(call.corp.corp_id)}/{quote(member.userid)}.svg"
    empty = dict.fromkeys(("qr_code", "mobile", "email", "biz_mail", "address"), "")
    return {"userid": member.userid, "gender": "0", "avatar": avatar, **empty}


@endpoint("GET", "/cgi-bin/get_jsapi_ticket")
@endpoint("GET", "/cgi-bin/ticket/get")
def jsapi_ticket(call: Call) -> Json:
    """A ticket for the JS-SDK."""
    return {"ticket": secrets.token_urlsafe(64), "expires_in": 7200}
