"""Who takes part in codes as a member, when staff become members: scope *own* goes by it (product.md §5.3)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from codes.services import participants_set
from people.selectors import staff_members
from routing.models import Seat


@transaction.atomic
def participants_follow(*, staff_ids: Iterable[int]) -> list[int]:
    """Bring the participants of all codes in which these staff have a seat in step; the ids of the codes."""
    touched = Seat.objects.filter(staff__in=set(staff_ids), removed_at=None).values("code")
    seats: dict[int, list[int]] = {}
    for code_id, staff_id in Seat.objects.filter(code__in=touched, removed_at=None).values_list("code_id", "staff_id"):
        seats.setdefault(code_id, []).append(staff_id)
    members = staff_members({staff_id for roster in seats.values() for staff_id in roster})
    for code_id, roster in sorted(seats.items()):
        participants_set(code_id=code_id, member_ids=[members[one] for one in roster if one in members])
    return sorted(seats)
