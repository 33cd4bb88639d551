"""The callback endpoint: check, keep, answer (design.md §6). Nothing is acknowledged before it is on disk."""

from __future__ import annotations

import logging

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from livecode_admin.kernel import clock
from permissions.guards import public
from reception.services.inbox import event_receive
from tenants.context import tenant_context
from tenants.selectors import WeComCredentials, tenant_by_callback_key, wecom_credentials
from wecom.crypto import Callback, CryptoError
from wecom.events import EventError, parse_envelope, parse_event

_log = logging.getLogger("livecode.security")
BODY_LIMIT = 64 * 1024


@csrf_exempt
@public
@require_http_methods(["GET", "POST"])
def callback(request: HttpRequest, key: str) -> HttpResponse:
    """WeCom's callback of one tenant: GET proves the URL, POST delivers an event.

    Forged, foreign, oversized and unreadable ones get 400 and leave no row; a database that is down gets 503,
    so that WeCom sends again.
    """
    if request.method == "POST" and _too_large(request):
        return _refused("oversized", key)
    try:
        tenant_id = tenant_by_callback_key(key)
        if tenant_id is None:
            return HttpResponse(status=404)
        with tenant_context(tenant_id):
            credentials = wecom_credentials()
            if credentials is None:
                return HttpResponse(status=404)
            return _answer(request, credentials)
    except (CryptoError, EventError) as error:
        return _refused(f"{type(error).__name__}: {error}", key)
    except DatabaseError:
        _log.exception("callback_database")
        return HttpResponse(status=503)


def _answer(request: HttpRequest, credentials: WeComCredentials) -> HttpResponse:
    checks = {name: request.GET.get(name, "") for name in ("msg_signature", "timestamp", "nonce")}
    door = Callback(credentials.callback_token, credentials.aes_key, credentials.corp_id)
    if request.method == "GET":
        return HttpResponse(door.echo(**checks, echostr=request.GET.get("echostr", "")), content_type="text/plain")
    message = door.open(**checks, encrypted=parse_envelope(request.body).encrypted)
    event = parse_event(message)
    event_receive(corp_id=credentials.corp_id, event=event, message=message, now=clock.now())
    return HttpResponse(status=200)


def _too_large(request: HttpRequest) -> bool:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0) > BODY_LIMIT
    except ValueError:
        return True


def _refused(reason: str, key: str) -> HttpResponse:
    _log.warning("callback_refused", extra={"reason": reason, "key_prefix": key[:6]})
    return HttpResponse(status=400)
