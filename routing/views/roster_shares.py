"""Which part of a code's customers each person of the roster gets, in whole percent (product.md §2.1). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NO_SHARE = "—"


@dataclass(frozen=True, slots=True)
class Part:
    """One person of the roster. ``able``: not paused, not unable, without a cap of 0."""

    staff_id: int
    weight: int
    able: bool


def shares(people: Sequence[Part], strategy: str) -> dict[int, int]:
    """The shares by staff id; whoever has none is not in it.

    In turn all who can receive get the same, by weights what their weight says. Least loaded has no share beforehand:
    it goes by the day. Backups take over in order and have none either: leave them out of ``people``.
    """
    if strategy == "least_loaded":
        return {}
    able = [one for one in people if one.able]
    parts = [one.weight if strategy == "weighted" else 1 for one in able]
    return dict(zip((one.staff_id for one in able), whole_percent(parts), strict=False))


def whole_percent(parts: Sequence[int]) -> list[int]:
    """The parts in whole percent that add up to 100 (largest remainder, the earlier first); empty when all are 0."""
    total = sum(parts)
    if total == 0:
        return []
    found = [part * 100 // total for part in parts]
    first = sorted(range(len(parts)), key=lambda place: -(parts[place] * 100 % total))
    for place in first[: 100 - sum(found)]:
        found[place] += 1
    return found
