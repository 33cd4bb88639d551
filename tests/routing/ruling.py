"""Setting rules as people do, and scanning over HTTP at a time of one's choice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from livecode_admin.kernel import clock
from people.selectors import staff_userids
from people.services import customer_upsert
from routing.rules.hours import Hours, hours_checked, hours_to_json
from routing.rules.placing import SeatInput
from routing.services.caps import LimitInput, staff_limits_save
from routing.services.defaults import defaults_set
from routing.services.roster import roster_set
from routing.services.rules import rule_set
from routing.services.slots import friend_added
from tenants.context import tenant_context
from tests.routing.conftest import Edges
from tests.routing.phones import Ask, Page, scan_lines
from tests.routing.stage import StageCode, ways_finish

ZONE = "Asia/Shanghai"
OFFICE = hours_checked([[(540, 1080)]] * 5 + [[]] * 3)
NIGHT = hours_checked([[(1320, 360)]] * 5 + [[]] * 3)


def stored(hours: Hours) -> dict[str, Any]:
    """Hours as the rules store them."""
    return hours_to_json(hours) or {}


def rules(code: StageCode, **changes: Any) -> None:
    """Change rules; the code gets its next version at once."""
    with tenant_context(code.tenant.id):
        assert rule_set(access=code.access, code_id=code.code_id, now=clock.now(), **changes)
        ways_finish(clock.now())


def defaults(code: StageCode, **changes: Any) -> None:
    """Change what holds for all codes of the company."""
    with tenant_context(code.tenant.id):
        defaults_set(access=code.access, now=clock.now(), **changes)
        ways_finish(clock.now())


def seats(code: StageCode, *, backups: int = 0, **of_place: dict[str, Any]) -> None:
    """Save the roster anew; ``p0={"weight": 5}`` says what the first one's seat has. The last ``backups`` are such."""
    first_backup = len(code.staff) - backups
    wanted = [
        SeatInput(staff_id, is_backup=place >= first_backup, position=place, **of_place.get(f"p{place}", {}))
        for place, staff_id in enumerate(code.staff)
    ]
    with tenant_context(code.tenant.id):
        roster_set(access=code.access, code_id=code.code_id, seats=wanted, now=clock.now())


def limits(code: StageCode, place: int, daily_cap: int | None = None, peak_threshold: int | None = None) -> None:
    """Change one person's limits over all codes."""
    with tenant_context(code.tenant.id):
        staff_limits_save(
            access=code.access, limits={code.staff[place]: LimitInput(daily_cap, peak_threshold)}, now=clock.now()
        )


def scan(
    edges: Edges, code: StageCode, number: int = 1, *, sub: str = "", cookie: str = "", address: str = ""
) -> list[Page]:
    """So many scans, one after the other, by new visitors or by the one of ``cookie``."""
    path = f"/c/{code.slug}?p={sub}" if sub else f"/c/{code.slug}"
    (pages,) = scan_lines(edges, [[Ask(path, cookie=cookie, address=address)] * number])
    assert {page.status for page in pages} == {200}
    return pages


def accept(code: StageCode, place: int = 0, number: int = 1, *, after: timedelta = timedelta()) -> list[int]:
    """So many of those who wait for that person become friends, the oldest first; returns the customers."""
    now = clock.now() + after
    ways = code.rows(
        "SELECT w.state FROM routing_slot s JOIN routing_contactway w ON w.id = s.way_id"
        " WHERE s.state = 'waiting' AND s.staff_id = %s ORDER BY s.id LIMIT %s",
        code.staff[place],
        number,
    )
    assert len(ways) == number
    with tenant_context(code.tenant.id):
        return [_add(code, place, state, f"{state}-{count}", now) for count, (state,) in enumerate(ways)]


def _add(code: StageCode, place: int, state: str, name: str, now: datetime) -> int:
    customer = customer_upsert(
        external_userid=f"wm{name}{now.timestamp()}", name="客户", avatar_url="", gender=0, kind=1, now=now
    )
    userid = staff_userids([code.staff[place]])[code.staff[place]]
    friend_added(state=state, staff_userid=userid, customer_id=customer, occurred_at=now, now=now)
    return customer


def monday() -> date:
    """The Monday after next, so that every time of its week lies ahead."""
    today = clock.local_day(datetime.now(UTC), ZONE)
    return today + timedelta(days=14 - today.weekday())


@contextmanager
def clock_at(edges: Edges, day: date, time: str) -> Iterator[None]:
    """The edges' clock shows that wall time in Shanghai."""
    moment = datetime.fromisoformat(f"{day.isoformat()}T{time}").replace(tzinfo=ZoneInfo(ZONE))
    try:
        edges.shift_clock((moment - datetime.now(UTC)).total_seconds())
        yield
    finally:
        edges.shift_clock(0)


@contextmanager
def later(edges: Edges, **time: float) -> Iterator[None]:
    """The edges' clock has gone on by that much."""
    try:
        edges.shift_clock(timedelta(**time).total_seconds())
        yield
    finally:
        edges.shift_clock(0)
