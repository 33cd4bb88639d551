"""Corps, departments and members: what WeCom's own admin console would be used for."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from wecom_simulator.model import Department, Json, Member, Settings
from wecom_simulator.router import BadRequest, NotFound, Request, Response, json_response, route
from wecom_simulator.store import Corp, revive
from wecom_simulator.world import World

SETTING_NAMES = frozenset(entry.name for entry in fields(Settings)) - {"corp_id"}

READABLE = frozenset(
    ("ways", "join_ways", "links", "follows", "tags", "tag_groups", "chats", "messages", "media", "transfers")
)


def corp_json(corp: Corp) -> Json:
    """A corp with its people and how much of everything it has."""
    return {
        **vars(corp.settings),
        "departments": list(corp.departments.values()),
        "members": list(corp.members.values()),
        "counts": {
            name: len(corp.section(name))
            for name in ("ways", "join_ways", "links", "follows", "tags", "chats", "events", "messages")
        },
    }


@route("POST", "/sim/corps")
async def save_corp(request: Request) -> Response:
    """Make a corp, or change one: fields that are not sent stay. `departments` and `members` may come along."""
    body = request.json()
    corp_id = body.get("corp_id")
    if not isinstance(corp_id, str) or not corp_id:
        raise BadRequest("corp_id is required")
    store = request.world.store
    corp = store.corps.get(corp_id)
    if corp is None:
        settings = Settings(corp_id, str(body.get("name") or corp_id), str(body.get("secret") or f"secret-{corp_id}"))
        corp = Corp(settings, store)
        corp.departments["1"] = Department(1, settings.name, 0, 100)
        store.corps[corp_id] = corp
    for name in SETTING_NAMES & set(body):
        setattr(corp.settings, name, body[name])
    for value in body.get("departments", []):
        _save_department(request.world, corp, value, notify=False)
    for value in body.get("members", []):
        _save_member(request.world, corp, value, notify=False)
    corp.touch("settings", "departments", "members")
    return json_response(corp_json(corp))


@route("GET", "/sim/corps")
async def list_corps(request: Request) -> Response:
    """All corps."""
    return json_response({"corps": [corp_json(corp) for corp in request.world.store.corps.values()]})


@route("GET", "/sim/corps/{corp_id}")
async def get_corp(request: Request) -> Response:
    """One corp."""
    return json_response(corp_json(request.world.corp(request.params["corp_id"])))


@route("GET", "/sim/corps/{corp_id}/records/{section}")
async def get_records(request: Request) -> Response:
    """All records of one of the sections in READABLE."""
    corp, section = request.world.corp(request.params["corp_id"]), request.params["section"]
    if section not in READABLE:
        raise NotFound(section)
    return json_response({section: list(corp.section(section).values())})


@route("POST", "/sim/corps/{corp_id}/verify-url")
async def verify_url(request: Request) -> Response:
    """Make the check that WeCom makes when the callback address is saved."""
    corp = request.world.corp(request.params["corp_id"])
    if not corp.settings.callback_url or len(corp.settings.aes_key) != 43:
        raise BadRequest("the corp has no callback_url or no aes_key of 43 characters")
    return json_response(await request.world.callbacks.verify_url(corp))


@route("POST", "/sim/corps/{corp_id}/expire-tokens")
async def expire_tokens(request: Request) -> Response:
    """Let all tokens die early: `{"how": "expired"}` answers 42001, `"invalid"` (the default) 40014."""
    world, corp = request.world, request.world.corp(request.params["corp_id"])
    for key, token in list(corp.tokens.items()):
        if request.json().get("how") == "expired":
            token.expires = world.clock.now() - 1
        else:
            del corp.tokens[key]
            world.store.token_corp.pop(key, None)
    corp.touch("tokens")
    return json_response({"ok": True})


def _several(body: Json, name: str) -> list[Json]:
    values = body.get(name, [body])
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise BadRequest(f"{name} must be a list of objects")
    return values


@route("POST", "/sim/corps/{corp_id}/departments")
async def save_departments(request: Request) -> Response:
    """Make or change departments (one, or a list in `departments`); `notify` sends change_contact events."""
    corp, body = request.world.corp(request.params["corp_id"]), request.json()
    for value in _several(body, "departments"):
        _save_department(request.world, corp, value, notify=bool(body.get("notify")))
    corp.touch("departments")
    return json_response({"departments": list(corp.departments.values())})


def _save_department(world: World, corp: Corp, value: Json, *, notify: bool) -> None:
    key = str(value.get("id", ""))
    if not key.isdigit():
        raise BadRequest("a department needs an integer id")
    old = corp.departments.get(key)
    entry = revive(Department, {"name": f"部门{key}", **(vars(old) if old else {}), **value, "id": int(key)})
    corp.departments[key] = entry
    if notify:
        told = {"Id": entry.id, "Name": entry.name, "ParentId": entry.parentid, "Order": entry.order}
        world.callbacks.emit(corp, "change_contact", "update_party" if old else "create_party", told)


@route("DELETE", "/sim/corps/{corp_id}/departments/{key}")
async def delete_department(request: Request) -> Response:
    """Delete a department and tell the console."""
    corp, key = request.world.corp(request.params["corp_id"]), request.params["key"]
    del corp.departments[key]
    corp.touch("departments")
    request.world.callbacks.emit(corp, "change_contact", "delete_party", {"Id": int(key)})
    return json_response({"ok": True})


@route("POST", "/sim/corps/{corp_id}/members")
async def save_members(request: Request) -> Response:
    """Make or change members (one, or a list in `members`); `notify` sends change_contact events."""
    corp, body = request.world.corp(request.params["corp_id"]), request.json()
    for value in _several(body, "members"):
        _save_member(request.world, corp, value, notify=bool(body.get("notify")))
    corp.touch("members")
    return json_response({"members": list(corp.members.values())})


def _save_member(world: World, corp: Corp, value: Json, *, notify: bool) -> None:
    userid = value.get("userid")
    if not isinstance(userid, str) or not 1 <= len(userid.encode()) <= 64:
        raise BadRequest("a member needs a userid of 1 to 64 bytes")
    old = corp.member(userid)
    known: dict[str, Any] = {"name": userid, **(vars(old) if old else {}), **value}
    member = revive(Member, {**known, "userid": old.userid if old else userid})
    corp.members[userid.lower()] = member
    if notify:
        told = {
            "UserID": member.userid,
            "Name": member.name,
            "Department": ",".join(str(entry) for entry in member.department),
            "MainDepartment": member.department[0] if member.department else 1,
            "Position": member.position,
            "Status": member.status,
        }
        world.callbacks.emit(corp, "change_contact", "update_user" if old else "create_user", told)


@route("DELETE", "/sim/corps/{corp_id}/members/{userid}")
async def member_leaves(request: Request) -> Response:
    """An employee leaves: gone from the contact list, their ways lead nowhere, and the console is told."""
    world, corp = request.world, request.world.corp(request.params["corp_id"])
    member = corp.member(request.params["userid"])
    if member is None:
        raise NotFound(request.params["userid"])
    member.status, member.customer_contact, member.left_at = 5, False, world.clock.seconds()
    corp.touch("members")
    world.timeline.add(world.clock.now(), "bad", f"{member.name} 离职", corp_id=corp.corp_id)
    world.callbacks.emit(corp, "change_contact", "delete_user", {"UserID": member.userid})
    return json_response({"ok": True})
