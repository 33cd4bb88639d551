"""Which scan an add came from (product.md §2.12): by a link's token, by the lease of a contact way, or by guess."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db.models import Q

from routing.models import ContactWay, Slot

LATE_MEMORY = timedelta(days=7)


class Match(StrEnum):
    """How an add was tied to a scan; the first two are 精确, the others 估算 (product.md §2.12)."""

    EXACT = "exact"
    SOLE = "sole"
    OLDEST = "oldest"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Attribution:
    """Where an add came from. ``code_id`` None: not one of our ways. ``scan_id`` None: no scan could be told.

    ``late``: it came after its slot was given back, and counts to today as 迟到添加. ``day``: the scan's day.
    """

    code_id: int | None
    seat_id: int | None
    scan_id: UUID | None
    sub_channel: str
    match: str
    late: bool
    day: date | None


NOT_OURS = Attribution(None, None, None, "", Match.NONE, False, None)


def match_way(way: ContactWay, occurred_at: datetime) -> tuple[Slot | None, Match]:
    """The scan of an add through ``way``, among those that waited at that moment; the event may come much later.

    - The one whose lease it was at that moment: exact, whatever has happened to the slot since.
    - Somebody who was shown this way beside others (the pool was used up): exact only as the only one at the seat.
    - After the lease: the last who was shown it, exact only when nobody else comes into question.
    - A way that was shown to nobody: whoever waits at the seat.
    """
    # WeCom's times are whole seconds: a scan of the same second may well have been before the add.
    by_then = Slot.objects.filter(seat_id=way.seat_id, link=False, taken_at__lt=occurred_at + timedelta(seconds=1))
    waited = list(
        by_then.filter(Q(state=Slot.State.WAITING) | Q(state=Slot.State.RETURNED, settled_at__gt=occurred_at)).order_by(
            "id"
        )
    )
    shown = [slot for slot in waited if slot.way_id == way.pk]
    if len(shown) == 1 and shown[0].leased:
        return shown[0], Match.EXACT
    if shown:
        return shown[0], Match.SOLE if len(waited) == 1 else Match.OLDEST
    late = by_then.filter(way_id=way.pk, state=Slot.State.RETURNED, taken_at__gt=occurred_at - LATE_MEMORY)
    candidates = list(late.order_by("-id")[:2])
    if candidates:
        return candidates[0], Match.SOLE if len(candidates) == 1 and not waited else Match.OLDEST
    if not waited:
        return None, Match.NONE
    return waited[0], Match.SOLE if len(waited) == 1 else Match.OLDEST
