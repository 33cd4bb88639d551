"""Transfer of customers: in service (92125, 94088) and after somebody left (94081, 94082, 92124)."""

from __future__ import annotations

from wecom_simulator import transfers
from wecom_simulator.api import params
from wecom_simulator.api.gate import Call, endpoint
from wecom_simulator.api.members import check_receiver
from wecom_simulator.errors import WecomError
from wecom_simulator.router import BadRequest, Json, NotFound, Request, Response, json_response, route

PREFIX = "/cgi-bin/externalcontact/"


@endpoint("POST", PREFIX + "get_unassigned_list", empty={"info": []})
def get_unassigned_list(call: Call) -> Json:
    """The customers of those who have left, not handed over yet."""
    size = params.integer(call.body, "page_size", 1000)
    if not 1 <= size <= 1000:
        raise WecomError(40058, "page_size")
    left = {member.userid: member.left_at for member in call.corp.members.values() if member.status == 5}
    keys = [key for key, f in call.corp.follows.items() if f.userid in left and f.status in ("friend", "lost")]
    shown, cursor = params.page(keys, params.text(call.body, "cursor"), size)
    info: list[Json] = []
    for follow in (call.corp.follows[key] for key in shown):
        entry = {"handover_userid": follow.userid, "external_userid": follow.external_userid}
        info.append({**entry, "dimission_time": left[follow.userid]})
    return {"info": info, "is_last": not cursor, "next_cursor": cursor}


@endpoint("POST", PREFIX + "transfer_customer")
def transfer_customer(call: Call) -> Json:
    """Hand over customers of somebody in service."""
    params.text(call.body, "transfer_success_msg", chars=200)
    return _begin(call, resigned=False)


@endpoint("POST", PREFIX + "resigned/transfer_customer")
def resigned_transfer_customer(call: Call) -> Json:
    """Hand over customers of somebody who has left; 40097 while they have not."""
    return _begin(call, resigned=True)


def _begin(call: Call, *, resigned: bool) -> Json:
    giver = call.corp.member(params.required(call.body, "handover_userid", code=40003))
    taker = check_receiver(call.corp, params.required(call.body, "takeover_userid", code=40003))
    customers = params.texts(call.body, "external_userid", most=100)
    if not customers:
        raise WecomError(40058, "external_userid")
    if giver is None or (not resigned and giver.status == 5):
        raise WecomError(40003)
    if resigned and giver.status != 5:
        raise WecomError(40097)
    answers: list[Json] = []
    for external in customers:
        code = transfers.begin(call.world, call.corp, giver.userid, taker.userid, external, resigned=resigned)
        answers.append({"external_userid": external, "errcode": code})
    return {"customer": answers}


@endpoint("POST", PREFIX + "transfer_result", empty={"customer": []})
def transfer_result(call: Call) -> Json:
    """What became of the customers handed over in service."""
    return _results(call, resigned=False)


@endpoint("POST", PREFIX + "resigned/transfer_result", empty={"customer": []})
def resigned_transfer_result(call: Call) -> Json:
    """What became of the customers of somebody who has left."""
    return _results(call, resigned=True)


def _results(call: Call, *, resigned: bool) -> Json:
    transfers.settle(call.world)
    giver = params.required(call.body, "handover_userid", code=40003).lower()
    taker = params.required(call.body, "takeover_userid", code=40003).lower()
    keys = [
        key
        for key, entry in call.corp.transfers.items()
        if entry.resigned == resigned and (entry.giver.lower(), entry.taker.lower()) == (giver, taker)
    ]
    shown, cursor = params.page(keys, params.text(call.body, "cursor"), 1000)
    found = [call.corp.transfers[key] for key in shown]
    states = [
        {"external_userid": entry.external_userid, "status": entry.status, "takeover_time": entry.takeover_time}
        for entry in found
    ]
    return {"customer": states, "next_cursor": cursor}


@route("POST", "/sim/corps/{corp_id}/transfers")
async def customer_decides(request: Request) -> Response:
    """The customer (`external_userid`) accepts a waiting transfer at once, or refuses (`accept`: false)."""
    corp, body = request.world.corp(request.params["corp_id"]), request.json()
    if not isinstance(body.get("accept", True), bool):
        raise BadRequest("accept must be true or false")
    for entry in corp.transfers.values():
        if entry.external_userid == body.get("external_userid") and entry.status == transfers.WAITING:
            transfers.decide(request.world, corp, entry, accept=body.get("accept", True))
            return json_response(entry)
    raise NotFound("no waiting transfer of this customer")
