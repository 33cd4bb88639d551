"""The employee's phone: requests to accept, chats, tags and remarks made in WeCom itself; tags made by its admin."""

from __future__ import annotations

import secrets

from wecom_simulator import friendships
from wecom_simulator.api.tags import delete_tags
from wecom_simulator.friendships import Refused
from wecom_simulator.model import Follow, Tag, TagGroup
from wecom_simulator.router import BadRequest, NotFound, Request, Response, json_response, route
from wecom_simulator.store import Corp


def _parties(request: Request) -> tuple[Corp, Follow]:
    corp = request.world.corp(request.params["corp_id"])
    follow = corp.follow(request.params["userid"], str(request.json().get("external_userid", "")))
    if follow is None:
        raise NotFound("no such customer of this employee")
    return corp, follow


def _shown(request: Request, corp: Corp, follow: Follow) -> Response:
    return json_response(friendships.as_json(request.world, corp, follow))


@route("GET", "/sim/staff/{corp_id}/{userid}")
async def staff_phone(request: Request) -> Response:
    """An employee with all their customers, waiting requests first."""
    corp = request.world.corp(request.params["corp_id"])
    member = corp.member(request.params["userid"])
    if member is None:
        raise NotFound(request.params["userid"])
    follows = [follow for follow in corp.follows.values() if follow.userid == member.userid]
    follows.sort(key=lambda follow: (follow.status not in ("requested", "half"), -follow.createtime))
    tags = [{"id": tag.id, "name": tag.name} for tag in corp.tags.values() if not tag.deleted]
    customers = [friendships.as_json(request.world, corp, follow) for follow in follows[:100]]
    return json_response({"member": member, "tags": tags, "customers": customers})


@route("POST", "/sim/staff/{corp_id}/{userid}/accept")
async def accept(request: Request) -> Response:
    """Accept a request."""
    corp, follow = _parties(request)
    try:
        friendships.accept(request.world, corp, follow)
    except Refused as error:
        raise BadRequest(str(error)) from error
    return _shown(request, corp, follow)


@route("POST", "/sim/staff/{corp_id}/{userid}/delete")
async def staff_deletes(request: Request) -> Response:
    """Delete a customer."""
    corp, follow = _parties(request)
    try:
        friendships.delete(request.world, corp, follow, by_staff=True)
    except Refused as error:
        raise BadRequest(str(error)) from error
    return _shown(request, corp, follow)


@route("POST", "/sim/staff/{corp_id}/{userid}/message")
async def staff_says(request: Request) -> Response:
    """Write to a customer."""
    corp, follow = _parties(request)
    try:
        friendships.say(request.world, corp, follow, str(request.json().get("text", "")), by_staff=True)
    except Refused as error:
        raise BadRequest(str(error)) from error
    return _shown(request, corp, follow)


@route("POST", "/sim/staff/{corp_id}/{userid}/edit")
async def staff_edits(request: Request) -> Response:
    """Set all `tags` (ids) or the `remark` of a customer."""
    corp, follow = _parties(request)
    body = request.json()
    tags, remark = body.get("tags"), body.get("remark")
    try:
        friendships.edit(
            request.world,
            corp,
            follow,
            tags=[str(tag) for tag in tags] if isinstance(tags, list) else None,
            remark=str(remark) if remark is not None else None,
        )
    except Refused as error:
        raise BadRequest(str(error)) from error
    return _shown(request, corp, follow)


@route("POST", "/sim/corps/{corp_id}/tags")
async def admin_adds_tag(request: Request) -> Response:
    """WeCom's own admin makes a tag (`group`, `name`): unlike a tag made by the API, this is called back."""
    world, corp, body = request.world, request.world.corp(request.params["corp_id"]), request.json()
    group_name, name, now = str(body.get("group", "")), str(body.get("name", "")), request.world.clock.seconds()
    if not group_name or not name:
        raise BadRequest("group and name are required")
    found = [entry for entry in corp.tag_groups.values() if entry.group_name == group_name and not entry.deleted]
    group = found[0] if found else TagGroup(f"etg{secrets.token_hex(12)}", group_name, now)
    if not found:
        corp.tag_groups[group.group_id] = group
        world.callbacks.emit(corp, "change_external_tag", "create", {"Id": group.group_id, "TagType": "tag_group"})
    tag = Tag(f"et{secrets.token_hex(13)}", group.group_id, name, now)
    corp.tags[tag.id] = tag
    corp.touch("tags", "tag_groups")
    world.callbacks.emit(corp, "change_external_tag", "create", {"Id": tag.id, "TagType": "tag"})
    return json_response({"group_id": group.group_id, "tag_id": tag.id})


@route("POST", "/sim/corps/{corp_id}/tags/{tag_id}")
async def admin_renames_tag(request: Request) -> Response:
    """WeCom's own admin renames a tag."""
    corp = request.world.corp(request.params["corp_id"])
    tag = corp.tags[request.params["tag_id"]]
    tag.name = str(request.json().get("name", tag.name))
    corp.touch("tags")
    request.world.callbacks.emit(corp, "change_external_tag", "update", {"Id": tag.id, "TagType": "tag"})
    return json_response({"tag_id": tag.id})


@route("DELETE", "/sim/corps/{corp_id}/tags/{tag_id}")
async def admin_deletes_tag(request: Request) -> Response:
    """WeCom's own admin deletes a tag."""
    corp = request.world.corp(request.params["corp_id"])
    tag = corp.tags[request.params["tag_id"]]
    delete_tags(corp, {tag.id}, set())
    request.world.callbacks.emit(corp, "change_external_tag", "delete", {"Id": tag.id, "TagType": "tag"})
    return json_response({"ok": True})
