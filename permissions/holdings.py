"""What assignments of bundles give: what the bundle *and* guardian's grants of its group both name.

Grants are on the tenant's row, or on the folder or code for which the bundle was given (design.md §4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet, Value

from permissions.capabilities import CAPABILITY_OF
from permissions.grants import GrantBase, grant_model
from permissions.models import TenantGrant
from permissions.rules import Holding, Scope, Target, Tier


def holdings(rows: Iterable[Mapping[str, Any]]) -> list[Holding]:
    """Each assignment as what it gives, in their order; rows without a ``group`` are members without any. One query.

    A row has ``group`` (id), ``capabilities``, ``scope``, ``tier``, ``target`` and ``target_id``.
    """
    held = [row for row in rows if row["group"] is not None]
    if not held:
        return []
    granted = _granted(held)
    return [
        Holding(
            capabilities=frozenset(row["capabilities"]) & granted.get(_place(row), frozenset()),
            scope=Scope(row["scope"]),
            tier=Tier(row["tier"]),
            target=Target(row["target"]),
            target_id=row["target_id"],
        )
        for row in held
    ]


def _place(row: Mapping[str, Any]) -> tuple[int, str, int | None]:
    return row["group"], row["target"], row["target_id"]


def _granted(held: Iterable[Mapping[str, Any]]) -> dict[tuple[int, str, int | None], set[str]]:
    """guardian's grants of these assignments' groups on what they were given for; one query."""
    places = {_place(row) for row in held}
    asked = [_grants_on(TenantGrant, Target.TENANT, {group for group, target, _ in places if target == Target.TENANT})]
    for target in (Target.FOLDER, Target.CODE):
        here = {(group, object_id) for group, where, object_id in places if where == target}
        if here:
            rows = _grants_on(grant_model(target), target, {group for group, _ in here})
            asked.append(rows.filter(content_object_id__in={object_id for _, object_id in here}))
    found: dict[tuple[int, str, int | None], set[str]] = {}
    for group_id, codename, target, object_id in asked[0].union(*asked[1:], all=True):
        if capability := CAPABILITY_OF.get(codename):
            place = (group_id, target, None if target == Target.TENANT else object_id)
            found.setdefault(place, set()).add(capability)
    return found


def _grants_on(model: type[GrantBase], target: Target, groups: set[int]) -> QuerySet[Any, Any]:
    rows: QuerySet[Any, Any] = model.objects.filter(group_id__in=groups).annotate(on=Value(target.value))
    return rows.values_list("group_id", "permission__codename", "on", "content_object_id")
