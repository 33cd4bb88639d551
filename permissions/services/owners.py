"""The owners of a tenant: there is always one."""

from __future__ import annotations

from permissions.models import Member


class LastOwner(ValueError):
    """The last owner of a tenant can't be removed (product.md §5.6)."""


def keep_an_owner(member_id: int) -> None:
    """Raise LastOwner when no other active owner would be left; locks the owners, so that two can't go at once."""
    owners = Member.objects.select_for_update().filter(is_owner=True, is_active=True).order_by("id")
    if list(owners.values_list("id", flat=True)) == [member_id]:
        raise LastOwner(f"member {member_id}")
