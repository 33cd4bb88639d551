"""Scans of the past, played as the edge does them, and their slots' time.

The workers live in the present, where every slot of the past is long due: they would give it back before the customer
adds anybody. So its time is held open while its hour is played, and then runs out when it really would have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from django.db import connection

from livecode_admin.kernel import clock
from routing.edge import store
from routing.edge.asks import FetchAsk, ScanAnswer, ScanAsk
from routing.edge.decide import decide_all
from routing.edge.lanes import Job, Lane
from routing.selectors import link_origins, way_origins
from routing.services.slots import slots_expire
from tenants.context import tenant_context

SWEEP = timedelta(seconds=3)  # slots are given back every five seconds
_FOREVER = timedelta(days=3650)


@dataclass(frozen=True)
class Door:
    """What a customer has in hand after the scan: a contact way's QR, or an acquisition link with the scan in it."""

    state: str
    userid: str
    link_id: str = ""


def scans_play(lane: Lane, asks: Sequence[ScanAsk], pool: store.Pool) -> list[ScanAnswer]:
    """The batch of the edge at the clock's time; the slots that it takes are held until :func:`slots_end`."""
    moment, tenant_id = clock.now().timestamp(), lane.tenant_id
    codes = sorted({ask.code_id for ask in asks})
    versions = [lane.world.known_version(code_id) for code_id in codes]
    with pool.connection() as link:
        loaded = store.load(link, tenant_id, moment, codes=codes, versions=versions, visitors=[], fetches=[])
        lane.world.absorb(loaded, [])
        verdict = decide_all(lane.world, asks, moment)
        store.write(link, tenant_id, moment, verdict, end="")
        with link.cursor() as cursor:
            cursor.execute(
                "UPDATE routing_slot SET held_until = held_until + %s"
                " WHERE tenant_id = %s AND scan_id = ANY(%s::uuid[])",
                [_FOREVER, tenant_id, [ask.scan_id for ask in asks]],
            )
        store.commit(link)
    return [answer for answer in verdict.answers if isinstance(answer, ScanAnswer)]


def doors_open(lane: Lane, asks: Sequence[ScanAsk], answers: Sequence[ScanAnswer], pool: store.Pool) -> list[Door]:
    """What these customers hold: the phone follows a link, or fetches the QR of the page."""
    linked = {answer.seat_id: answer for answer in answers if answer.link and answer.picture}
    shown = [
        FetchAsk(ask.scan_id, ask.visitor)
        for ask, answer in zip(asks, answers, strict=True)
        if answer.picture and not answer.link
    ]
    verdict = Job(lane, shown, pool).run() if shown else None
    ways = [answer for answer in verdict.answers if isinstance(answer, int)] if verdict else []
    with tenant_context(lane.tenant_id):
        of_way, of_link = way_origins(ways), link_origins(seat for seat in linked if seat is not None)
    doors = [Door(*of_way[way_id]) for way_id in ways if way_id in of_way]
    for answer in answers:
        if answer.link and answer.picture and answer.seat_id in of_link:
            link_id, userid = of_link[answer.seat_id]
            doors.append(Door(parse_qs(urlsplit(answer.link).query)["customer_channel"][0], userid, link_id))
    return doors


def slots_end(tenant_id: int, scan_ids: Sequence[str], *, present: datetime) -> None:
    """Give back those that brought no friend, each when its pending time was over; what is not yet over runs on."""
    with tenant_context(tenant_id):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE routing_slot SET held_until = coalesce(requested_at, taken_at)"
                " + make_interval(secs => pending_seconds)"
                " WHERE tenant_id = %s AND scan_id = ANY(%s::uuid[]) RETURNING held_until, state",
                [tenant_id, list(scan_ids)],
            )
            ends = sorted({held_until for held_until, state in cursor.fetchall() if state == "waiting"})
        for end in ends:
            if end + SWEEP < present:
                slots_expire(now=end + SWEEP)
