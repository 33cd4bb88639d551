"""The owners of a tenant: there is always one."""

from __future__ import annotations

from django.db.models import Q

from permissions.models import Member


class LastOwner(ValueError):
    """The last owner of a tenant can't be removed (product.md §5.6)."""


def locked(member_id: int) -> Member:
    """The member, locked together with all owners in the order of their ids: two removals wait for each other.

    Raises DoesNotExist for an unknown member.
    """
    wanted = Q(pk=member_id) | Q(is_owner=True)
    rows: list[Member] = list(Member.objects.select_for_update().filter(wanted).order_by("id"))
    for row in rows:
        if row.pk == member_id:
            return row
    raise Member.DoesNotExist(f"member {member_id}")


def keep_an_owner(member: Member) -> None:
    """Raise LastOwner when no other active owner would be left. Call it with what :func:`locked` gave."""
    others = Member.objects.filter(is_owner=True, is_active=True, user__is_active=True)
    if not others.exclude(pk=member.pk).exists():
        raise LastOwner(f"member {member.pk}")
