"""Trouble seen from outside: people whose rate stays far under their colleagues' (product.md §2.13). Pure.

Nothing changes by itself: who is found is pointed out, and people decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

DAYS = 3
# A day with fewer assignments than this says nothing about a person, and two people have no middle.
ASSIGNED_MIN = 10
PEOPLE_MIN = 3


@dataclass(frozen=True, slots=True)
class LowRate:
    """Somebody whose rate was under half of the median on each day: the days' rates and medians, oldest first."""

    staff_id: int
    rates: tuple[float, ...]
    medians: tuple[float, ...]


def rate(part: int, whole: int) -> float | None:
    """``part`` of ``whole``, 0 to 1; None when there were too few to say."""
    return None if whole < ASSIGNED_MIN else min(1.0, part / whole)


def low_rates(rates: Mapping[int, Sequence[float | None]]) -> list[LowRate]:
    """Who was under half of the roster's median on every day, worst first.

    ``rates``: for each person of the roster the rate of each day (the same days for all), None where it isn't known: of
    somebody with such a day nothing is said. Works for any rate of which more is better: friends added per assignment,
    first replies per customer.
    """
    days = max((len(own) for own in rates.values()), default=0)
    medians = []
    for day in range(days):
        known = [found for own in rates.values() if (found := own[day]) is not None]
        medians.append(median(known) if len(known) >= PEOPLE_MIN else None)
    low = []
    for staff_id, own in rates.items():
        pairs = [(mine, middle) for mine, middle in zip(own, medians, strict=True) if mine is not None and middle]
        if days and len(pairs) == days and all(mine < middle / 2 for mine, middle in pairs):
            low.append(LowRate(staff_id, tuple(mine for mine, _ in pairs), tuple(middle for _, middle in pairs)))
    return sorted(low, key=lambda found: sum(found.rates))
