"""免验证 on what WeCom holds: every contact way and link of a code follows the rule and its windows (product.md §1.10).

``skip_verify`` of a way or link is what WeCom has. Whatever differs from what holds now is rewritten, one after the
other; native ways are pushed with their roster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connections, transaction
from django.db.models import Q

from routing.models import AcquisitionLink, ContactWay
from routing.selectors.verify import codes_verifying
from routing.services.doors import free

CLAIM = timedelta(minutes=3)
AT_ONCE = 20
RETRY = timedelta(minutes=2)
_LINKS_THERE = (AcquisitionLink.Status.LIVE, AcquisitionLink.Status.UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class Door:
    """One way or link to rewrite. ``remote``: its config_id or link_id at WeCom."""

    is_link: bool
    pk: int
    remote: str
    skip_verify: bool


@transaction.atomic
def doors_claim(*, now: datetime) -> list[Door]:
    """Take up to 20 ways and links of which WeCom holds another 免验证 than holds now; theirs for three minutes."""
    verifying = codes_verifying(now)
    differs = Q(skip_verify=True, seat__code__in=verifying) | (Q(skip_verify=False) & ~Q(seat__code__in=verifying))
    ways = ContactWay.objects.select_for_update(of=("self",), skip_locked=True).filter(
        differs, free(now), status=ContactWay.Status.LIVE
    )
    links = AcquisitionLink.objects.select_for_update(of=("self",), skip_locked=True).filter(
        differs, free(now), status__in=_LINKS_THERE
    )
    taken = [
        *(Door(False, way.pk, way.config_id, not way.skip_verify) for way in ways.order_by("id")[:AT_ONCE]),
        *(Door(True, link.pk, link.link_id, not link.skip_verify) for link in links.order_by("id")[:AT_ONCE]),
    ][:AT_ONCE]
    for model, is_link in ((ContactWay, False), (AcquisitionLink, True)):
        model.objects.filter(pk__in=[door.pk for door in taken if door.is_link is is_link]).update(
            claimed_until=now + CLAIM
        )
    return taken


@transaction.atomic
def door_rewritten(*, door: Door) -> None:
    """WeCom has the new value."""
    _model(door).objects.filter(pk=door.pk).update(skip_verify=door.skip_verify, claimed_until=None)


@transaction.atomic
def door_refused(*, door: Door, text: str, errcode: int | None, now: datetime) -> None:
    """WeCom did not take it: the reason is kept, and the door is tried again in two minutes."""
    _model(door).objects.filter(pk=door.pk).update(error=text[:200], errcode=errcode, claimed_until=now + RETRY)


@transaction.atomic
def doors_release(*, doors: Sequence[Door]) -> None:
    """Give back what was taken and not tried."""
    for door in doors:
        _model(door).objects.filter(pk=door.pk).update(claimed_until=None)


def _model(door: Door) -> type[AcquisitionLink] | type[ContactWay]:
    return AcquisitionLink if door.is_link else ContactWay


def tenants_with_verifying() -> list[int]:
    """The tenants of which a code asks for 需验证 at some time, or did until now; read as ``livecode_ops``."""
    with connections["ops"].cursor() as cursor:
        cursor.execute(
            "SELECT tenant_id FROM routing_routingrule WHERE NOT skip_verify OR verify_hours IS NOT NULL"
            " UNION SELECT tenant_id FROM routing_contactway WHERE NOT skip_verify AND status = 'live'"
            " UNION SELECT tenant_id FROM routing_acquisitionlink WHERE NOT skip_verify"
            " AND status IN ('live', 'unavailable')"
        )
        return [int(row[0]) for row in cursor.fetchall()]
