"""What making a door into WeCom shares, be it a contact way, a link or a native way: claim, try, try again later.

A claim is one conditional UPDATE: of two workers with the same hint one gets the row. It ends by itself, so that a
worker that was killed holds nothing up.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Q

from routing.models import AcquisitionLink, ContactWay, NativeWay

# A hint is sent with the order; the sweeper looks for it when the hint must have been lost.
FIRST_RETRY = timedelta(seconds=15)
BACKOFF_MAX = timedelta(hours=1)
_ERROR_MAX = 200
AnyDoor = ContactWay | AcquisitionLink | NativeWay


def next_try(now: datetime, attempts: int, *, first: timedelta = FIRST_RETRY) -> datetime:
    """When to try again after ``attempts`` tries: 30 s after the first, then 1 min, 2 min … 1 h."""
    doublings: int = 2 ** min(attempts, 10)
    return now + min(first * doublings, BACKOFF_MAX)


def free(now: datetime) -> Q:
    """Rows in nobody's hands."""
    return Q(claimed_until=None) | Q(claimed_until__lte=now)


def claim(model: type[AnyDoor], pk: int, due: Q, *, until: datetime, now: datetime) -> bool:
    """Take a row that is ``due`` until then, and count the try; False when it isn't, or is in other hands."""
    taken = model.objects.filter(free(now), due, pk=pk)
    return bool(taken.update(claimed_until=until, attempts=F("attempts") + 1))


def doors_wake(*, now: datetime) -> None:
    """Try again at once what failed: the company has connected WeCom, or mended its connection."""
    for model in (ContactWay, AcquisitionLink, NativeWay):
        model.objects.filter(free(now), status=model.Status.FAILED, next_at__gt=now).update(next_at=now, attempts=0)


def failure_note(door: AnyDoor, text: str, errcode: int | None) -> None:
    """Keep the reason for people to read and give the row out of hand; the caller saves it with its next try."""
    door.error, door.errcode, door.claimed_until = text[:_ERROR_MAX], errcode, None
