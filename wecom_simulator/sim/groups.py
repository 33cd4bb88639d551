"""Customers' group chats: made by an employee, joined by scanning, dismissed."""

from __future__ import annotations

import secrets

from wecom_simulator import scanning
from wecom_simulator.friendships import Refused, external_id
from wecom_simulator.model import GroupChat, JoinWay
from wecom_simulator.router import BadRequest, NotFound, Request, Response, json_response, route
from wecom_simulator.sim.customers import person_of
from wecom_simulator.store import Corp
from wecom_simulator.world import World

FULL = 200


def _version(chat: GroupChat) -> None:
    chat.member_version = secrets.token_hex(16)


def make_chat(world: World, corp: Corp, name: str, owner: str) -> GroupChat:
    """A new group chat; create is called back."""
    now = world.clock.seconds()
    member = {"userid": owner, "type": 1, "join_time": now, "join_scene": 1, "group_nickname": "", "name": owner}
    members = [{**member, "invitor": {"userid": owner}}]
    chat = GroupChat(f"wr{secrets.token_hex(15)}", name, owner, now, member_list=members)
    _version(chat)
    corp.chats[chat.chat_id] = chat
    corp.touch("chats")
    world.callbacks.emit(corp, "change_external_chat", "create", {"ChatId": chat.chat_id})
    return chat


@route("POST", "/sim/corps/{corp_id}/chats")
async def new_chat(request: Request) -> Response:
    """A group chat with a `name` and an `owner` (userid)."""
    corp, body = request.world.corp(request.params["corp_id"]), request.json()
    owner = corp.member(str(body.get("owner", "")))
    if owner is None:
        raise BadRequest("owner must be a member")
    return json_response(make_chat(request.world, corp, str(body.get("name") or "客户群"), owner.userid))


@route("DELETE", "/sim/corps/{corp_id}/chats/{chat_id}")
async def dismiss_chat(request: Request) -> Response:
    """Dismiss a group chat."""
    corp = request.world.corp(request.params["corp_id"])
    del corp.chats[request.params["chat_id"]]
    corp.touch("chats")
    request.world.callbacks.emit(corp, "change_external_chat", "dismiss", {"ChatId": request.params["chat_id"]})
    return json_response({"ok": True})


@route("POST", "/sim/customers/{person_id}/join")
async def join(request: Request) -> Response:
    """Join by a join way's code (`text`): the first group with room, or a new one if the way makes them."""
    person, world = person_of(request), request.world
    try:
        found = scanning.resolve(world, person, str(request.json().get("text", "")))
    except Refused as error:
        return json_response({"status": "refused", "error": str(error)}, 409)
    if found.corp is None or found.join_way is None:
        raise NotFound("this code leads to no group")
    corp = found.corp
    chat = _with_room(world, corp, found.join_way)
    if chat is None:
        return json_response({"status": "refused", "error": "群聊人数已满"}, 409)
    external = external_id(corp.corp_id, person.person_id)
    if all(member["userid"] != external for member in chat.member_list):
        old = chat.member_version
        chat.member_list.append(
            {
                "userid": external,
                "type": 2,
                "unionid": person.unionid,
                "join_time": world.clock.seconds(),
                "join_scene": 3,
                "group_nickname": "",
                "name": person.nickname,
                "state": found.join_way.state,
            }
        )
        _version(chat)
        _tell_joined(world, corp, chat, external, old)
    corp.touch("chats")
    return json_response({"status": "joined", "chat_id": chat.chat_id, "name": chat.name})


def _tell_joined(world: World, corp: Corp, chat: GroupChat, external: str, old: str) -> None:
    fields = {
        "ChatId": chat.chat_id,
        "UpdateDetail": "add_member",
        "JoinScene": 3,
        "QuitScene": 0,
        "MemChangeCnt": 1,
        "LastMemVer": old,
        "CurMemVer": chat.member_version,
    }
    world.callbacks.emit(corp, "change_external_chat", "update", {**fields, "MemChangeList": [external]})


def _with_room(world: World, corp: Corp, way: JoinWay) -> GroupChat | None:
    chats = [corp.chats[key] for key in way.chat_id_list if key in corp.chats]
    for chat in chats:
        if len(chat.member_list) < FULL:
            return chat
    if not way.auto_create_room or not chats:
        return None
    corp.settings.join_serial += 1
    number = way.room_base_id + corp.settings.join_serial
    chat = make_chat(world, corp, f"{way.room_base_name or chats[-1].name}{number}", chats[-1].owner)
    way.chat_id_list = [*way.chat_id_list, chat.chat_id][-5:]
    corp.touch("join_ways", "settings")
    return chat
