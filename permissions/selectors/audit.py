"""Reading the audit log, as a whole and of one object. Inside a tenant's context."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from permissions.access import Access
from permissions.models import AuditEntry
from permissions.tiers import TIER_FIELD, hidden_fields, tiers_seen


@dataclass(frozen=True)
class Change:
    """One field of an audit entry; None: it was not there."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class AuditRow:
    """One audit entry as pages show it. ``who`` is the member's name or the system's reason."""

    id: int
    at: datetime
    who: str
    origin: str
    action: str
    object_type: str
    object_id: int
    object_label: str
    changes: tuple[Change, ...]


def audit_entries(access: Access, object_type: str, object_id: int, limit: int = 50) -> list[AuditRow]:
    """The latest changes of one object (变更记录), newest first.

    It goes with seeing the object (product.md §5.5): the caller has already fetched the object through its selector.
    """
    rows = AuditEntry.objects.filter(object_type=object_type, object_id=object_id).order_by("-id")[:limit]
    return _audit_rows(access, rows)


def audit_log(
    access: Access, *, action: str = "", member_id: int | None = None, before_id: int | None = None, limit: int = 50
) -> list[AuditRow]:
    """The tenant's audit log, newest first, below ``before_id``; ``action`` is its beginning (``code.``).

    Raises Denied without ``audit.view``.
    """
    access.require("audit.view")
    rows = AuditEntry.objects.filter(tags_shown(access)).order_by("-id")
    if action:
        rows = rows.filter(action__startswith=action)
    if member_id is not None:
        rows = rows.filter(member_id=member_id)
    if before_id is not None:
        rows = rows.filter(id__lt=before_id)
    return _audit_rows(access, rows[:limit])


def tags_shown(access: Access) -> Q:
    """The entries without those about tags above the member's tier: such a tag's name is in no list (§3.3)."""
    return ~Q(object_type="tag") | Q(**{f"after__{TIER_FIELD}__in": sorted(tiers_seen(access))})


def _audit_rows(access: Access, rows: QuerySet[AuditEntry]) -> list[AuditRow]:
    hidden = hidden_fields(access)
    return [
        AuditRow(
            id=row.pk,
            at=row.at,
            who=row.member.display_name if row.member else "系统",
            origin=row.origin if row.member else row.actor,
            action=row.action,
            object_type=row.object_type,
            object_id=row.object_id,
            object_label=row.object_label,
            changes=tuple(one for one in _changes(row.before, row.after) if one.name not in hidden),
        )
        for row in rows.select_related("member")
        if not hidden or not _told_only_in(hidden, row)
    ]


def _told_only_in(hidden: frozenset[str], row: AuditEntry) -> bool:
    """Whether all that an entry changes is hidden from the reader: then it is not there for them."""
    changed = {one.name for one in _changes(row.before, row.after)}
    return bool(changed) and changed <= hidden


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Change]:
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield Change(name, before.get(name), after.get(name))
