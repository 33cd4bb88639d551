"""Acquisition links (获客助手): one per seat of a link code, ordered like contact ways, watched like the quota.

A link that WeCom reports as unusable, or a quota that is used up, takes the link off the seat: from the next scan on
the seat's contact ways serve it on the hosted page (product.md §1.2). Both come back by themselves.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connections, transaction
from django.db.models import Q

from codes.selectors import code_cards
from people.selectors import staff_cards
from routing.models import AcquisitionLink, ReceptionDefault, Seat, Slot
from routing.rules.links import scan_of
from routing.selectors.verify import skips_now
from routing.services.changing import tenant_lock
from routing.services.doors import FIRST_RETRY, claim, failure_note, next_try
from routing.services.slots import SCAN_MAY_FOLLOW, ScanNotHereYet
from tenants.context import require_tenant_id
from tenants.tasks import enqueue_on_commit

CLAIM = timedelta(seconds=120)
PROBE_AFTER = timedelta(minutes=10)
# One user per link, so that we choose and not WeCom; WeCom's limit for the name (document 97297).
NAME_LIMIT = 30
_DUE = (AcquisitionLink.Status.PENDING, AcquisitionLink.Status.FAILED)
_log = logging.getLogger("livecode.routing")


@dataclass(frozen=True, slots=True)
class LinkOrder:
    """A claimed link and what making it needs."""

    link: int
    code_id: int
    userid: str
    name: str
    skip_verify: bool


@transaction.atomic
def links_order(*, seats: Sequence[Seat], now: datetime) -> list[int]:
    """Order a link for each of these seats that has none; returns the new rows' ids."""
    have = set(
        AcquisitionLink.objects.filter(seat__in=seats)
        .exclude(status=AcquisitionLink.Status.RETIRED)
        .values_list("seat_id", flat=True)
    )
    return [_order(seat.pk, now) for seat in seats if seat.pk not in have]


def _order(seat_id: int, now: datetime) -> int:
    row = AcquisitionLink.objects.create(seat_id=seat_id, next_at=now + FIRST_RETRY, created_at=now)
    enqueue_on_commit("routing.tasks.links.provision_link", tenant_id=require_tenant_id(), link=row.pk)
    made: int = row.pk
    return made


@transaction.atomic
def link_claim(*, link: int, now: datetime) -> LinkOrder | None:
    """Take the order for two minutes; None when it is done, somebody else's, or its seat has gone."""
    if not claim(AcquisitionLink, link, Q(status__in=_DUE), until=now + CLAIM, now=now):
        return None
    row = AcquisitionLink.objects.select_related("seat").get(pk=link)
    if row.seat.removed_at is not None:
        row.status, row.claimed_until, row.next_at = AcquisitionLink.Status.RETIRED, None, None
        row.save(update_fields=["status", "claimed_until", "next_at"])
        return None
    staff, code = staff_cards([row.seat.staff_id])[row.seat.staff_id], code_cards([row.seat.code_id])[row.seat.code_id]
    return LinkOrder(
        link=row.pk,
        code_id=code.id,
        userid=staff.wecom_userid,
        name=f"{code.name[: NAME_LIMIT - 9]}·{staff.name[:8]}",
        skip_verify=skips_now(code.id, now),
    )


@transaction.atomic
def link_created(*, link: int, link_id: str, url: str, skip_verify: bool, now: datetime) -> None:
    """WeCom has made it: scans of the seat are sent there from now on."""
    row = AcquisitionLink.objects.select_related("seat").get(pk=link)
    row.link_id, row.url, row.skip_verify = link_id, url, skip_verify
    _up(row)


def _up(row: AcquisitionLink) -> None:
    row.status, row.error, row.errcode, row.attempts = AcquisitionLink.Status.LIVE, "", None, 0
    row.next_at, row.claimed_until = None, None
    row.save()
    # Of a seat that was removed as well: when the person comes back, the link is there.
    Seat.objects.filter(pk=row.seat_id).update(link_url=row.url)


@transaction.atomic
def link_failed(*, link: int, text: str, errcode: int | None, now: datetime) -> None:
    """Keep the reason for people to read, and when to try again: 30 s, 1 min, 2 min … 1 h."""
    row = AcquisitionLink.objects.get(pk=link)
    if row.status == AcquisitionLink.Status.UNAVAILABLE:
        row.next_at = next_try(now, row.attempts, first=PROBE_AFTER)
    else:
        row.status, row.next_at = AcquisitionLink.Status.FAILED, next_try(now, row.attempts)
    failure_note(row, text, errcode)
    row.save(update_fields=["status", "error", "errcode", "next_at", "claimed_until"])
    _log.warning("link_failed", extra={"link": link, "errcode": errcode, "attempts": row.attempts})


@transaction.atomic
def link_down(*, link_id: str, now: datetime) -> str:
    """WeCom reports that a link adds nobody (link_unavailable): the hosted page takes over from the next scan."""
    row = AcquisitionLink.objects.select_for_update(of=("self",)).filter(link_id=link_id, status="live").first()
    if row is None:
        return "链接不是本系统使用中的链接"
    row.status, row.error = AcquisitionLink.Status.UNAVAILABLE, "企业微信报告该链接暂不可用"
    row.next_at = next_try(now, row.attempts, first=PROBE_AFTER)
    row.save(update_fields=["status", "error", "next_at"])
    Seat.objects.filter(pk=row.seat_id).update(link_url="")
    return "获客链接不可用，改用托管页面"


@transaction.atomic
def link_gone(*, link_id: str, now: datetime) -> str:
    """A link was deleted in WeCom's console: it is retired, and another one is ordered for its seat."""
    row = (
        AcquisitionLink.objects.select_for_update(of=("self",))
        .select_related("seat")
        .filter(link_id=link_id)
        .exclude(status=AcquisitionLink.Status.RETIRED)
        .first()
    )
    if row is None:
        return "链接不是本系统使用中的链接"
    row.status, row.error, row.next_at = AcquisitionLink.Status.RETIRED, "在企业微信后台被删除", None
    row.save(update_fields=["status", "error", "next_at"])
    Seat.objects.filter(pk=row.seat_id).update(link_url="")
    if row.seat.removed_at is None:
        _order(row.seat_id, now)
    return "获客链接已被删除，重新生成"


@transaction.atomic
def probe_claim(*, link: int, now: datetime) -> str | None:
    """Take an unavailable link for looking at it again; its id at WeCom, or None when there is nothing to look at."""
    due = Q(status=AcquisitionLink.Status.UNAVAILABLE, next_at__lte=now)
    claimed = claim(AcquisitionLink, link, due, until=now + CLAIM, now=now)
    return str(AcquisitionLink.objects.get(pk=link).link_id) if claimed else None


@transaction.atomic
def link_recovered(*, link: int, now: datetime) -> None:
    """WeCom shows the link with quota and its person: it serves again, and is watched more patiently if it falls."""
    row = AcquisitionLink.objects.select_for_update(of=("self",)).get(pk=link)
    if row.status == AcquisitionLink.Status.UNAVAILABLE:
        attempts = row.attempts
        _up(row)
        AcquisitionLink.objects.filter(pk=link).update(attempts=attempts)


@transaction.atomic
def balance_noted(*, balance: int, now: datetime) -> bool:
    """The quota as WeCom tells it: at 0 no scan is sent to a link, above it links serve again. True when it changed.

    Links that were reported unavailable are looked at again at once when there is quota again.
    """
    row, _ = ReceptionDefault.objects.get_or_create()
    changed = (balance <= 0) is (row.links_exhausted_at is None)
    if not changed:
        return False
    row.links_exhausted_at = now if balance <= 0 else None
    row.save(update_fields=["links_exhausted_at"])
    if balance > 0:
        down = AcquisitionLink.objects.filter(status=AcquisitionLink.Status.UNAVAILABLE)
        down.update(next_at=now)
        for link in down.values_list("id", flat=True):
            enqueue_on_commit("routing.tasks.links.probe_link", tenant_id=require_tenant_id(), link=link)
    return True


@transaction.atomic
def friend_requested(*, state: str, occurred_at: datetime, now: datetime) -> str:
    """A friend request through a link: the person waits from now on (峰值, product.md §2.4) and keeps the slot.

    The pending time begins again, because something came. When the slot was given back before, nothing is taken again:
    the request is noted alone, so that somebody is reminded of it (product.md §1.10).

    Raises:
        ScanNotHereYet: the state names a scan that is still to be written.
    """
    scan_id = scan_of(state)
    if scan_id is None:
        return "不是本系统的渠道参数"
    tenant_lock()
    slot = Slot.objects.filter(scan_id=scan_id).first()
    if slot is None and now - occurred_at < SCAN_MAY_FOLLOW:
        raise ScanNotHereYet(str(scan_id))
    if slot is None or slot.state == Slot.State.FRIEND:
        return "申请对应的扫码已结束"
    if slot.requested_at is None or occurred_at < slot.requested_at:
        slot.requested_at = occurred_at
    if slot.state == Slot.State.WAITING:
        slot.held_until = max(slot.held_until, occurred_at + timedelta(seconds=slot.pending_seconds))
    slot.save(update_fields=["requested_at", "held_until"])
    return "已记录好友申请"


def links_due(now: datetime, limit: int = 200) -> list[tuple[int, int, bool]]:
    """(tenant, row, to be probed) of links to make, to make again or to look at again; read as ``livecode_ops``."""
    with connections["ops"].cursor() as cursor:
        cursor.execute(
            "SELECT tenant_id, id, status = 'unavailable' FROM routing_acquisitionlink"
            " WHERE status IN ('pending', 'failed', 'unavailable') AND next_at <= %s"
            " AND (claimed_until IS NULL OR claimed_until <= %s) ORDER BY next_at LIMIT %s",
            [now, now, limit],
        )
        return [(int(tenant), int(link), bool(probe)) for tenant, link, probe in cursor.fetchall()]


def tenants_with_links() -> list[int]:
    """The tenants that use links, for watching the quota; read as ``livecode_ops``."""
    with connections["ops"].cursor() as cursor:
        cursor.execute("SELECT DISTINCT tenant_id FROM routing_acquisitionlink WHERE status IN ('live', 'unavailable')")
        return [int(row[0]) for row in cursor.fetchall()]
