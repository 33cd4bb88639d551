"""Whom ``members.manage`` reaches: scopes count for members as for everything else (product.md §5.3)."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from permissions.access import Access, Scope
from permissions.models import Member


def departments_within(access: Access) -> frozenset[int] | None:
    """The departments whose members somebody manages; None: all. Raises Denied without ``members.manage``."""
    scope = access.require("members.manage")
    if scope is Scope.ALL:
        return None
    return access.department_ids if scope is Scope.DEPARTMENT else frozenset()


def members_within(access: Access) -> QuerySet[Member]:
    """The members whom somebody manages, and themselves; who has no department is the whole company's.

    Raises Denied without ``members.manage``.
    """
    within = departments_within(access)
    rows: QuerySet[Member] = Member.objects.all()
    return rows if within is None else rows.filter(Q(department__in=within) | Q(pk=access.member_id))
