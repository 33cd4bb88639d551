"""Corp tags (documents 92117, 92118)."""

from __future__ import annotations

import asyncio
import secrets

from wecom_simulator.api import params
from wecom_simulator.api.customers import friend
from wecom_simulator.api.gate import Call, endpoint
from wecom_simulator.errors import WecomError
from wecom_simulator.model import Tag, TagGroup
from wecom_simulator.router import Json
from wecom_simulator.store import Corp

PREFIX = "/cgi-bin/externalcontact/"
PARALLEL = 5
MARK_SECONDS = 0.003
MOST_TAGS_OF_CUSTOMER = 3000
MOST_TAGS = 10_000


def group_json(corp: Corp, group: TagGroup, *, by_id: bool = False) -> Json:
    """A group with its tags; `deleted` stands in it only when it was asked for by id."""
    tags = [tag for tag in corp.tags.values() if tag.group_id == group.group_id and (by_id or not tag.deleted)]
    shown: list[Json] = []
    for tag in tags:
        entry: Json = {"id": tag.id, "name": tag.name, "create_time": tag.create_time, "order": tag.order}
        shown.append({**entry, "deleted": tag.deleted} if by_id else entry)
    value: Json = {
        "group_id": group.group_id,
        "group_name": group.group_name,
        "create_time": group.create_time,
        "order": group.order,
        "tag": shown,
    }
    return {**value, "deleted": group.deleted} if by_id else value


@endpoint("POST", PREFIX + "get_corp_tag_list", empty={"tag_group": []})
def get_corp_tag_list(call: Call) -> Json:
    """All tags, or those of some groups, or some tags; group ids win over tag ids."""
    groups, tags = params.texts(call.body, "group_id"), params.texts(call.body, "tag_id")
    corp = call.corp
    if groups:
        found = [group_json(corp, corp.tag_groups[key], by_id=True) for key in groups if key in corp.tag_groups]
        return {"tag_group": found}
    if not tags:
        return {"tag_group": [group_json(corp, group) for group in corp.tag_groups.values() if not group.deleted]}
    wanted = {corp.tags[tag].group_id for tag in tags if tag in corp.tags}
    found = [group_json(corp, group, by_id=True) for group in corp.tag_groups.values() if group.group_id in wanted]
    for entry in found:
        entry["tag"] = [tag for tag in entry["tag"] if tag["id"] in tags]
    return {"tag_group": found}


@endpoint("POST", PREFIX + "add_corp_tag")
def add_corp_tag(call: Call) -> Json:
    """New tags in a new or an existing group. The answer names the group and what this call has made."""
    corp, body = call.corp, call.body
    given = body.get("tag")
    if not isinstance(given, list) or not given or not all(isinstance(item, dict) for item in given):
        raise WecomError(40063)
    wanted: dict[str, int] = {}
    for item in given:
        name = params.text(item, "name", chars=30)
        if not name:
            raise WecomError(40063)
        wanted.setdefault(name, params.integer(item, "order"))
    group_name = params.text(body, "group_name", chars=30)
    group = _group(corp, params.text(body, "group_id"), group_name)
    present = {tag.name for tag in corp.tags.values() if group and tag.group_id == group.group_id and not tag.deleted}
    if present & set(wanted):
        raise WecomError(40071)
    if sum(1 for tag in corp.tags.values() if not tag.deleted) + len(wanted) > MOST_TAGS:
        raise WecomError(40058, "too many tags")
    if group is None:
        group = TagGroup(f"etg{secrets.token_hex(12)}", group_name, call.now, params.integer(body, "order"))
        corp.tag_groups[group.group_id] = group
    made = {f"et{secrets.token_hex(13)}": name for name in wanted}
    for tag_id, name in made.items():
        corp.tags[tag_id] = Tag(tag_id, group.group_id, name, call.now, wanted[name])
    corp.touch("tags", "tag_groups")
    answer = group_json(corp, group)
    answer["tag"] = [tag for tag in answer["tag"] if tag["id"] in made]
    return {"tag_group": answer}


def _group(corp: Corp, group_id: str, group_name: str) -> TagGroup | None:
    if group_id:
        group = corp.tag_groups.get(group_id)
        if group is None or group.deleted:
            raise WecomError(40068)
        return group
    if not group_name:
        raise WecomError(40063)
    named = [group for group in corp.tag_groups.values() if group.group_name == group_name and not group.deleted]
    return named[0] if named else None


@endpoint("POST", PREFIX + "edit_corp_tag")
def edit_corp_tag(call: Call) -> Json:
    """Rename or reorder a tag or a group."""
    corp, key = call.corp, params.required(call.body, "id", code=40068)
    name, order = params.text(call.body, "name", chars=30), call.body.get("order")
    tag, group = corp.tags.get(key), corp.tag_groups.get(key)
    if (tag is None or tag.deleted) and (group is None or group.deleted):
        raise WecomError(40068)
    if tag is not None:
        others = (t.name for t in corp.tags.values() if t.group_id == tag.group_id and t is not tag and not t.deleted)
        if name and name in others:
            raise WecomError(40071)
        tag.name = name or tag.name
        tag.order = order if isinstance(order, int) else tag.order
    elif group is not None:
        if name and any(g.group_name == name and g is not group and not g.deleted for g in corp.tag_groups.values()):
            raise WecomError(40071)
        group.group_name = name or group.group_name
        group.order = order if isinstance(order, int) else group.order
    corp.touch("tags", "tag_groups")
    return {}


@endpoint("POST", PREFIX + "del_corp_tag")
def del_corp_tag(call: Call) -> Json:
    """Delete tags and groups; a group goes with its last tag."""
    corp = call.corp
    tags, groups = params.texts(call.body, "tag_id"), params.texts(call.body, "group_id")
    if not tags and not groups:
        raise WecomError(40063)
    if any(key not in corp.tags for key in tags) or any(key not in corp.tag_groups for key in groups):
        raise WecomError(40068)
    delete_tags(corp, set(tags), set(groups))
    return {}


def delete_tags(corp: Corp, tags: set[str], groups: set[str]) -> None:
    """Mark them deleted, take them off the customers, and close groups that are empty now."""
    gone = {tag.id for tag in corp.tags.values() if tag.id in tags or tag.group_id in groups}
    for key in gone:
        corp.tags[key].deleted = True
    alive = {tag.group_id for tag in corp.tags.values() if not tag.deleted}
    for group in corp.tag_groups.values():
        group.deleted = group.deleted or group.group_id not in alive
    for follow in corp.follows.values():
        follow.tags = [tag for tag in follow.tags if tag not in gone]
    corp.touch("tags", "tag_groups", "follows")


@endpoint("POST", PREFIX + "mark_tag")
async def mark_tag(call: Call) -> Json:
    """Set and take away tags of one member's customer; refuses too many calls at once, as WeCom does."""
    body = call.body
    userid, external_userid = params.required(body, "userid"), params.required(body, "external_userid")
    add, remove = params.texts(body, "add_tag"), params.texts(body, "remove_tag")
    if not add and not remove:
        raise WecomError(40063)
    busy, corp_key, pair_key = call.world.busy, call.corp.corp_id, f"{call.corp.corp_id}/{userid}/{external_userid}"
    if busy[corp_key] >= PARALLEL:
        raise WecomError(45033)
    if busy[pair_key]:
        raise WecomError(45035)
    busy[corp_key] += 1
    busy[pair_key] += 1
    try:
        await asyncio.sleep(MARK_SECONDS)
        _mark(call, userid, external_userid, add, remove)
    finally:
        busy[corp_key] -= 1
        del busy[pair_key]
    return {}


def _mark(call: Call, userid: str, external_userid: str, add: list[str], remove: list[str]) -> None:
    corp = call.corp
    follow = friend(call, userid, external_userid)
    if any(key not in corp.tags or corp.tags[key].deleted for key in add + remove):
        raise WecomError(40068)
    tags = [key for key in follow.tags if key not in remove]
    tags += [key for key in dict.fromkeys(add) if key not in tags]
    if len(tags) > MOST_TAGS_OF_CUSTOMER:
        raise WecomError(40058, "too many tags")
    follow.tags = tags
    corp.touch("follows")
    names = "、".join(corp.tags[key].name for key in add) or "（移除）"
    call.world.timeline.add(
        call.world.clock.now(), "tag", f"接口打标签：{names}", person_id=follow.person_id, corp_id=corp.corp_id
    )
