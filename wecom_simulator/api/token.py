"""gettoken, and the addresses that callbacks come from (documents 91039, 90930)."""

from __future__ import annotations

import secrets

from wecom_simulator.api.gate import Call, endpoint, limit_rate, refusal
from wecom_simulator.errors import WecomError
from wecom_simulator.model import AccessToken
from wecom_simulator.router import Json, Request, Response, json_response, route
from wecom_simulator.store import Corp
from wecom_simulator.world import World

LIFE_SECONDS = 7200
WRONG_SECRETS = 50
BAN_SECONDS = 3600


@route("GET", "/cgi-bin/gettoken")
async def gettoken(request: Request) -> Response:
    """A token for corpid and corpsecret; the same one as long as it lives. Refuses in the order seen by probes."""
    world = request.world
    world.calls[request.path] += 1
    try:
        corp_id, secret = request.query.get("corpid", ""), request.query.get("corpsecret", "")
        if not secret:
            raise WecomError(41004)
        corp = world.store.corps.get(corp_id)
        if corp is None:
            raise WecomError(40013)
        world.corp_calls[(corp_id, request.path)] += 1
        limit_rate(world, corp, request.path)
        spoilt = await world.faults.strike(corp_id, request.path)
        if spoilt is not None:
            return spoilt
        _check_secret(world, corp, secret)
        token = _token(world, corp)
    except WecomError as error:
        return refusal(error, {})
    left = max(1, int(token.expires - world.clock.now()))
    return json_response({"errcode": 0, "errmsg": "ok", "access_token": token.token, "expires_in": left})


def _check_secret(world: World, corp: Corp, secret: str) -> None:
    """40001 for a wrong secret, 40091 for another corp's; too many of them ban the corp's calls for an hour."""
    if secret == corp.settings.secret:
        return
    hour = (corp.corp_id, "wrong secret", int(world.clock.now() // BAN_SECONDS))
    world.minute[hour] += 1
    if world.minute[hour] > WRONG_SECRETS:
        world.blocked[(corp.corp_id, "/cgi-bin/gettoken")] = world.clock.now() + BAN_SECONDS
    others = {other.settings.secret for other in world.store.corps.values() if other is not corp}
    raise WecomError(40091 if secret in others else 40001)


def _token(world: World, corp: Corp) -> AccessToken:
    now = world.clock.now()
    for token in corp.tokens.values():
        if token.expires - 1 > now:
            return token
    # Expired ones are kept for a day, so that they answer 42001 and not 40014.
    for old in [key for key, token in corp.tokens.items() if token.expires < now - 86_400]:
        del corp.tokens[old]
        world.store.token_corp.pop(old, None)
    token = AccessToken(secrets.token_urlsafe(96), now + LIFE_SECONDS)
    corp.tokens[token.token] = token
    world.store.token_corp[token.token] = corp
    corp.touch("tokens")
    return token


@endpoint("GET", "/cgi-bin/getcallbackip", empty={"ip_list": []})
def getcallbackip(call: Call) -> Json:
    """The addresses that callbacks come from."""
    return {"ip_list": ["127.0.0.1", "101.226.103.*"]}


@endpoint("GET", "/cgi-bin/get_api_domain_ip", empty={"ip_list": []})
def get_api_domain_ip(call: Call) -> Json:
    """The addresses of the API itself."""
    return {"ip_list": ["127.0.0.1"]}
