"""Who came by which scan, on a busy day: 1,000 adds, 20 colleagues, 5 places, 40 % who never add (product.md §2.12).

What is assumed: the scans come within three hours, in bursts of ten at once, over two edge processes, on two codes that
share colleagues; who adds does so within the pending time of 30 minutes, half of them within a minute; half of those
who don't add have opened the QR, so that they hold their way for the whole time; WeCom's events come in any order, some
of them 15 minutes late; contact ways are made a minute after a pool runs short, three ways per seat at first.
"""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from livecode_admin.kernel import clock
from people.selectors import staff_userids
from people.services import customer_upsert
from routing.services.matching import Attribution
from routing.services.slots import friend_added
from routing.services.ways import ways_grow
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.routing.conftest import Edges, new_cookie, picture_url
from tests.routing.stage import StageCode, live_code, rows_of, ways_finish

pytestmark = pytest.mark.processes
PLACES = ("metro", "flyer", "live-room", "shop", "moments")
ADDS, DROP_OUTS = 1000, 667
STEPS, BURST = 36, 10
STEP = timedelta(minutes=5)


@dataclass(frozen=True)
class Person:
    """Somebody with a plan: which code at which place, and after how long they add (None: never)."""

    number: int
    slug: str
    code_id: int
    place: str
    adds_after: timedelta | None
    opens: bool
    told_after: timedelta


@dataclass
class Arrived:
    """What really happened to a person: the truth that attribution is held against."""

    person: Person
    at: datetime
    scan_id: str = ""
    staff_id: int = 0
    state: str = ""

    @property
    def told_at(self) -> datetime:
        """When WeCom tells of the add."""
        return self.at + (self.person.adds_after or timedelta()) + self.person.told_after


def crowd(codes: list[StageCode], chance: random.Random) -> list[Person]:
    """Everybody, in the order in which they come."""
    people = []
    for number in range(ADDS + DROP_OUTS):
        code = codes[0] if chance.random() < 0.75 else codes[1]
        adds = None
        if number < ADDS:
            adds = timedelta(seconds=chance.uniform(5, 60) if chance.random() < 0.5 else chance.uniform(60, 1500))
        told = timedelta(seconds=chance.uniform(0, 900) if chance.random() < 0.2 else chance.uniform(0, 5))
        opens = adds is not None or chance.random() < 0.5
        people.append(Person(number, code.slug, code.code_id, chance.choice(PLACES), adds, opens, told))
    chance.shuffle(people)
    return people


def scan(edges: Edges, person: Person) -> str:
    """Scan, look at the QR if so planned; returns the scan's id."""
    with edges.client(person.number, cookie=new_cookie()) as client:
        page = client.get(f"/c/{person.slug}", params={"p": person.place})
        picture = picture_url(page)
        if person.opens:
            assert client.get(picture).status_code == 200
    return picture.rpartition("/")[2].partition(".")[0]


def burst(tenant: TenantFixture, edges: Edges, people: list[Person], offset: timedelta) -> list[Arrived]:
    """These people scan at once."""
    arrived = [Arrived(person, clock.now() + offset) for person in people]
    with ThreadPoolExecutor(BURST) as pool:
        for one, scan_id in zip(arrived, pool.map(lambda person: scan(edges, person), people), strict=True):
            one.scan_id = scan_id
    slots = {
        str(scan_id): (staff_id, state)
        for scan_id, staff_id, state in rows_of(
            tenant.id,
            "SELECT s.scan_id, s.staff_id, w.state FROM routing_slot s JOIN routing_contactway w ON w.id = s.way_id"
            " WHERE s.scan_id = ANY(%s::uuid[])",
            [one.scan_id for one in arrived],
        )
    }
    for one in arrived:
        one.staff_id, one.state = slots[one.scan_id]
    return arrived


def tell(tenant: TenantFixture, due: list[Arrived], userids: dict[int, str], now: datetime) -> list[Attribution]:
    """WeCom's friend-added events of these people."""
    found = []
    for one in due:
        assert one.person.adds_after is not None
        with tenant_context(tenant.id):
            customer = customer_upsert(
                external_userid=f"wm{one.scan_id}", name="客户", avatar_url="", gender=0, kind=1, now=now
            )
            found.append(
                friend_added(
                    state=one.state,
                    staff_userid=userids[one.staff_id],
                    customer_id=customer,
                    occurred_at=(one.at + one.person.adds_after).replace(microsecond=0) + timedelta(seconds=1),
                    now=now,
                )
            )
    return found


def day(tenant: TenantFixture, edges: Edges, chance: random.Random) -> list[tuple[Arrived, Attribution]]:
    """The whole three hours; each add with what it was attributed to."""
    codes = [live_code(tenant, roster=20, cap=10_000)]
    codes.append(live_code(tenant, staff=codes[0].staff[:6], cap=10_000))
    with tenant_context(tenant.id):
        userids = staff_userids(codes[0].staff)
    people = crowd(codes, chance)
    untold: list[Arrived] = []
    told: list[tuple[Arrived, Attribution]] = []
    each = -(-len(people) // STEPS)
    for step in range(STEPS + 10):
        offset = STEP * step
        edges.shift_clock(offset.total_seconds())
        now = clock.now() + offset
        due = [one for one in untold if one.told_at <= now]
        untold = [one for one in untold if one not in due]
        chance.shuffle(due)
        told += zip(due, tell(tenant, due, userids, now), strict=True)
        share = people[step * each : (step + 1) * each]
        for start in range(0, len(share), BURST):
            arrived = burst(tenant, edges, share[start : start + BURST], offset)
            untold += [one for one in arrived if one.person.adds_after is not None]
            with tenant_context(tenant.id):
                if ways_grow(now=clock.now()):
                    ways_finish(clock.now())
    assert not untold
    return told


def test_a_thousand_adds_are_tied_to_their_scans(tenant: TenantFixture, edges: Edges) -> None:
    try:
        told = day(tenant, edges, random.Random(20261122))
    finally:
        edges.shift_clock(0)
    assert len(told) == ADDS
    matches = Counter(str(found.match) for _, found in told)
    exact = [(one, found) for one, found in told if found.match in ("exact", "sole")]
    assert len(exact) >= 0.99 * ADDS, matches
    for one, found in exact:
        assert (found.code_id, str(found.scan_id), found.sub_channel) == (
            one.person.code_id,
            one.scan_id,
            one.person.place,
        )
    assert {found.match for one, found in told} <= {"exact", "sole", "oldest"}
    seats = dict(rows_of(tenant.id, "SELECT id, staff_id FROM routing_seat"))
    for one, found in told:  # even an estimate names the right code and colleague
        assert (found.code_id, seats[found.seat_id]) == (one.person.code_id, one.staff_id)
    assert max(n for (n,) in rows_of(tenant.id, "SELECT count(*) FROM routing_contactway GROUP BY seat_id")) <= 20
