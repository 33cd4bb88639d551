"""Friend requests through acquisition links and what became of them: WeCom's ``friend_request`` (product.md §6.1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Count, Q

from routing.models import Scan, Slot


class Requests(NamedTuple):
    """How many customers asked to be friends, and how many of these are."""

    asked: int = 0
    friends: int = 0


def link_requests(code_ids: Iterable[int], *, day: date, until: datetime | None = None) -> dict[int, Requests]:
    """By code, of the visits of one local day (those before ``until``); codes without a request are left out."""
    scans = Scan.objects.filter(scan_day=day, code_id__in=list(code_ids), kind="visit")
    if until is not None:
        scans = scans.filter(scanned_at__lt=until)
    asked = Slot.objects.filter(link=True, requested_at__isnull=False, scan_id__in=scans.values("scan_id"))
    friends = Count("id", filter=Q(state=Slot.State.FRIEND))
    rows = asked.values_list("code_id").annotate(asked=Count("id"), friends=friends)
    return {code_id: Requests(number, became) for code_id, number, became in rows}
