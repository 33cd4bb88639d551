"""Reading contact ways: where one leads, and which codes have one."""

from __future__ import annotations

from collections.abc import Iterable

from routing.models import ContactWay, NativeWay, Seat

# Of one corp, made by API, ways to join groups among them (document 92572, 41045).
WAYS_LIMIT = 500_000


def way_origins(way_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """``(state, WeCom user id)`` of contact ways by id."""
    ways = ContactWay.objects.filter(pk__in=set(way_ids)).values_list("id", "state", "seat__staff__wecom_userid")
    return {pk: (state, userid) for pk, state, userid in ways}


def codes_with_ways() -> set[int]:
    """The published codes of which at least one seat has a live contact way."""
    return set(Seat.objects.filter(removed_at=None, live_ways__gt=0).values_list("code_id", flat=True))


def ways_used() -> tuple[int, int]:
    """How many ways the company has made in WeCom, and how many it may have (product.md §2.12)."""
    used = sum(model.objects.exclude(config_id="").count() for model in (ContactWay, NativeWay))
    return used, WAYS_LIMIT
