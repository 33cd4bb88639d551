"""What a phone makes of a QR code's text: a page to open, an employee to add, or a group to join."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from wecom_simulator.api.members import expand
from wecom_simulator.friendships import BY_LINK, BY_QR, Door, Refused, external_id
from wecom_simulator.model import ContactWay, JoinWay, Json, Link, Person
from wecom_simulator.store import Corp
from wecom_simulator.world import World

HOST = "work.weixin.qq.com"
PROFILE = "weixin://biz/ww/profile/"
CHANNEL_OCTETS = 64


@dataclass(frozen=True)
class Found:
    """What stands behind a code. Exactly one of `url`, `door` and `join_way` is set; else it is plain text."""

    text: str
    url: str = ""
    corp: Corp | None = None
    door: Door | None = None
    join_way: JoinWay | None = None


def way_text(way: ContactWay) -> str:
    """What the QR of a contact way carries."""
    return f"https://{HOST}/u/{way.vcode}"


def join_text(way: JoinWay) -> str:
    """What the QR of a join way carries."""
    return f"https://{HOST}/gm/{way.vcode}"


def is_wecom(world: World, url: str) -> bool:
    """Whether WeChat itself takes this address over, instead of opening it as a page."""
    parts = urlsplit(url)
    own = urlsplit(world.config.base_url)
    if url.startswith(PROFILE) or parts.hostname == HOST:
        return True
    return parts.netloc == own.netloc and parts.path.startswith("/ca/")


def resolve(world: World, person: Person, text: str) -> Found:
    """Look behind a code's text. Raises Refused with the phone's words for a dead code."""
    if text.startswith(PROFILE):
        text = unquote(text.removeprefix(PROFILE))
    if not is_wecom(world, text):
        return Found(text, url=text if text.startswith(("http://", "https://")) else "")
    parts = urlsplit(text)
    kind, _, key = parts.path.strip("/").partition("/")
    if kind == "ca":
        return _link(world, person, text, key, parse_qs(parts.query).get("customer_channel", [""])[0])
    for corp in world.store.corps.values():
        for way in corp.ways.values():
            if kind == "u" and way.vcode == key:
                return Found(text, corp=corp, door=_way_door(world, corp, person, way))
        for join_way in corp.join_ways.values():
            if kind == "gm" and join_way.vcode == key:
                return Found(text, corp=corp, join_way=join_way)
    raise Refused("该二维码已失效")


def _link(world: World, person: Person, text: str, link_id: str, channel: str) -> Found:
    for corp in world.store.corps.values():
        link = corp.links.get(link_id)
        if link is None:
            continue
        link.clicks = [*link.clicks[-9_999:], world.clock.seconds()]
        corp.touch("links")
        state = channel.encode()[:CHANNEL_OCTETS].decode(errors="ignore")
        userid = _choose(corp, person, link, link.range.get("user_list", []), link.range.get("department_list", []))
        door = Door(userid, BY_LINK, state, link.skip_verify, link_id=link_id)
        return Found(text, corp=corp, door=door)
    raise Refused("链接已失效")


def _way_door(world: World, corp: Corp, person: Person, way: ContactWay) -> Door:
    if way.is_temp and world.clock.now() > way.created + (way.expires_in or 7 * 86_400):
        raise Refused("该二维码已过期")
    userid = _choose(corp, person, way, way.user, way.party)
    return Door(userid, BY_QR, way.state, way.skip_verify, config_id=way.config_id)


def _choose(corp: Corp, person: Person, source: ContactWay | Link, users: list[str], parties: list[int]) -> str:
    """Who of several receives: a friend already there if the way is exclusive, else each in turn."""
    able: list[str] = []
    for userid in expand(corp, users, parties):
        member = corp.member(userid)
        if member is not None and member.status == 1 and member.customer_contact:
            able.append(member.userid)
    if not able:
        raise Refused("该二维码已失效")
    if isinstance(source, ContactWay) and source.is_exclusive:
        external = external_id(corp.corp_id, person.person_id)
        friends = [follow.userid for follow in corp.friends_of(external) if follow.userid in able]
        if friends:
            return friends[0]
    chosen = able[source.turn % len(able)]
    source.turn += 1
    corp.touch("ways", "links")
    return chosen


def as_json(world: World, person: Person, found: Found) -> Json:
    """The next screen of the phone."""
    if found.url:
        return {"kind": "page", "url": found.url}
    if found.corp is None:
        return {"kind": "text", "text": found.text}
    corp = found.corp
    base: Json = {"corp_id": corp.corp_id, "corp_name": corp.settings.name, "text": found.text}
    if found.join_way is not None:
        name = found.join_way.room_base_name or corp.chats[found.join_way.chat_id_list[0]].name
        return {"kind": "group", "config_id": found.join_way.config_id, "name": name, **base}
    door = found.door
    member = corp.member(door.userid) if door else None
    if door is None or member is None:
        return {"kind": "text", "text": found.text}
    follow = corp.follow(door.userid, external_id(corp.corp_id, person.person_id))
    return {
        "kind": "contact",
        "userid": member.userid,
        "name": member.name,
        "position": member.position,
        "config_id": door.config_id,
        "link_id": door.link_id,
        "state": door.state,
        "skip_verify": door.skip_verify,
        "status": follow.status if follow else "",
        **base,
    }
