"""Behaviour of members towards customers (document 92132): whole days until yesterday, summed over those asked for."""

from __future__ import annotations

from wecom_simulator.api import params
from wecom_simulator.api.gate import Call, endpoint
from wecom_simulator.api.group_chats import DAY, day_start
from wecom_simulator.api.members import expand
from wecom_simulator.errors import WecomError
from wecom_simulator.model import Follow
from wecom_simulator.router import Json
from wecom_simulator.store import Corp

COUNTS = ("chat_cnt", "message_cnt", "negative_feedback_cnt", "new_apply_cnt", "new_contact_cnt")


@endpoint("POST", "/cgi-bin/externalcontact/get_user_behavior_data", empty={"behavior_data": []})
def get_user_behavior_data(call: Call) -> Json:
    """One row a day. avg_reply_time in minutes; the reply figures only on days with chats."""
    users, parties = params.texts(call.body, "userid", most=100), params.integers(call.body, "partyid")
    if not users and not parties:
        raise WecomError(40063)
    if len(parties) > 100:
        raise WecomError(40058, "partyid")
    start, end = day_start(params.integer(call.body, "start_time")), day_start(params.integer(call.body, "end_time"))
    today = day_start(call.now)
    if start > end or end - start >= 30 * DAY or start < today - 180 * DAY:
        raise WecomError(40058, "time range")
    for userid in users:
        if call.corp.member(userid) is None:
            raise WecomError(40003)
    people = expand(call.corp, users, parties)
    days = range(start, min(end, today - DAY) + 1, DAY)
    return {"behavior_data": [_summed(day, [_day(call.corp, user, day) for user in people]) for day in days]}


def _day(corp: Corp, userid: str, day: int) -> Json:
    """One member's day: what was seeded for it, else what the chats of this simulator say."""
    seeded = corp.behaviour.get(f"{userid.lower()}/{day}")
    if seeded is not None:
        return seeded
    follows = [follow for follow in corp.follows.values() if follow.userid.lower() == userid.lower()]
    chats = [messages for follow in follows if (messages := _messages(follow, day))]
    replies = [minutes for messages in chats if (minutes := _first_reply(messages)) is not None]
    return {
        "chat_cnt": len(chats),
        "message_cnt": sum(1 for messages in chats for message in messages if message["from"] == "staff"),
        "replied_cnt": len(replies),
        "reply_minutes": sum(replies),
        "negative_feedback_cnt": sum(1 for follow in follows if follow.status == "lost"),
        "new_apply_cnt": 0,
        "new_contact_cnt": sum(1 for follow in follows if day <= follow.createtime < day + DAY),
    }


def _messages(follow: Follow, day: int) -> list[Json]:
    return [m for m in follow.messages if day <= m["at"] < day + DAY and not m.get("welcome")]


def _first_reply(messages: list[Json]) -> float | None:
    asked = next((message["at"] for message in messages if message["from"] == "customer"), None)
    if asked is None:
        return None
    answered = next((m["at"] for m in messages if m["from"] == "staff" and m["at"] >= asked), None)
    return None if answered is None else max(0.0, (answered - asked) / 60)


def _summed(day: int, rows: list[Json]) -> Json:
    total: Json = {"stat_time": day, **{name: sum(int(row.get(name, 0)) for row in rows) for name in COUNTS}}
    replied = sum(float(row.get("replied_cnt", 0)) for row in rows)
    if total["chat_cnt"]:
        total["reply_percentage"] = round(100 * replied / total["chat_cnt"], 2)
        minutes = sum(float(row.get("reply_minutes", 0)) for row in rows)
        total["avg_reply_time"] = round(minutes / replied) if replied else 0
    return total
