"""Figures that WeCom keeps of its members (document 92132)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wecom.client.calls import Caller
from wecom.client.decode import Json, compact, decimal, number, objects


@dataclass(frozen=True)
class BehaviorDay:
    """One day of all asked for together. `reply_percentage` is None on a day without chats; reply time in minutes."""

    stat_time: int
    chats: int
    messages: int
    reply_percentage: float | None
    avg_reply_minutes: float | None
    negative_feedback: int
    new_apply: int
    new_contact: int


class Statistics(Caller):
    """Figures of members."""

    def get_user_behavior_data(
        self,
        *,
        start_time: int,
        end_time: int,
        userids: Sequence[str] | None = None,
        party_ids: Sequence[int] | None = None,
    ) -> list[BehaviorDay]:
        """Figures by day, both ends included: at most 30 days, at most 180 days back, not today.

        Ask for one member at a time to tell members apart. Raises ValueError when nobody is named.
        """
        if not userids and not party_ids:
            raise ValueError("name a member or a department")
        body = compact(userid=userids, partyid=party_ids, start_time=start_time, end_time=end_time)
        found = self.read("externalcontact/get_user_behavior_data", body)
        return [_day(item) for item in objects(found, "behavior_data")]


def _day(data: Json) -> BehaviorDay:
    return BehaviorDay(
        stat_time=number(data, "stat_time"),
        chats=number(data, "chat_cnt"),
        messages=number(data, "message_cnt"),
        reply_percentage=decimal(data, "reply_percentage"),
        avg_reply_minutes=decimal(data, "avg_reply_time"),
        negative_feedback=number(data, "negative_feedback_cnt"),
        new_apply=number(data, "new_apply_cnt"),
        new_contact=number(data, "new_contact_cnt"),
    )
