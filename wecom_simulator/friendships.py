"""How a customer and an employee become friends, talk and part; each step sends what WeCom sends (13.7, 13.11)."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from wecom_simulator.model import Follow, Json, Member, Person, WelcomeCode
from wecom_simulator.store import Corp, follow_key
from wecom_simulator.world import World

CONTACT = "change_external_contact"
ACQUISITION = "customer_acquisition"
BY_QR, BY_LINK, BY_CARD = 1, 16, 3
LOW_BALANCE = 20
REPORTED_MESSAGES = (3, 5, 10)


@dataclass(frozen=True)
class Door:
    """By what way a customer comes to an employee. `add_way` as WeCom numbers it; `state` may be empty."""

    userid: str
    add_way: int = BY_CARD
    state: str = ""
    skip_verify: bool = True
    config_id: str = ""
    link_id: str = ""


class Refused(ValueError):
    """The phone shows this text, and nothing has happened."""


def external_id(corp_id: str, person_id: str) -> str:
    """The external_userid of a person for one corp: another corp sees another value."""
    return f"wm{hashlib.sha256(f'{corp_id}/{person_id}'.encode()).hexdigest()[:30]}"


def add(world: World, corp: Corp, person: Person, door: Door) -> Follow:
    """The customer taps 添加: friend at once, or a request that waits. Raises Refused with the phone's text."""
    member = corp.member(door.userid)
    if member is None or member.status != 1 or not member.customer_contact:
        raise Refused("该成员暂时无法添加")
    if member.full:
        raise Refused("对方添加好友过于频繁，请稍后再试")
    external = external_id(corp.corp_id, person.person_id)
    old = corp.follow(member.userid, external)
    if old is not None and old.status == "friend":
        return old
    link = corp.links.get(door.link_id)
    if door.link_id and (link is None or corp.settings.quota_balance <= 0):
        world.callbacks.emit(corp, ACQUISITION, "link_unavailable", {"LinkId": door.link_id})
        raise Refused("链接已失效")
    follow = _request(world, corp, person, door, member, old)
    if door.link_id and door.state:
        fields = {"LinkId": door.link_id, "State": door.state}
        world.callbacks.emit(corp, ACQUISITION, "friend_request", fields, person.person_id)
    half = corp.settings.half_event
    if door.skip_verify and half != "skip_verify":
        _establish(world, corp, follow, member)
    elif half in ("need_verify", "skip_verify") and door.skip_verify == (half == "skip_verify"):
        follow.status = "half"
        fields = {**_ids(follow), **_welcome(world, corp, follow, member)}
        world.callbacks.emit(corp, CONTACT, "add_half_external_contact", fields, person.person_id)
    return follow


def _request(world: World, corp: Corp, person: Person, door: Door, member: Member, old: Follow | None) -> Follow:
    external = external_id(corp.corp_id, person.person_id)
    follow = Follow(member.userid, external, person.person_id, "requested", world.clock.seconds())
    follow.add_way, follow.state, follow.oper_userid = door.add_way, door.state, external
    follow.config_id, follow.link_id = door.config_id, door.link_id
    if old is not None:
        follow.messages = old.messages
    if old is not None and old.status == "lost":
        follow.tags, follow.remark, follow.description = old.tags, old.remark, old.description
    corp.follows[follow_key(member.userid, external)] = follow
    corp.touch("follows")
    world.timeline.add(
        world.clock.now(), "add", f"申请添加 {member.name}", person_id=person.person_id, corp_id=corp.corp_id
    )
    return follow


def accept(world: World, corp: Corp, follow: Follow) -> None:
    """The employee accepts a waiting request."""
    member = corp.member(follow.userid)
    if follow.status not in ("requested", "half") or member is None:
        raise Refused("没有待通过的申请")
    _establish(world, corp, follow, member)


def _establish(world: World, corp: Corp, follow: Follow, member: Member) -> None:
    greeted = follow.status == "half"
    now = world.clock.now()
    follow.status, follow.createtime = "friend", int(now)
    follow.visible_from = now + corp.settings.propagation_ms / 1000
    follow.started_chat, follow.received, follow.welcome_seconds = False, 0, follow.welcome_seconds if greeted else 0
    follow.messages.append({"at": now, "from": "system", "text": f"你已添加了{member.name}，现在可以开始聊天了"})
    corp.touch("follows")
    if not greeted:
        world.timeline.added(follow.person_id, follow.userid)
    world.timeline.add(now, "friend", f"与 {member.name} 成为好友", person_id=follow.person_id, corp_id=corp.corp_id)
    fields = {**_ids(follow), **({} if greeted else _welcome(world, corp, follow, member))}
    world.callbacks.emit(corp, CONTACT, "add_external_contact", fields, follow.person_id)
    if follow.link_id:
        _consume(world, corp)


def _ids(follow: Follow) -> dict[str, str]:
    fields = {"UserID": follow.userid, "ExternalUserID": follow.external_userid}
    return {**fields, "State": follow.state} if follow.state else fields


def _welcome(world: World, corp: Corp, follow: Follow, member: Member) -> dict[str, str]:
    """A fresh welcome code, or none when WeCom's own console has a welcome for this member."""
    if member.console_welcome:
        follow.messages.append(
            {"at": world.clock.now(), "from": "staff", "welcome": True, "msgtype": "text", "text": {"content": "你好"}}
        )
        return {}
    now = world.clock.now()
    for old in [key for key, code in corp.welcome_codes.items() if now - code.created > 600]:
        del corp.welcome_codes[old]
    code = secrets.token_urlsafe(32)
    corp.welcome_codes[code] = WelcomeCode(code, follow.userid, follow.external_userid, now)
    corp.touch("welcome_codes")
    world.timeline.added(follow.person_id, follow.userid)
    return {"WelcomeCode": code}


def _consume(world: World, corp: Corp) -> None:
    """An add by a link uses one unit; WeCom tells when few or none are left."""
    settings = corp.settings
    settings.quota_balance = max(0, settings.quota_balance - 1)
    corp.touch("settings")
    if settings.quota_balance == 0:
        world.callbacks.emit(corp, ACQUISITION, "balance_exhausted", {})
    elif settings.quota_balance == LOW_BALANCE - 1:
        world.callbacks.emit(corp, ACQUISITION, "balance_low", {})


def delete(world: World, corp: Corp, follow: Follow, *, by_staff: bool) -> None:
    """One side deletes the other: the API forgets a customer that the employee deleted, not one that left."""
    if follow.status not in ("friend", "lost"):
        raise Refused("不是好友")
    follow.status = "dropped" if by_staff else "lost"
    if by_staff:
        follow.tags, follow.remark, follow.description = [], "", ""
    corp.touch("follows")
    fields = {"UserID": follow.userid, "ExternalUserID": follow.external_userid}
    change = "del_external_contact" if by_staff else "del_follow_user"
    text = "客服删除了客户" if by_staff else "客户删除了客服"
    world.timeline.add(world.clock.now(), "bad", text, person_id=follow.person_id, corp_id=corp.corp_id)
    world.callbacks.emit(corp, CONTACT, change, fields, follow.person_id)


def say(world: World, corp: Corp, follow: Follow, text: str, *, by_staff: bool) -> None:
    """A chat message; the first by either side ends the time for a welcome."""
    if follow.status != "friend":
        raise Refused("对方已不是好友，无法发送")
    first = not follow.started_chat
    follow.started_chat = True
    sender = "staff" if by_staff else "customer"
    follow.messages.append({"at": world.clock.now(), "from": sender, "msgtype": "text", "text": {"content": text}})
    corp.touch("follows")
    if by_staff:
        return
    follow.received += 1
    if not follow.link_id:
        return
    if first:
        fields = {"UserID": follow.userid, "ExternalUserID": follow.external_userid, "LinkId": follow.link_id}
        world.callbacks.emit(corp, ACQUISITION, "customer_start_chat", fields, follow.person_id)
    if follow.received in REPORTED_MESSAGES:
        key = f"{world.clock.seconds()}|{follow_key(follow.userid, follow.external_userid)}"
        fields = {"LinkId": follow.link_id, "State": follow.state, "ChatKey": key}
        world.callbacks.emit(corp, ACQUISITION, "message_from_customer", fields, follow.person_id)


def edit(world: World, corp: Corp, follow: Follow, *, tags: list[str] | None, remark: str | None) -> None:
    """The employee changes tags or the remark in WeCom itself: unlike changes by the API, this is called back."""
    if follow.status not in ("friend", "lost"):
        raise Refused("不是好友")
    if tags is not None:
        follow.tags = [tag for tag in dict.fromkeys(tags) if tag in corp.tags and not corp.tags[tag].deleted]
    if remark is not None:
        follow.remark = remark[:20]
    corp.touch("follows")
    text = "客服改了标签" if tags is not None else f"客服改备注：{follow.remark}"
    world.timeline.add(world.clock.now(), "tag", text, person_id=follow.person_id, corp_id=corp.corp_id)
    world.callbacks.emit(corp, CONTACT, "edit_external_contact", _ids(follow), follow.person_id)


def as_json(world: World, corp: Corp, follow: Follow) -> Json:
    """A relation as the phone shows it."""
    member = corp.member(follow.userid)
    person = world.store.people[follow.person_id]
    return {
        "corp_id": corp.corp_id,
        "corp_name": corp.settings.name,
        "userid": follow.userid,
        "name": member.name if member else follow.userid,
        "position": member.position if member else "",
        "person_id": person.person_id,
        "nickname": person.nickname,
        "external_userid": follow.external_userid,
        "status": follow.status,
        "createtime": follow.createtime,
        "state": follow.state,
        "add_way": follow.add_way,
        "remark": follow.remark,
        "description": follow.description,
        "tags": [{"id": key, "name": corp.tags[key].name} for key in follow.tags if key in corp.tags],
        "messages": follow.messages[-60:],
        "welcome_seconds": follow.welcome_seconds,
    }
