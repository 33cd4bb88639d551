"""Application messages to members (document 90236): kept for the sink page /messages."""

from __future__ import annotations

import secrets

from wecom_simulator.api import params
from wecom_simulator.api.gate import Call, endpoint
from wecom_simulator.errors import WecomError
from wecom_simulator.model import AppMessage
from wecom_simulator.router import Json

KEEP = 1000
CONTENT_OCTETS = {"text": 2048, "markdown": 2048}


@endpoint("POST", "/cgi-bin/message/send")
def message_send(call: Call) -> Json:
    """Send to members; unknown ones are named in the answer, and 81013 when there is nobody left."""
    body = call.body
    kind = params.required(body, "msgtype", code=40008)
    if params.integer(body, "agentid", code=40056) != call.corp.settings.agent_id:
        raise WecomError(40056)
    content = params.table(body, kind)
    if not content:
        raise WecomError(40063)
    if kind in CONTENT_OCTETS:
        params.text(content, "content", octets=CONTENT_OCTETS[kind])
    known, unknown = _receivers(call)
    if not known:
        raise WecomError(81013)
    message = AppMessage(secrets.token_urlsafe(32), call.now, known, kind, content)
    call.corp.messages[message.msgid] = message
    while len(call.corp.messages) > KEEP:
        call.corp.messages.pop(next(iter(call.corp.messages)))
    call.corp.touch("messages")
    text = f"应用消息 → {'、'.join(known[:3])}"
    call.world.timeline.add(call.world.clock.now(), "message", text, corp_id=call.corp.corp_id)
    return {"invaliduser": "|".join(unknown), "invalidparty": "", "invalidtag": "", "msgid": message.msgid}


def _receivers(call: Call) -> tuple[list[str], list[str]]:
    asked = params.text(call.body, "touser")
    if asked == "@all":
        return [member.userid for member in call.corp.members.values() if member.status == 1], []
    users = [userid for userid in asked.split("|") if userid]
    if len(users) > 1000:
        raise WecomError(40058, "touser")
    parties = {int(item) for item in params.text(call.body, "toparty").split("|") if item.isdigit()}
    known: dict[str, str] = {}
    unknown: list[str] = []
    for userid in users:
        member = call.corp.member(userid)
        if member is None or member.status != 1 or not member.in_scope:
            unknown.append(userid.lower())
        else:
            known[member.userid] = member.userid
    for member in call.corp.members.values():
        if member.status == 1 and parties & set(member.department):
            known[member.userid] = member.userid
    return list(known), unknown
