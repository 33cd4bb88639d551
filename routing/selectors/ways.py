"""Reading contact ways: where one leads, and which codes still wait for their first."""

from __future__ import annotations

from collections.abc import Iterable

from routing.models import CodeRoute, ContactWay


def way_origins(way_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """``(state, WeCom user id)`` of contact ways by id."""
    ways = ContactWay.objects.filter(pk__in=set(way_ids)).values_list("id", "state", "seat__staff__wecom_userid")
    return {pk: (state, userid) for pk, state, userid in ways}


def codes_waiting_for_ways() -> int:
    """How many published codes wait for their first contact way."""
    waiting: int = CodeRoute.objects.filter(code__state="draft").count()
    return waiting
