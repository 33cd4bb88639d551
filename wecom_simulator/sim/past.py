"""A past for a demo: friendships and behaviour figures of earlier days, made without callbacks."""

from __future__ import annotations

from wecom_simulator.api.group_chats import day_start
from wecom_simulator.friendships import BY_QR, external_id
from wecom_simulator.model import Follow, Json
from wecom_simulator.router import BadRequest, Request, Response, json_response, route
from wecom_simulator.sim.customers import make_person
from wecom_simulator.store import Corp, follow_key
from wecom_simulator.world import World

STATUSES = ("friend", "lost", "dropped", "requested")


@route("POST", "/sim/corps/{corp_id}/friendships")
async def seed_friendships(request: Request) -> Response:
    """A list `friendships` of `userid`, and if wanted `person_id` or `nickname`, `createtime`, `state`, `add_way`,
    `status`, `remark`, `tags` (ids), `config_id`, `link_id`. A person who does not exist yet is made.
    """
    world, corp = request.world, request.world.corp(request.params["corp_id"])
    given = request.json().get("friendships")
    if not isinstance(given, list):
        raise BadRequest("friendships must be a list")
    made = [_seed(world, corp, value) for value in given]
    corp.touch("follows")
    return json_response({"friendships": made})


def _seed(world: World, corp: Corp, value: Json) -> Json:
    member = corp.member(str(value.get("userid", "")))
    status = str(value.get("status", "friend"))
    if member is None or status not in STATUSES:
        raise BadRequest(f"unknown userid or status in {value}")
    person = world.store.people.get(str(value.get("person_id", ""))) or make_person(world, value)
    external = external_id(corp.corp_id, person.person_id)
    created = int(value.get("createtime", world.clock.seconds()))
    follow = Follow(member.userid, external, person.person_id, status, created)
    follow.add_way, follow.oper_userid = int(value.get("add_way", BY_QR)), external
    follow.state, follow.remark = str(value.get("state", "")), str(value.get("remark", ""))
    follow.config_id, follow.link_id = str(value.get("config_id", "")), str(value.get("link_id", ""))
    follow.tags = [str(tag) for tag in value.get("tags", []) if str(tag) in corp.tags]
    corp.follows[follow_key(member.userid, external)] = follow
    return {"userid": member.userid, "external_userid": external, "person_id": person.person_id}


@route("POST", "/sim/corps/{corp_id}/behaviour")
async def seed_behaviour(request: Request) -> Response:
    """Behaviour figures of days past: a list `rows` of `userid`, `day` (Unix time), and counts.

    Counts: chat_cnt, message_cnt, replied_cnt, reply_minutes, negative_feedback_cnt, new_apply_cnt, new_contact_cnt.
    """
    corp = request.world.corp(request.params["corp_id"])
    rows = request.json().get("rows")
    if not isinstance(rows, list):
        raise BadRequest("rows must be a list")
    for row in rows:
        key = f"{str(row['userid']).lower()}/{day_start(int(row['day']))}"
        corp.behaviour[key] = {name: value for name, value in row.items() if name not in ("userid", "day")}
    corp.touch("behaviour")
    return json_response({"rows": len(rows)})
