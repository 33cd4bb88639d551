"""The nightly comparison with WeCom: what vanished is remade, what differs is pushed again, nothing unknown is touched.

WeCom shows ways made by API nowhere (document 92572) and may lose events, so lists are compared (§2.12). Ways that are
not ours belong to other tools, or to a creation whose answer was lost: they are reported and never deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connections, transaction
from django.db.models import Count, Exists, OuterRef, Q

from codes.selectors import code_cards
from livecode_admin.kernel.clock import local_day
from livecode_admin.workspace.services import notice_send
from permissions.selectors import members_holding
from routing.models import AcquisitionLink, ContactWay, NativeWay, Seat, Slot
from routing.services.links import link_gone
from routing.services.native import native_touch
from routing.services.ways import POOL_START, ways_order
from tenants.selectors import tenant_facts

# A way that nobody was shown for so long is given up: nobody adds by it any more.
UNUSED = timedelta(days=30)
NATIVE_DEAD = "企业微信中已不存在"
# What was made while the list was read may be missing from it.
SETTLED = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison found: ids of ours that WeCom doesn't list, and how many it lists that are not ours."""

    missing: tuple[str, ...]
    unknown: int


@transaction.atomic
def ways_since() -> datetime | None:
    """When the oldest of our ways was made; None without any."""
    first = [
        model.objects.exclude(config_id="").order_by("created_at").values_list("created_at", flat=True).first()
        for model in (ContactWay, NativeWay)
    ]
    return min((moment for moment in first if moment is not None), default=None)


@transaction.atomic
def ways_compare(*, listed: Collection[str], began_at: datetime) -> Compared:
    """Hold the ids that WeCom lists against ours; only ways made an hour before the reading began can be missing."""
    ways = list(ContactWay.objects.exclude(config_id="").values_list("config_id", "status", "created_at"))
    native = list(NativeWay.objects.exclude(config_id="").values_list("config_id", "status", "created_at"))
    ours = {config_id for config_id, _, _ in (*ways, *native)}
    settled = [
        config_id
        for config_id, status, created_at in (*ways, *native)
        if status != ContactWay.Status.RETIRED and created_at < began_at - SETTLED
    ]
    there = set(listed)
    return Compared(tuple(pk for pk in settled if pk not in there), len(there - ours))


@transaction.atomic
def way_vanished(*, config_id: str, now: datetime) -> str:
    """A way of ours is gone from WeCom, as asking for it has confirmed. A seat's is made anew; a native code's can't
    be, its printed QR is dead: people are told. Returns ``remade``, ``dead`` or empty for nothing to do.
    """
    way = ContactWay.objects.select_related("seat").filter(config_id=config_id, status=ContactWay.Status.LIVE).first()
    if way is not None:
        way.status, way.config_id, way.error = ContactWay.Status.RETIRED, "", "企业微信中已不存在，已重新生成"
        way.save(update_fields=["status", "config_id", "error"])
        seat_refresh(way.seat_id)
        if way.seat.removed_at is None:
            ways_order(seats=[way.seat], now=now)
        return "remade"
    native = NativeWay.objects.filter(config_id=config_id).first()
    if native is None or native.drift == NATIVE_DEAD:
        return ""
    native.drift = NATIVE_DEAD
    native.save(update_fields=["drift"])
    _tell(
        f"活码「{code_cards([native.code_id])[native.code_id].name}」的原生二维码在企业微信中已不存在，请更换物料", now
    )
    return "dead"


def seat_refresh(seat_id: int) -> None:
    """A seat's live ways and the one that is shown without a slot, after a way is gone."""
    live = ContactWay.objects.filter(seat=seat_id, status=ContactWay.Status.LIVE).order_by("id")
    ids = list(live.values_list("id", flat=True))
    shown = Seat.objects.filter(pk=seat_id).values_list("face_way_id", flat=True).first()
    face = shown if shown in ids else (ids[0] if ids else None)
    Seat.objects.filter(pk=seat_id).update(live_ways=len(ids), face_way_id=face)


@transaction.atomic
def native_compared(*, way_id: int, users: Sequence[str], skip_verify: bool, state: str, now: datetime) -> bool:
    """Hold what WeCom has of a native way against what was pushed; a difference is noted and pushed again.

    Returns whether all is as it should be.
    """
    row = NativeWay.objects.select_for_update(of=("self",)).get(pk=way_id)
    row.checked_at = now
    wrong = []
    if set(users) != set(row.pushed.get("users", ())):
        wrong.append("接待名单")
    if skip_verify is not row.pushed.get("skip_verify"):
        wrong.append("免验证")
    if state != row.state:
        wrong.append("state")
    row.drift = f"与企业微信不一致：{'、'.join(wrong)}，已重新推送" if wrong else ""
    if wrong:
        row.pushed, row.pushed_version = {}, 0
    row.save(update_fields=["checked_at", "drift", "pushed", "pushed_version"])
    if wrong:
        native_touch(code_ids=[row.code_id], now=now)
    return not wrong


def links_working() -> bool:
    """Whether the company has links at WeCom: others need no right to read them."""
    return bool(AcquisitionLink.objects.filter(status__in=("live", "unavailable")).exists())


@transaction.atomic
def links_compare(*, listed: Collection[str], began_at: datetime, now: datetime) -> list[str]:
    """Links of ours that WeCom doesn't list are retired and ordered anew; returns their ids."""
    there = set(listed)
    working = AcquisitionLink.objects.filter(status__in=("live", "unavailable"), created_at__lt=began_at - SETTLED)
    gone = [link_id for link_id in working.values_list("link_id", flat=True) if link_id not in there]
    for link_id in gone:
        link_gone(link_id=link_id, now=now)
    return gone


@transaction.atomic
def ways_retire(*, now: datetime) -> list[tuple[int, str]]:
    """Give up ways that nobody was shown for 30 days: those beyond a seat's first three, and all of seats that were
    removed that long ago. Returns (way, config id) of what is to be deleted in WeCom, earlier ones that failed too.
    """
    shown = Slot.objects.filter(way_id=OuterRef("pk"), taken_at__gt=now - UNUSED)
    idle = (
        ContactWay.objects.filter(status=ContactWay.Status.LIVE, created_at__lt=now - UNUSED)
        .filter(~Exists(shown))
        .select_related("seat")
    )
    live = dict(ContactWay.objects.filter(status=ContactWay.Status.LIVE).values_list("seat_id").annotate(n=Count("id")))
    for way in idle.filter(Q(seat__removed_at=None) | Q(seat__removed_at__lt=now - UNUSED)).order_by("-id"):
        if way.seat.removed_at is None and live[way.seat_id] <= POOL_START:
            continue
        live[way.seat_id] -= 1
        ContactWay.objects.filter(pk=way.pk).update(status=ContactWay.Status.RETIRED)
        seat_refresh(way.seat_id)
    retired = ContactWay.objects.filter(status=ContactWay.Status.RETIRED).exclude(config_id="")
    return list(retired.order_by("id").values_list("id", "config_id")[:500])


@transaction.atomic
def way_deleted(*, way_id: int) -> None:
    """The way is gone from WeCom; its state is kept, so that a late add still names its code."""
    ContactWay.objects.filter(pk=way_id, status=ContactWay.Status.RETIRED).update(config_id="")


@transaction.atomic
def unknown_reported(*, unknown: int, now: datetime) -> None:
    """Once a week, on Mondays: how many ways the company has that are not ours."""
    if unknown and local_day(now, tenant_facts().time_zone).weekday() == 0:
        _tell(f"企业微信中有 {unknown} 个「联系我」不属于本系统（其他工具创建，或创建时中断），未做更改", now)


def _tell(text: str, now: datetime) -> None:
    notice_send(member_ids=members_holding("wecom.manage", now=now), kind="ways", text=text, url="", now=now)


def native_ways_live() -> list[tuple[int, str]]:
    """(row, config id) of the native ways of the current tenant, for the nightly check."""
    rows = NativeWay.objects.filter(status=NativeWay.Status.LIVE).order_by("id")
    return list(rows.values_list("id", "config_id"))


def tenants_with_doors() -> list[int]:
    """The tenants that have ways or links in WeCom; read as ``livecode_ops``."""
    with connections["ops"].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tenant_id FROM routing_contactway UNION SELECT DISTINCT tenant_id FROM routing_nativeway"
            " UNION SELECT DISTINCT tenant_id FROM routing_acquisitionlink"
        )
        return [int(row[0]) for row in cursor.fetchall()]
