"""Customers' group chats: list, details, handing over (documents 92120, 92122, 92127, 95703) and figures (92133)."""

from __future__ import annotations

from collections.abc import Iterator

from wecom_simulator.api import params
from wecom_simulator.api.gate import Call, endpoint
from wecom_simulator.errors import TEXTS, WecomError
from wecom_simulator.model import GroupChat
from wecom_simulator.router import Json

PREFIX = "/cgi-bin/externalcontact/groupchat/"
DAY = 86_400
BEIJING = 8 * 3600


def _owned(call: Call) -> list[GroupChat]:
    wanted = params.texts(params.table(call.body, "owner_filter"), "userid_list", most=100)
    owners = {userid.lower() for userid in wanted}
    return [chat for chat in call.corp.chats.values() if not owners or chat.owner.lower() in owners]


@endpoint("POST", PREFIX + "list", empty={"group_chat_list": []})
def group_chat_list(call: Call) -> Json:
    """Group chats by owner. status: 0 normal, 1 the owner has left."""
    limit = params.integer(call.body, "limit")
    if not 1 <= limit <= 1000:
        raise WecomError(40058, "limit")
    wanted = params.integer(call.body, "status_filter")
    status = {chat.chat_id: _status(call, chat) for chat in _owned(call)}
    found = [chat_id for chat_id, value in status.items() if wanted in (0, value)]
    shown, cursor = params.page(found, params.text(call.body, "cursor"), limit)
    answer: Json = {"group_chat_list": [{"chat_id": chat_id, "status": status[chat_id]} for chat_id in shown]}
    if cursor:
        answer["next_cursor"] = cursor
    return answer


def _status(call: Call, chat: GroupChat) -> int:
    owner = call.corp.member(chat.owner)
    return int(owner is None or owner.status == 5)


@endpoint("POST", PREFIX + "get")
def group_chat_get(call: Call) -> Json:
    """One group chat with its members; names only with need_name."""
    chat = call.corp.chats.get(params.required(call.body, "chat_id"))
    if chat is None:
        raise WecomError(90502)
    named = params.integer(call.body, "need_name") == 1
    members = [{k: v for k, v in member.items() if named or k != "name"} for member in chat.member_list]
    return {"group_chat": {**vars(chat), "member_list": members}}


@endpoint("POST", PREFIX + "transfer")
def transfer(call: Call) -> Json:
    """Hand over the group chats of an owner who has left."""
    return _hand_over(call, resigned=True)


@endpoint("POST", PREFIX + "onjob_transfer")
def onjob_transfer(call: Call) -> Json:
    """Hand over the group chats of an owner who stays."""
    return _hand_over(call, resigned=False)


def _hand_over(call: Call, *, resigned: bool) -> Json:
    chats = params.texts(call.body, "chat_id_list", most=100)
    owner = call.corp.member(params.required(call.body, "new_owner"))
    if not chats or owner is None or owner.status != 1:
        raise WecomError(40058 if not chats else 90507)
    failed: list[Json] = []
    for chat_id in chats:
        chat = call.corp.chats.get(chat_id)
        code = 90501 if chat is None else 90500 if resigned and _status(call, chat) == 0 else 0
        if chat is not None and not code:
            chat.owner = owner.userid
        else:
            failed.append({"chat_id": chat_id, "errcode": code, "errmsg": TEXTS[code]})
    call.corp.touch("chats")
    return {"failed_chat_list": failed}


@endpoint("POST", PREFIX + "statistic")
def statistic(call: Call) -> Json:
    """Figures per owner from `day_begin_time` to `day_end_time` (both days included)."""
    start, end = _window(call)
    chats = _owned(call)
    owners = list(dict.fromkeys(chat.owner for chat in chats))
    offset, limit = params.integer(call.body, "offset"), params.integer(call.body, "limit", 500)
    if not 1 <= limit <= 1000:
        raise WecomError(40058, "limit")
    shown = owners[offset : offset + limit]
    items = [{"owner": own, "data": _figures([c for c in chats if c.owner == own], start, end + DAY)} for own in shown]
    return {"total": len(owners), "next_offset": offset + len(shown), "items": items}


@endpoint("POST", PREFIX + "statistic_group_by_day")
def statistic_group_by_day(call: Call) -> Json:
    """Figures per day over all owners asked for."""
    start, end = _window(call)
    chats = _owned(call)
    return {"items": [{"stat_time": day, "data": _figures(chats, day, day + DAY)} for day in _days(start, end)]}


def day_start(moment: int) -> int:
    """00:00 Beijing time of the day of a moment."""
    return (moment + BEIJING) // DAY * DAY - BEIJING


def _days(start: int, end: int) -> Iterator[int]:
    yield from range(start, end + 1, DAY)


def _window(call: Call) -> tuple[int, int]:
    start = day_start(params.integer(call.body, "day_begin_time"))
    end = day_start(params.integer(call.body, "day_end_time", start))
    today = day_start(call.now)
    if start < today - 180 * DAY or end < start or end - start > 30 * DAY:
        raise WecomError(40058, "time range")
    return start, min(end, today - DAY)


def _figures(chats: list[GroupChat], start: int, end: int) -> Json:
    members = [member for chat in chats for member in chat.member_list]
    return {
        "new_chat_cnt": sum(1 for chat in chats if start <= chat.create_time < end),
        "chat_total": sum(1 for chat in chats if chat.create_time < end),
        "chat_has_msg": 0,
        "new_member_cnt": sum(1 for member in members if start <= member["join_time"] < end),
        "member_total": sum(1 for member in members if member["join_time"] < end),
        "member_has_msg": 0,
        "msg_total": 0,
        "migrate_trainee_chat_cnt": 0,
    }
