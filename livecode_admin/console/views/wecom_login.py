"""Signing in by scanning with WeCom (documents 98152 and 98177): out to WeCom's page, and back with a code.

The state is bound to the session, works once and ends after ten minutes. Who the code stands for is asked of WeCom
outside of any transaction; whether that person may enter is for the member's ``wecom_userid`` to say.
"""

from __future__ import annotations

import re
import secrets
import time
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from people.wecom_client import client_for
from permissions.entry import let_in, safe_path
from permissions.guards import public
from permissions.selectors.wecom_people import person_of_wecom
from tenants.context import tenant_context
from tenants.selectors import TenantFacts, WeComCredentials, tenant_by_slug, wecom_credentials
from wecom.errors import WecomError

_STATE = "wecom_login"
STATE_SECONDS = 600
LONGEST_CODE = 512

NOT_CONNECTED = "没有这家企业，或它还没有连接企业微信。请核对企业标识，或使用密码登录"
REFUSED = "企业微信没有完成登录：您取消了，或没有确认。请重新扫码"
STRAY = "这次登录不是从这个浏览器开始的，或已超过 10 分钟。请重新扫码"
CODE_OVER = "登录码已用过或已过期，请重新扫码"
NO_ANSWER = "企业微信暂时没有应答，请稍后重试，或使用密码登录"
NOT_A_MEMBER = "您还不是活码控制台的成员，请联系企业的管理员开通"
WAITING = "您的账号在待开通名单中，请联系企业的管理员点击开通"
OUTSIDER = "只有企业的成员可以登录"


@never_cache
@public
@require_GET
def company(request: HttpRequest) -> HttpResponse:
    """Which company: its short name, as in the console's addresses. A link leads on (a form may not leave us: CSP)."""
    found = re.match(r"/t/([-\w]+)/", safe_path(request))
    slug = request.GET.get("company", "").strip().lower() or (found.group(1) if found else "")
    valid = re.fullmatch(r"[-a-z0-9_]{1,50}", slug) is not None
    context = {"slug": slug, "next": safe_path(request), "query": _query(request), "valid": valid}
    return TemplateResponse(request, "console/wecom_login.html", context)


@never_cache
@public
@require_GET
def leave(request: HttpRequest, company: str) -> HttpResponse:
    """To WeCom's page with the code to scan; the state stays in the session."""
    facts = tenant_by_slug(company)
    credentials = _credentials(facts)
    if facts is None or credentials is None:
        return _problem(request, company, NOT_CONNECTED)
    state = secrets.token_hex(16)
    request.session[_STATE] = {
        "state": state,
        "company": facts.id,
        "at": int(time.time()),
        "next": safe_path(request),
    }
    query = {
        "login_type": "CorpApp",
        "appid": credentials.corp_id,
        "agentid": credentials.agent_id,
        "redirect_uri": f"{settings.CONSOLE_URL}{reverse('console:wecom-login-back', args=[facts.slug])}",
        "state": state,
        "lang": "zh",
    }
    return HttpResponseRedirect(f"{settings.WECOM_LOGIN_URL}/wwlogin/sso/login?{urlencode(query)}")


@never_cache
@public
@require_GET
def back(request: HttpRequest, company: str) -> HttpResponse:
    """Back from WeCom: the state first, then who it is, then whether they are a member."""
    facts, code = tenant_by_slug(company), request.GET.get("code", "")
    kept = request.session.pop(_STATE, None)
    if facts is None or kept is None or not _belongs(kept, facts, request.GET.get("state", "")):
        return _problem(request, company, STRAY)
    if not code or len(code) > LONGEST_CODE:
        return _problem(request, company, REFUSED, kept["next"])
    credentials = _credentials(facts)
    if credentials is None:
        return _problem(request, company, NOT_CONNECTED)
    userid, problem = _asked(credentials, code)
    if problem:
        return _problem(request, company, problem, kept["next"])
    with tenant_context(facts.id):
        person = person_of_wecom(userid)
    if person.user is None:
        return _problem(request, company, WAITING if person.waiting else NOT_A_MEMBER)
    return let_in(request, person.user, following=kept["next"], company_id=facts.id)


def _belongs(kept: dict[str, object], facts: TenantFacts, state: str) -> bool:
    """Whether the state is the one that this browser left with, for this company, within ten minutes."""
    age = time.time() - int(str(kept["at"]))
    return constant_time_compare(str(kept["state"]), state) and kept["company"] == facts.id and age < STATE_SECONDS


def _asked(credentials: WeComCredentials, code: str) -> tuple[str, str]:
    """Who the code stands for, and why that isn't known, in Chinese."""
    try:
        visitor = client_for(credentials).get_user_info(code)
    except WecomError as error:
        return "", CODE_OVER if error.code in (40029, 42003, 42022) else NO_ANSWER
    return (visitor.userid, "") if visitor.userid else ("", OUTSIDER)


def _credentials(facts: TenantFacts | None) -> WeComCredentials | None:
    if facts is None:
        return None
    with tenant_context(facts.id):
        return wecom_credentials()


def _problem(request: HttpRequest, company: str, problem: str, following: str = "/") -> HttpResponse:
    context = {
        "problem": problem,
        "slug": company,
        "next": following,
        "query": urlencode({"next": following}),
        "valid": problem != NOT_CONNECTED,
    }
    return TemplateResponse(request, "console/wecom_login.html", context, status=403)


def _query(request: HttpRequest) -> str:
    return urlencode({"next": safe_path(request)})
