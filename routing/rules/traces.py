"""Who was passed over, as a scan's row keeps it: in runs of one reason, which in a large roster is most of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from routing.rules.counters import Passed

_reason = itemgetter(1)


def trace_written(passed: Iterable[tuple[int, Passed]]) -> list[list[Any]] | None:
    """``routing_scan.trace``: [reason, seat id, seat id, …] in the order tried, None when nobody was passed over."""
    return [[why, *(seat_id for seat_id, _ in run)] for why, run in groupby(passed, _reason)] or None


def trace_read(stored: list[list[Any]] | None) -> Iterator[tuple[int, str]]:
    """(seat id, reason) in the order tried; older rows hold a pair for each seat."""
    for first, *rest in stored or ():
        if isinstance(first, int):
            yield first, rest[0]
        else:
            yield from ((seat_id, first) for seat_id in rest)
