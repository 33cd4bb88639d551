"""「加入群聊」 join ways (document 92229)."""

from __future__ import annotations

import secrets

from wecom_simulator.api import params
from wecom_simulator.api.gate import Call, endpoint
from wecom_simulator.errors import WecomError
from wecom_simulator.model import JoinWay
from wecom_simulator.router import Json

PREFIX = "/cgi-bin/externalcontact/groupchat/"


@endpoint("POST", PREFIX + "add_join_way")
def add_join_way(call: Call) -> Json:
    """A new way into up to five group chats."""
    way = JoinWay(secrets.token_hex(16), f"gc{secrets.token_hex(8)}", 2, [])
    _apply(call, way)
    call.corp.join_ways[way.config_id] = way
    call.corp.touch("join_ways")
    return {"config_id": way.config_id}


@endpoint("POST", PREFIX + "get_join_way")
def get_join_way(call: Call) -> Json:
    """One way with all its fields."""
    way = _way(call)
    shown: Json = {name: value for name, value in vars(way).items() if name != "vcode"}
    if way.scene == 2:
        shown["qr_code"] = f"{call.world.config.base_url}/sim/qr/{way.config_id}.png"
    return {"join_way": shown}


@endpoint("POST", PREFIX + "update_join_way")
def update_join_way(call: Call) -> Json:
    """Overwrite a way in full: what is not sent goes back to its default."""
    old = _way(call)
    way = JoinWay(old.config_id, old.vcode, old.scene, [])
    _apply(call, way)
    call.corp.join_ways[way.config_id] = way
    call.corp.touch("join_ways")
    return {}


@endpoint("POST", PREFIX + "del_join_way")
def del_join_way(call: Call) -> Json:
    """Delete a way."""
    del call.corp.join_ways[_way(call).config_id]
    call.corp.touch("join_ways")
    return {}


def _way(call: Call) -> JoinWay:
    config_id = params.text(call.body, "config_id", code=41044)
    if not config_id:
        raise WecomError(41036)
    way = call.corp.join_ways.get(config_id)
    if way is None:
        raise WecomError(41044)
    return way


def _apply(call: Call, way: JoinWay) -> None:
    body = call.body
    scene = params.integer(body, "scene", code=41040)
    if scene not in (1, 2):
        raise WecomError(41040)
    chats = params.texts(body, "chat_id_list")
    if len(chats) > 5:
        raise WecomError(41091)
    if not chats:
        raise WecomError(40058, "chat_id_list")
    if any(chat not in call.corp.chats for chat in chats):
        raise WecomError(90502)
    automatic = params.integer(body, "auto_create_room", 1)
    if automatic not in (0, 1):
        raise WecomError(40058, "auto_create_room")
    name, state = params.text(body, "room_base_name", chars=40), params.text(body, "state", chars=30)
    number, source = params.integer(body, "room_base_id", 1), params.boolean(body, "mark_source", True)
    remark = params.text(body, "remark")[:30]
    way.scene, way.chat_id_list, way.auto_create_room = scene, chats, automatic
    way.room_base_name, way.state, way.room_base_id = name, state, number
    way.mark_source, way.remark = source, remark
