"""Sixty days of customers, played through the real services on a shifted clock of this process alone.

Scans go through the batch that serves real ones; adds through the inbox, as callbacks do. Random numbers are seeded
by the company's slug, so that two demos look alike.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from codes.selectors import code_cards
from codes.services import code_pause
from livecode_admin.devstack.demo_data.cast import Company
from livecode_admin.devstack.demo_data.playing import Door, doors_open, scans_play, slots_end
from livecode_admin.devstack.demo_data.simulated import call
from livecode_admin.kernel import clock
from livecode_admin.kernel.ids import new_token
from permissions.access import Access
from reception.services.acquisition_events import acquisition_event_apply
from reception.services.contacts import contact_change
from reception.services.inbox import event_claim, event_finish, event_receive
from routing.edge.asks import ScanAsk
from routing.edge.lanes import Lane
from routing.edge.store import Pool
from routing.edge.visitors import Kind
from routing.selectors import codes_with_ways, native_doors
from tenants.context import tenant_context
from wecom.events import CustomerAdded, CustomerLeft, parse_event

DAYS = 60
SCANS_A_DAY = 50
HOURS = (9, 11, 13, 16, 18, 20)
ADDS_OF_ASSIGNED, LATE_OF_ADDED, LOST_OF_ADDED = 0.68, 0.02, 0.06
LATE_AFTER = timedelta(minutes=50)
WEEKDAYS = (1.0, 0.95, 0.9, 1.0, 1.1, 1.3, 1.2)
NICKNAMES = (
    "小满妈妈",
    "向阳",
    "糖糖麻麻",
    "阿哲",
    "云卷云舒",
    "一诺爸爸",
    "木木",
    "晴天",
    "老周",
    "豆豆",
    "海棠",
    "小鹿",
)


class History:
    """Plays one company's past. ``offset_file``: the clock of this process; other processes keep the real one."""

    def __init__(self, company: Company, told: dict[str, Any], pool: Pool, offset_file: Path) -> None:
        self.company = company
        self.tenant_id = int(told["id"])
        self.codes = [code for code in told["codes"] if code["state"] != "retired"]
        self.lane = Lane(self.tenant_id)
        self.pool = pool
        self.offset_file = offset_file
        # Believable, not secret: the same story at each first start.
        self.random = random.Random(company.slug)  # noqa: S311
        self.real_now = clock.now()

    def days(self) -> Iterator[int]:
        """Play day after day up to this hour; yields how many whole days are done."""
        today = clock.local_day(self.real_now, "Asia/Shanghai")
        for number in range(DAYS):
            self._day(today - timedelta(days=DAYS - number), number)
            yield number + 1
        self._day(today, DAYS)

    def finish(self) -> None:
        """Back to the present, where one code is paused."""
        self._set_clock(self.real_now)
        system = Access.system(tenant_id=self.tenant_id, tenant_slug=self.company.slug, reason="演示数据")
        for code in self.codes:
            if code["state"] == "paused":
                with tenant_context(self.tenant_id):
                    if code_cards([code["id"]])[code["id"]].state == "live":
                        code_pause(access=system, code_id=code["id"], now=clock.now())

    def _day(self, day: date, number: int) -> None:
        growth = 0.7 + 0.6 * number / DAYS
        wanted = round(SCANS_A_DAY * growth * WEEKDAYS[day.weekday()] * self.random.uniform(0.85, 1.15))
        for place, hour in enumerate(HOURS):
            start = clock.day_start(day, "Asia/Shanghai") + timedelta(hours=hour)
            if start + timedelta(hours=1) > self.real_now:
                return
            share = wanted // len(HOURS) + (place < wanted % len(HOURS))
            self._hour(start + timedelta(minutes=self.random.randrange(40)), self._chosen(share, number))

    def _chosen(self, count: int, number: int) -> list[int]:
        """Codes that were scanned: those that hang already and can receive, busier ones more often."""
        with tenant_context(self.tenant_id):
            live = codes_with_ways() | native_doors().keys()
        begun = [code for place, code in enumerate(self.codes) if place % 45 <= number and code["id"] in live]
        if not begun:
            return []
        weights = [code["weight"] for code in begun]
        return [int(code["id"]) for code in self.random.choices(begun, weights, k=count)]

    def _hour(self, moment: datetime, code_ids: list[int]) -> None:
        self._set_clock(moment)
        with tenant_context(self.tenant_id):
            natives = native_doors()
        asks = [
            ScanAsk(
                scan_id=str(uuid.UUID(int=self.random.getrandbits(128), version=4)),
                code_id=code_id,
                kind=Kind.VISIT if self.random.random() > 0.04 else Kind.OUTSIDE,
                visitor=new_token()[:32],
                sub_channel=self.random.choice(("", "", "", "p1", "p2")),
                known=False,
            )
            for code_id in code_ids
            if code_id not in natives
        ]
        answers = scans_play(self.lane, asks, self.pool) if asks else []
        adding = [door for door in doors_open(self.lane, asks, answers, self.pool) if self._chance(ADDS_OF_ASSIGNED)]
        late = [door for door in adding if self._chance(LATE_OF_ADDED)]
        # A native code's print leads past us: WeCom gives its customers to somebody of the roster and reports the adds.
        printed = [natives[code_id] for code_id in code_ids if code_id in natives]
        given = [Door(state, self.random.choice(users)) for state, users in printed if self._chance(ADDS_OF_ASSIGNED)]
        self._adds(moment, [door for door in adding if door not in late] + given)
        slots_end(self.tenant_id, [ask.scan_id for ask in asks], present=self.real_now)
        if moment + LATE_AFTER + timedelta(minutes=10) < self.real_now:
            self._adds(moment + LATE_AFTER, late)

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    def _adds(self, moment: datetime, doors: list[Door]) -> None:
        if not doors:
            return
        friendships = [
            {
                "userid": door.userid,
                "nickname": self.random.choice(NICKNAMES),
                "createtime": int(moment.timestamp()) + 60,
                "state": door.state,
                "link_id": door.link_id,
            }
            for door in doors
        ]
        made = call(f"/sim/corps/{self.company.corp_id}/friendships", {"friendships": friendships})["friendships"]
        for door, friend, asked in zip(doors, made, friendships, strict=True):
            moment += timedelta(seconds=20)
            self._set_clock(moment)
            if door.link_id:
                self._event("customer_acquisition", "friend_request", LinkId=door.link_id, State=door.state)
            names = {"UserID": door.userid, "ExternalUserID": friend["external_userid"]}
            added = {**names, "State": door.state}
            self._event("change_external_contact", "add_external_contact", str(asked["nickname"]), **added)
            if self._chance(LOST_OF_ADDED):
                self._event("change_external_contact", "del_follow_user", str(asked["nickname"]), **names)

    def _event(self, kind: str, change: str, nickname: str = "", **fields: str) -> None:
        now = clock.now()
        message = (
            f"<xml><ToUserName>{self.company.corp_id}</ToUserName><FromUserName>sys</FromUserName>"
            f"<CreateTime>{int(now.timestamp())}</CreateTime><MsgType>event</MsgType>"
            f"<Event>{kind}</Event><ChangeType>{change}</ChangeType>"
            f"{''.join(f'<{name}>{value}</{name}>' for name, value in fields.items())}</xml>"
        ).encode()
        event = parse_event(message)
        # One transaction: the hint that it sends finds the row done.
        with tenant_context(self.tenant_id):
            inbox_id = event_receive(corp_id=self.company.corp_id, event=event, message=message, now=now)
            assert inbox_id is not None
            event_claim(inbox_id=inbox_id, now=now)
            if isinstance(event, CustomerAdded | CustomerLeft):
                note = contact_change(
                    inbox_id=inbox_id, event=event, name=nickname, avatar_url="", gender=0, kind=1, now=now
                )
            else:
                note = acquisition_event_apply(event=event, now=now)
            event_finish(inbox_id=inbox_id, note=note, now=now)

    def _set_clock(self, moment: datetime) -> None:
        clock.shift_this_process(moment, self.offset_file)
