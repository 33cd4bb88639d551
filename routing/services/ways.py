"""Contact ways of seats: ordered in the transaction that needs them, made afterwards, one step at a time.

A way's row is the claim for making it: ``config_id`` is stored as soon as WeCom has given it, so that a worker killed
later goes on with the picture instead of making a second way (WeCom shows ways made by API nowhere, document 92572).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connections, transaction
from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from codes.selectors import code_cards
from livecode_admin.kernel.ids import new_state
from people.selectors import staff_userids
from routing.models import ContactWay, Seat, Slot, WayImage
from routing.selectors.verify import skips_now
from routing.services.changing import pools_lock
from routing.services.doors import FIRST_RETRY, claim, failure_note, next_try
from routing.services.links import links_order
from routing.services.native import native_order
from tenants.context import require_tenant_id
from tenants.tasks import enqueue_on_commit

POOL_START = 3
POOL_SPARE = 2
POOL_MAX = 20
CLAIM = timedelta(seconds=60)
_DUE = (ContactWay.Status.PENDING, ContactWay.Status.FAILED)
_log = logging.getLogger("livecode.routing")


@dataclass(frozen=True, slots=True)
class WayOrder:
    """A claimed way and what making it needs. ``config_id`` and ``qr_url`` are filled when WeCom made it already."""

    way_id: int
    code_id: int
    userid: str
    state: str
    remark: str
    skip_verify: bool
    config_id: str
    qr_url: str


@transaction.atomic
def ways_order(*, seats: Sequence[Seat], now: datetime) -> list[int]:
    """Order ways until each seat has its first pool of 3; returns the new ways' ids.

    Seats of link codes get a link beside the pool, native codes one way of their own instead of pools.

    The first way of each seat comes before anybody's second: a seat receives with one. :func:`ways_grow` adds to a
    pool that is nearly used up.
    """
    have = dict(
        ContactWay.objects.filter(seat__in=seats)
        .exclude(status=ContactWay.Status.RETIRED)
        .values_list("seat_id")
        .annotate(n=Count("id"))
    )
    cards = code_cards({seat.code_id for seat in seats})
    links_order(seats=[seat for seat in seats if cards[seat.code_id].delivery == "link"], now=now)
    native_order(code_ids={code_id for code_id, card in cards.items() if card.delivery == "native"}, now=now)
    own = [seat for seat in seats if cards[seat.code_id].delivery != "native"]
    return [_order(seat.pk, now) for nth in range(POOL_START) for seat in own if have.get(seat.pk, 0) <= nth]


@transaction.atomic
def ways_grow(*, now: datetime) -> list[int]:
    """More ways for each seat at which more people wait than its pool has room for, up to 20 (product.md §2.12).

    A pool is ahead of the next two scans, so that hardly anybody is shown a way that somebody else waits on. What is
    ordered here gives way to the first ways of new codes.
    """
    pools_lock()
    waiting = dict(
        Slot.objects.filter(state=Slot.State.WAITING, link=False, seat_id__in=Seat.objects.filter(removed_at=None))
        .values_list("seat_id")
        .annotate(n=Count("id"))
    )
    have = dict(
        ContactWay.objects.filter(seat__in=list(waiting))
        .exclude(status=ContactWay.Status.RETIRED)
        .values_list("seat_id")
        .annotate(n=Count("id"))
    )
    hint = not ContactWay.objects.filter(status__in=_DUE, seat__live_ways=0, seat__removed_at=None).exists()
    return [
        _order(seat_id, now, hint=hint)
        for seat_id, people in sorted(waiting.items())
        for _ in range(min(people + POOL_SPARE, POOL_MAX) - have.get(seat_id, 0))
    ]


def _order(seat_id: int, now: datetime, *, hint: bool = True) -> int:
    way = ContactWay.objects.create(
        seat_id=seat_id, state=new_state(), next_at=now + FIRST_RETRY if hint else now, created_at=now
    )
    if hint:
        enqueue_on_commit("routing.tasks.provision_way", tenant_id=require_tenant_id(), way_id=way.pk)
    made: int = way.pk
    return made


@transaction.atomic
def way_claim(*, way_id: int, now: datetime) -> WayOrder | None:
    """Take the order for one minute; None when it is done, somebody else's, or its seat has gone."""
    if not claim(ContactWay, way_id, Q(status__in=_DUE), until=now + CLAIM, now=now):
        return None
    way = ContactWay.objects.select_related("seat").get(pk=way_id)
    if way.seat.removed_at is not None:
        way.claimed_until = None
        way.status = ContactWay.Status.RETIRED
        way.save(update_fields=["claimed_until", "status"])
        return None
    return WayOrder(
        way_id=way.pk,
        code_id=way.seat.code_id,
        userid=staff_userids([way.seat.staff_id])[way.seat.staff_id],
        state=way.state,
        remark=code_cards([way.seat.code_id])[way.seat.code_id].name[:30],
        skip_verify=skips_now(way.seat.code_id, now),
        config_id=way.config_id,
        qr_url=way.qr_url,
    )


@transaction.atomic
def way_created(*, way_id: int, config_id: str, qr_url: str, skip_verify: bool = True) -> None:
    """WeCom has made it: keep what can't be asked for again, before anything else happens."""
    ContactWay.objects.filter(pk=way_id).update(config_id=config_id, qr_url=qr_url, skip_verify=skip_verify)


@transaction.atomic
def way_live(*, way_id: int, qr_content: str, png: bytes, now: datetime) -> int:
    """The way can be shown; its seat may receive from the next scan on. Returns the code's id."""
    way = ContactWay.objects.select_related("seat").get(pk=way_id)
    WayImage.objects.update_or_create(way=way, defaults={"png": png})
    way.qr_content, way.status = qr_content, ContactWay.Status.LIVE
    way.error, way.errcode, way.next_at, way.claimed_until = "", None, None, None
    way.save()
    # One after the other at a seat: two that went live at once would each be counted without the other.
    Seat.objects.select_for_update(no_key=True).get(pk=way.seat_id)
    live = ContactWay.objects.filter(seat=way.seat, status=ContactWay.Status.LIVE).count()
    Seat.objects.filter(pk=way.seat_id).update(live_ways=live, face_way_id=Coalesce("face_way_id", way.pk))
    code_id: int = way.seat.code_id
    return code_id


@transaction.atomic
def way_failed(*, way_id: int, text: str, errcode: int | None, now: datetime) -> None:
    """Keep the reason for people to read, and when to try again: 30 s, 1 min, 2 min … 1 h."""
    way = ContactWay.objects.get(pk=way_id)
    failure_note(way, text, errcode)
    way.status, way.next_at = ContactWay.Status.FAILED, next_try(now, way.attempts)
    way.save(update_fields=["status", "error", "errcode", "next_at", "claimed_until"])
    _log.warning("way_failed", extra={"way": way_id, "errcode": errcode, "attempts": way.attempts})


def ways_due(now: datetime, limit: int = 200) -> list[tuple[int, int]]:
    """(tenant, way) of orders whose hint was lost or whose time to try again has come; read as ``livecode_ops``.

    Seats that have no way yet come first: they can't receive before.
    """
    with connections["ops"].cursor() as cursor:
        cursor.execute(
            "SELECT w.tenant_id, w.id FROM routing_contactway w WHERE w.status IN ('pending', 'failed')"
            " AND w.next_at <= %s AND (w.claimed_until IS NULL OR w.claimed_until <= %s)"
            " ORDER BY EXISTS (SELECT 1 FROM routing_contactway l WHERE l.tenant_id = w.tenant_id"
            " AND l.seat_id = w.seat_id AND l.status = 'live'), w.next_at, w.id LIMIT %s",
            [now, now, limit],
        )
        return [(int(tenant_id), int(way_id)) for tenant_id, way_id in cursor.fetchall()]


def tenants_short_of_ways() -> list[int]:
    """The tenants of which a seat has fewer than two ways left for the next scans; read as ``livecode_ops``."""
    with connections["ops"].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT s.tenant_id FROM ("
            " SELECT tenant_id, seat_id, count(*) AS n FROM routing_slot WHERE state = 'waiting' AND NOT link"
            " GROUP BY tenant_id, seat_id HAVING count(*) > %s) s"
            " CROSS JOIN LATERAL (SELECT count(*) AS n FROM routing_contactway w WHERE w.tenant_id = s.tenant_id"
            " AND w.seat_id = s.seat_id AND w.status <> 'retired') p"
            " WHERE p.n < least(s.n + %s, %s)",
            [POOL_START - POOL_SPARE, POOL_SPARE, POOL_MAX],
        )
        return [int(row[0]) for row in cursor.fetchall()]
