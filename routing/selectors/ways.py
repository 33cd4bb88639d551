"""Reading contact ways: where one leads, and which codes have one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from routing.models import AcquisitionLink, ContactWay, NativeWay, ReceptionDefault, Seat

# Of one corp, made by API, ways to join groups among them (document 92572, 41045).
WAYS_LIMIT = 500_000


def way_origins(way_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """``(state, WeCom user id)`` of contact ways by id."""
    ways = ContactWay.objects.filter(pk__in=set(way_ids)).values_list("id", "state", "seat__staff__wecom_userid")
    return {pk: (state, userid) for pk, state, userid in ways}


def link_origins(seat_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """``(link id, WeCom user id)`` of the acquisition links that serve these seats, by seat."""
    links = AcquisitionLink.objects.filter(seat__in=set(seat_ids), status=AcquisitionLink.Status.LIVE)
    rows = links.values_list("seat_id", "link_id", "seat__staff__wecom_userid")
    return {seat_id: (link_id, userid) for seat_id, link_id, userid in rows}


def codes_with_ways() -> set[int]:
    """The published codes of which at least one seat has a live contact way."""
    return set(Seat.objects.filter(removed_at=None, live_ways__gt=0).values_list("code_id", flat=True))


def native_doors() -> dict[int, tuple[str, list[str]]]:
    """``(state, WeCom user ids)`` of the native codes whose way is made, by code: whom WeCom gives customers to now."""
    rows = NativeWay.objects.filter(status=NativeWay.Status.LIVE).values_list("code_id", "state", "pushed")
    return {code_id: (state, pushed["users"]) for code_id, state, pushed in rows if pushed.get("users")}


def native_notes(code_id: int) -> list[str]:
    """What people should know of a native code's way, in words; nothing for other codes (product.md §1.2)."""
    row = NativeWay.objects.filter(code=code_id).first()
    if row is None:
        return []
    notes = ["由企业微信在名单内分配，每日上限可能略有超出"]
    if row.error:
        notes.append(f"名单未能推送：{row.error}")
    if row.drift:
        notes.append(row.drift)
    return notes


def links_exhausted_at() -> datetime | None:
    """Since when the quota of acquisition links is used up; None while it isn't."""
    found: datetime | None = ReceptionDefault.objects.values_list("links_exhausted_at", flat=True).first()
    return found


def links_in_use() -> int:
    """How many acquisition links work now."""
    return int(AcquisitionLink.objects.filter(status=AcquisitionLink.Status.LIVE).count())


def ways_used() -> tuple[int, int]:
    """How many ways the company has made in WeCom, and how many it may have (product.md §2.12)."""
    used = sum(model.objects.exclude(config_id="").count() for model in (ContactWay, NativeWay))
    return used, WAYS_LIMIT
