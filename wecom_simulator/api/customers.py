"""Customers and their remarks (documents 92113, 92114, 92115, 92994, 95327)."""

from __future__ import annotations

from wecom_simulator.api import params
from wecom_simulator.api.gate import Call, endpoint
from wecom_simulator.errors import WecomError
from wecom_simulator.model import Follow, Person
from wecom_simulator.router import Json

PREFIX = "/cgi-bin/externalcontact/"


def contact(call: Call, person: Person, external_userid: str) -> Json:
    """external_contact of a WeChat user, as a self-built app sees it."""
    return {
        "external_userid": external_userid,
        "name": person.nickname,
        "avatar": f"{call.world.config.base_url}/sim/avatar/{person.person_id}.svg",
        "type": 1,
        "gender": person.gender,
        "unionid": person.unionid,
    }


def _common(follow: Follow) -> Json:
    shown: Json = {
        "userid": follow.userid,
        "remark": follow.remark,
        "description": follow.description,
        "createtime": follow.createtime,
        "remark_mobiles": follow.remark_mobiles,
        "oper_userid": follow.oper_userid,
        "add_way": follow.add_way,
    }
    if follow.remark_corp_name:
        shown["remark_corp_name"] = follow.remark_corp_name
    if follow.state:
        shown["state"] = follow.state
    return shown


def _tags(call: Call, follow: Follow) -> list[Json]:
    found = [call.corp.tags[tag_id] for tag_id in follow.tags if tag_id in call.corp.tags]
    return [
        {
            "group_name": call.corp.tag_groups[tag.group_id].group_name,
            "tag_name": tag.name,
            "tag_id": tag.id,
            "type": 1,
        }
        for tag in found
        if not tag.deleted
    ]


@endpoint("GET", PREFIX + "list", empty={"external_userid": []})
def customer_list(call: Call) -> Json:
    """The customers of one member."""
    member = call.corp.member(call.query.get("userid", ""))
    if member is None:
        raise WecomError(40003)
    if not member.customer_contact:
        raise WecomError(84061)
    if not member.in_scope:
        raise WecomError(60011)
    found = [f.external_userid for f in call.corp.follows.values() if f.userid == member.userid and visible(call, f)]
    if not found:
        raise WecomError(84061)
    return {"external_userid": found}


def visible(call: Call, follow: Follow) -> bool:
    """Whether the API knows the relation: friends, and those who deleted us, after the propagation time."""
    return follow.status in ("friend", "lost") and follow.visible_from <= call.world.clock.now()


@endpoint("GET", PREFIX + "get", empty={"follow_user": []})
def customer_get(call: Call) -> Json:
    """One customer with all who follow them."""
    external_userid = call.query.get("external_userid", "")
    if not external_userid:
        raise WecomError(40096)
    follows = [follow for follow in call.corp.friends_of(external_userid) if visible(call, follow)]
    if not follows:
        known = any(follow.external_userid == external_userid for follow in call.corp.follows.values())
        raise WecomError(84061 if known else 40096)
    person = call.world.store.people[follows[0].person_id]
    followers = [{**_common(follow), "tags": _tags(call, follow)} for follow in follows]
    return {"external_contact": contact(call, person, external_userid), "follow_user": followers}


@endpoint("POST", PREFIX + "batch/get_by_user", empty={"external_contact_list": []})
def get_by_user(call: Call) -> Json:
    """The customers of up to 100 members, in pages of up to 100."""
    users = params.texts(call.body, "userid_list")
    limit = params.integer(call.body, "limit", 50)
    if not users or len(users) > 100 or not 1 <= limit <= 100:
        raise WecomError(40058, "userid_list" if not 1 <= len(users) <= 100 else "limit")
    wanted = {userid.lower() for userid in users}
    if any(call.corp.member(userid) is None for userid in users):
        raise WecomError(40003)
    keys = [key for key, f in call.corp.follows.items() if f.userid.lower() in wanted and visible(call, f)]
    shown, cursor = params.page(keys, params.text(call.body, "cursor"), limit)
    entries: list[Json] = []
    for follow in (call.corp.follows[key] for key in shown):
        person = call.world.store.people[follow.person_id]
        info = {**_common(follow), "tag_id": [tag["tag_id"] for tag in _tags(call, follow)]}
        entries.append({"external_contact": contact(call, person, follow.external_userid), "follow_info": info})
    return {"external_contact_list": entries, "next_cursor": cursor}


@endpoint("POST", PREFIX + "remark")
def remark(call: Call) -> Json:
    """Set what a member has noted about a customer; mobiles replace the list, one empty string clears it."""
    body = call.body
    userid, external_userid = params.required(body, "userid"), params.required(body, "external_userid")
    values = {
        "remark": params.text(body, "remark", chars=20),
        "description": params.text(body, "description", chars=150),
        "remark_corp_name": params.text(body, "remark_company", chars=20),
    }
    mobiles = params.texts(body, "remark_mobiles")
    names = ("remark", "description", "remark_company", "remark_mobiles", "remark_pic_mediaid")
    if not any(name in body for name in names):
        raise WecomError(40063)
    follow = friend(call, userid, external_userid)
    for name, key in (("remark", "remark"), ("description", "description"), ("remark_corp_name", "remark_company")):
        if key in body:
            setattr(follow, name, values[name])
    if "remark_mobiles" in body:
        follow.remark_mobiles = [mobile for mobile in mobiles if mobile]
    call.corp.touch("follows")
    text = f"接口改备注：{follow.remark}"
    call.world.timeline.add(
        call.world.clock.now(), "remark", text, person_id=follow.person_id, corp_id=call.corp.corp_id
    )
    return {}


def friend(call: Call, userid: str, external_userid: str) -> Follow:
    """The relation for a write; 84061 when it is not this member's customer."""
    if call.corp.member(userid) is None:
        raise WecomError(40003)
    follow = call.corp.follow(userid, external_userid)
    if follow is None or not visible(call, follow):
        raise WecomError(84061)
    return follow


@endpoint("POST", PREFIX + "unionid_to_external_userid")
def unionid_to_external_userid(call: Call) -> Json:
    """The external_userid of a WeChat user by unionid."""
    unionid = params.required(call.body, "unionid")
    for follow in call.corp.follows.values():
        person = call.world.store.people.get(follow.person_id)
        if person is not None and person.unionid == unionid and visible(call, follow):
            return {"external_userid": follow.external_userid}
    raise WecomError(84061)
