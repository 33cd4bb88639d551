"""Who of a code's roster adds far fewer friends than the others (product.md §2.13)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Sum

from codes.selectors import code_for, held_on
from livecode_admin.kernel.clock import local_day
from people.selectors import StaffCard, staff_cards
from permissions.access import Access
from routing.models import Scan, Seat, SeatDay
from routing.rules.trouble import DAYS, LowRate, low_rates, rate
from tenants.selectors import tenant_facts

# Who sees how single colleagues do on a code.
SEES_PEOPLE = ("routing.live", "routing.roster", "routing.caps", "analytics.people")


@dataclass(frozen=True, slots=True)
class Troubled:
    """A colleague to look at, with the rates of the days in question (0 to 1), oldest first."""

    card: StaffCard
    low: LowRate

    @property
    def mine(self) -> float:
        """The mean of the days' rates."""
        return sum(self.low.rates) / len(self.low.rates)

    @property
    def middle(self) -> float:
        """The mean of the days' medians."""
        return sum(self.low.medians) / len(self.low.medians)


def roster_trouble(access: Access, code_id: int, *, now: datetime) -> list[Troubled]:
    """The people of the present roster whose 添加率 was under half of its median on each of the last three whole days.

    Assignments are the scans that were given to somebody, not SeatDay.assigned: that one loses what was given back.
    Empty for members who may not see single colleagues. Raises NotFound.
    """
    code_for(access, code_id)
    if not held_on(access, code_id, SEES_PEOPLE):
        return []
    today = local_day(now, tenant_facts().time_zone)
    days = [today - timedelta(days=back) for back in range(DAYS, 0, -1)]
    roster = Seat.objects.filter(code=code_id, removed_at=None, rung=Seat.Rung.ROSTER)
    people = list(roster.values_list("staff_id", flat=True))
    given: dict[tuple[int, object], int] = defaultdict(int)
    scans = Scan.objects.filter(code_id=code_id, scan_day__in=days, outcome__in=("assigned", "overflow", "duty"))
    for staff_id, day, number in scans.values_list("staff_id", "scan_day").annotate(n=Count("id")):
        given[staff_id, day] = number
    added: dict[tuple[int, object], int] = defaultdict(int)
    seat_days = SeatDay.objects.filter(seat__code=code_id, day__in=days)
    for staff_id, day, number in seat_days.values_list("seat__staff_id", "day").annotate(n=Sum("added")):
        added[staff_id, day] = number
    found = low_rates({pk: [rate(added[pk, day], given[pk, day]) for day in days] for pk in people})
    cards = staff_cards([low.staff_id for low in found])
    return [Troubled(cards[low.staff_id], low) for low in found]
