"""Reading the audit log, as a whole and of one object. Inside a tenant's context."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from livecode_admin.kernel.web.parameters import MOST_DIGITS
from permissions.access import Access, Scope
from permissions.diffs import Line, Words, kind_of, lines_of
from permissions.models import AuditEntry, RoleBundle
from permissions.selectors.departments import department_names
from permissions.selectors.members import member_names
from permissions.tiers import TIER_FIELD, hidden_fields, tiers_seen

# The filter of actions offers what occurs among so many of the newest entries.
NEWEST = 5000


@dataclass(frozen=True)
class AuditFilters:
    """What the log is narrowed to; None and "" leave it open.

    ``group``: the beginning of the action (``code``); ``q``: part of an object's name; ``since`` and ``until`` (not
    included) are moments; ``outcome``: ``done`` or ``denied``; ``before_id``: only entries below this number.
    """

    group: str = ""
    action: str = ""
    object_type: str = ""
    object_id: int | None = None
    member_id: int | None = None
    by_system: bool = False
    q: str = ""
    since: datetime | None = None
    until: datetime | None = None
    outcome: str = ""
    before_id: int | None = None


@dataclass(frozen=True)
class Change:
    """One field of an audit entry; None: it was not there."""

    name: str
    before: Any
    after: Any


DENIED = "access.denied"


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

    @property
    def told(self) -> list[tuple[str, Any, Any]]:
        """The changes as (field, before, after)."""
        return [(one.name, one.before, one.after) for one in self.changes]


@dataclass(frozen=True)
class AuditPage:
    """Some entries, newest first; ``older`` is the number below which the log goes on, None at its end."""

    rows: list[AuditRow]
    older: int | None


def audit_entries(access: Access, object_type: str, object_id: int, limit: int = 50) -> list[AuditRow]:
    """The latest changes of one object (变更记录), newest first.

    It goes with seeing the object (product.md §5.5): the caller has already fetched the object through its selector.
    """
    rows = (
        AuditEntry.objects.filter(object_type=object_type, object_id=object_id).order_by("-id").select_related("member")
    )
    return _audit_rows(access, rows[:limit])


def audit_told(rows: Iterable[AuditRow], zone: str) -> list[tuple[AuditRow, tuple[Line, ...]]]:
    """Entries with what each changed as people read it; queries as :func:`audit_words`."""
    rows = list(rows)
    words = audit_words(rows, zone)
    return [(row, lines_of(row.told, words)) for row in rows]


def audit_log(access: Access, filters: AuditFilters, *, limit: int = 50) -> AuditPage:
    """The tenant's audit log as far as ``filters`` say, newest first. Raises Denied without ``audit.view``."""
    access.require("audit.view")
    found = list(_filtered(access, filters).order_by("-id").select_related("member")[: limit + 1])
    shown = found[:limit]
    # Counted before entries that the reader may not see are left out: a page may be short, the next is still there.
    return AuditPage(_audit_rows(access, shown), shown[-1].pk if len(found) > limit else None)


def audit_actions(access: Access, group: str = "") -> list[str]:
    """The actions that occur among the newest entries, of one group or all; for the filter. Denials are apart.

    Raises Denied without ``audit.view``.
    """
    access.require("audit.view")
    newest = _within(access).order_by("-id")[:NEWEST]
    found = set(newest.values_list("action", flat=True)) - {DENIED}
    return sorted(action for action in found if not group or action.startswith(f"{group}."))


def object_label(access: Access, object_type: str, object_id: int) -> str:
    """What the log last called an object; "" for one that it doesn't know. Raises Denied without ``audit.view``."""
    access.require("audit.view")
    rows = _within(access).filter(object_type=object_type, object_id=object_id)
    return rows.order_by("-id").values_list("object_label", flat=True).first() or ""


def audit_words(rows: Iterable[AuditRow], zone: str) -> Words:
    """The names of what the entries mention by number: members, departments, bundles; others as the log knows them.

    Four queries at most, whatever the number of rows. What is not found stays as it is written.
    """
    wanted: dict[str, set[str]] = {}
    for row in rows:
        for change in row.changes:
            if kind := kind_of(change.name):
                wanted.setdefault(kind, set()).update(_mentioned(change.before), _mentioned(change.after))
    if not any(wanted.values()):
        return Words(zone)
    numbers = {kind: {int(key) for key in keys if _is_number(key)} for kind, keys in wanted.items()}
    keys = wanted.get("bundle")
    names = {
        "member": {str(pk): name for pk, name in member_names(numbers.pop("member", ())).items()},
        "department": {str(pk): name for pk, name in department_names(numbers.pop("department", ())).items()},
        "bundle": dict(RoleBundle.objects.filter(key__in=keys).values_list("key", "name")) if keys else {},
    }
    numbers.pop("bundle", None)
    asked = [Q(object_type=kind, object_id__in=ids) for kind, ids in numbers.items() if ids]
    if asked:
        known = AuditEntry.objects.filter(reduce(or_, asked)).order_by("object_type", "object_id", "-id")
        for kind, pk, label in known.distinct("object_type", "object_id").values_list(
            "object_type", "object_id", "object_label"
        ):
            names.setdefault(kind, {})[str(pk)] = label
    return Words(zone, names)


def _mentioned(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        return [str(key) for key in value]
    if isinstance(value, list):
        return [str(one) for one in value]
    return [] if value is None or isinstance(value, bool) else [str(value)]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS


def _filtered(access: Access, filters: AuditFilters) -> QuerySet[AuditEntry]:
    rows = _within(access)
    exact = {
        "action": filters.action,
        "object_type": filters.object_type,
        "object_id": filters.object_id,
        "member_id": filters.member_id,
        "at__gte": filters.since,
        "at__lt": filters.until,
        "id__lt": filters.before_id,
        "action__startswith": f"{filters.group}." if filters.group else "",
        "object_label__icontains": filters.q,
    }
    rows = rows.filter(**{name: value for name, value in exact.items() if value not in (None, "")})
    if filters.by_system:
        rows = rows.filter(member=None)
    if filters.outcome == "denied":
        rows = rows.filter(action=DENIED)
    elif filters.outcome == "done":
        rows = rows.exclude(action=DENIED)
    return rows


def _within(access: Access) -> QuerySet[AuditEntry]:
    """The entries in the member's scope of ``audit.view`` (product.md §5.3), by who acted: oneself, people of the own
    departments, or everybody and the system. What others did to an object is in its own 变更记录.
    """
    rows: QuerySet[AuditEntry] = AuditEntry.objects.filter(tags_shown(access))
    match access.scope("audit.view"):
        case Scope.ALL:
            return rows
        case Scope.DEPARTMENT:
            return rows.filter(Q(member=access.member_id) | Q(member__department__in=access.department_ids))
    return rows.filter(member=access.member_id)


def tags_shown(access: Access) -> Q:
    """The entries without those about tags above the member's tier: such a tag's name is in no list (§3.3)."""
    return ~Q(object_type="tag") | Q(**{f"after__{TIER_FIELD}__in": sorted(tiers_seen(access))})


def _audit_rows(access: Access, rows: Iterable[AuditEntry]) -> list[AuditRow]:
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
        for row in rows
        if not hidden or not _told_only_in(hidden, row)
    ]


def _told_only_in(hidden: frozenset[str], row: AuditEntry) -> bool:
    """Whether all that an entry changes is hidden from the reader: then it is not there for them."""
    changed = {one.name for one in _changes(row.before, row.after)}
    return bool(changed) and changed <= hidden


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Change]:
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield Change(_named(name, {**before, **after}), before.get(name), after.get(name))


def _named(name: str, told: Mapping[str, Any]) -> str:
    """The field's name; the number that a bundle was given on is that of a folder or a code."""
    return f"{told['target']}_id" if name == "target_id" and told.get("target") in ("folder", "code") else name
