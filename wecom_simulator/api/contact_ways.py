"""「联系我」 contact ways (document 92572)."""

from __future__ import annotations

import secrets

from wecom_simulator.api import params
from wecom_simulator.api.gate import Call, endpoint
from wecom_simulator.api.members import check_receiver, expand
from wecom_simulator.errors import WecomError
from wecom_simulator.model import ContactWay
from wecom_simulator.router import Json
from wecom_simulator.store import Corp

PREFIX = "/cgi-bin/externalcontact/"
MOST_MEMBERS = 100
MOST_WAYS = 500_000
DAY = 86_400


def qr_url(base_url: str, config_id: str) -> str:
    """The address of a way's QR image."""
    return f"{base_url}/sim/qr/{config_id}.png"


@endpoint("POST", PREFIX + "add_contact_way")
def add_contact_way(call: Call) -> Json:
    """A new way; the picture's address only for scene 2."""
    body = call.body
    if "type" not in body:
        raise WecomError(41037)
    if "scene" not in body:
        raise WecomError(41038)
    kind = params.integer(body, "type", code=41039)
    scene = params.integer(body, "scene", code=41040)
    if kind not in (1, 2):
        raise WecomError(41039)
    if scene not in (1, 2):
        raise WecomError(41040)
    if len(call.corp.ways) + len(call.corp.join_ways) >= MOST_WAYS:
        raise WecomError(41045)
    way = ContactWay(secrets.token_hex(16), f"vc{secrets.token_hex(8)}", kind, scene, call.now)
    _apply(call.corp, way, body, new=True)
    call.corp.ways[way.config_id] = way
    call.corp.touch("ways")
    answer: Json = {"config_id": way.config_id}
    if scene == 2:
        answer["qr_code"] = qr_url(call.world.config.base_url, way.config_id)
    return answer


def _apply(corp: Corp, way: ContactWay, body: Json, *, new: bool) -> None:
    """Check and set the fields that are present; nothing is set when one is refused."""
    users, parties = way.user, way.party
    if new or "user" in body or "party" in body:
        users = params.texts(body, "user", code=60011) if new or "user" in body else way.user
        parties = params.integers(body, "party") if new or "party" in body else way.party
        _check_people(corp, way.type, users, parties)
    limits = {"remark": 30, "state": 30, "unionid": 64}
    words: dict[str, str] = {
        name: params.text(body, name, chars=limit) for name, limit in limits.items() if name in body
    }
    flags: dict[str, bool] = {
        name: params.boolean(body, name, True) for name in ("skip_verify", "mark_source") if name in body
    }
    if new:
        flags |= {name: params.boolean(body, name, False) for name in ("is_temp", "is_exclusive") if name in body}
    numbers: dict[str, int] = {
        name: params.integer(body, name) for name in ("expires_in", "chat_expires_in", "style") if name in body
    }
    if any(numbers.get(name, 0) > 14 * DAY for name in ("expires_in", "chat_expires_in")):
        raise WecomError(40058, "expires_in")
    conclusions = params.table(body, "conclusions")
    params.text(params.table(conclusions, "text"), "content", octets=4000)
    if flags.get("is_temp") and way.type != 1:
        raise WecomError(41035)
    values: Json = {**words, **flags, **numbers}
    for name, value in values.items():
        setattr(way, name, value)
    way.user, way.party = users, parties
    if "conclusions" in body:
        way.conclusions = conclusions


def _check_people(corp: Corp, kind: int, users: list[str], parties: list[int]) -> None:
    if kind == 1 and len(users) != 1:
        raise WecomError(40058, "user must have exactly one for type 1")
    if kind == 1 and parties:
        raise WecomError(40058, "party is only for type 2")
    if kind == 2 and not users and not parties:
        raise WecomError(41035)
    for userid in users:
        check_receiver(corp, userid)
    if len(expand(corp, users, parties)) > MOST_MEMBERS:
        raise WecomError(41041)


def _way(call: Call) -> ContactWay:
    config_id = params.text(call.body, "config_id", code=41044)
    if not config_id:
        raise WecomError(41036)
    way = call.corp.ways.get(config_id)
    if way is None:
        raise WecomError(41044)
    return way


@endpoint("POST", PREFIX + "get_contact_way")
def get_contact_way(call: Call) -> Json:
    """One way with all its fields."""
    way = _way(call)
    shown: Json = {
        name: getattr(way, name)
        for name in ("config_id", "type", "scene", "remark", "skip_verify", "state", "user", "party", "is_temp")
    }
    shown["mark_source"] = way.mark_source
    if way.scene == 2:
        shown["qr_code"] = qr_url(call.world.config.base_url, way.config_id)
    else:
        shown["style"] = way.style
    if way.is_temp:
        shown |= {
            "expires_in": way.expires_in or 7 * DAY,
            "chat_expires_in": way.chat_expires_in or DAY,
            "unionid": way.unionid,
            "conclusions": way.conclusions,
        }
    return {"contact_way": shown}


@endpoint("POST", PREFIX + "list_contact_way")
def list_contact_way(call: Call) -> Json:
    """The ids of lasting ways made in a period; by default of the last 90 days."""
    start = params.integer(call.body, "start_time", call.now - 90 * DAY)
    end = params.integer(call.body, "end_time", call.now)
    limit = params.integer(call.body, "limit", 100)
    if not 1 <= limit <= 1000 or start > end:
        raise WecomError(40058, "limit")
    found = [way.config_id for way in call.corp.ways.values() if not way.is_temp and start <= way.created <= end]
    shown, cursor = params.page(found, params.text(call.body, "cursor"), limit)
    return {"contact_way": [{"config_id": config_id} for config_id in shown], "next_cursor": cursor}


@endpoint("POST", PREFIX + "update_contact_way")
def update_contact_way(call: Call) -> Json:
    """Change the fields that are sent; type and scene stay, and so does the printed QR."""
    way = _way(call)
    _apply(call.corp, way, call.body, new=False)
    call.corp.touch("ways")
    return {}


@endpoint("POST", PREFIX + "del_contact_way")
def del_contact_way(call: Call) -> Json:
    """Delete a way: its printed QR is dead from now on."""
    del call.corp.ways[_way(call).config_id]
    call.corp.touch("ways")
    return {}


@endpoint("POST", PREFIX + "close_temp_chat")
def close_temp_chat(call: Call) -> Json:
    """End a temporary session."""
    follow = call.corp.follow(params.required(call.body, "userid"), params.required(call.body, "external_userid"))
    if follow is None or follow.status == "dropped":
        raise WecomError(84061)
    return {}
