"""guardian's projection of role bundles: on the tenant's row, and on the folders and codes they were given for.

The truth is `BundleAssignment` (design.md §4); these grants follow it in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Permission

from permissions.capabilities import CODENAME, ON_CODES
from permissions.grants import GrantBase, grant_model, granted_on
from permissions.models import BundleAssignment, RoleBundle, TenantGrant
from permissions.rules import Target
from tenants.context import require_tenant_id

# (group, codename, object)
Wanted = set[tuple[int, str, int]]


def project(bundles: Iterable[RoleBundle]) -> None:
    """Make guardian's grants equal to what these bundles name; nothing at model level, ever."""
    tenant_id = require_tenant_id()
    rows = list(bundles)
    groups = [row.group_id for row in rows]
    _write(
        TenantGrant,
        groups,
        {(row.group_id, CODENAME[name], tenant_id) for row in rows for name in row.capabilities},
    )
    _project_objects(rows)


def project_on_objects(bundle: RoleBundle) -> None:
    """Make the grants of one bundle on folders and codes follow its assignments.

    Its row is locked, so that one member's grant isn't taken while another is given the same.
    """
    _project_objects([RoleBundle.objects.select_for_update().get(pk=bundle.pk)])


def _project_objects(rows: list[RoleBundle]) -> None:
    given = BundleAssignment.objects.filter(bundle__in=rows).exclude(target=Target.TENANT)
    places = set(given.values_list("bundle_id", "target", "target_id"))
    by_id = {row.pk: row for row in rows}
    for target in (Target.FOLDER, Target.CODE):
        wanted = {
            (by_id[bundle_id].group_id, CODENAME[name], target_id)
            for bundle_id, where, target_id in places
            if where == target and target_id is not None
            for name in ON_CODES.intersection(by_id[bundle_id].capabilities)
        }
        _write(grant_model(target), [row.group_id for row in rows], wanted)


def _write(model: type[GrantBase], groups: list[int], wanted: Wanted) -> None:
    present = {
        (group_id, codename, object_id): pk
        for pk, group_id, codename, object_id in model.objects.filter(group_id__in=groups).values_list(
            "pk", "group_id", "permission__codename", "content_object_id"
        )
    }
    surplus = [pk for one, pk in present.items() if one not in wanted]
    if surplus:
        model.objects.filter(pk__in=surplus).delete()
    missing = sorted(wanted - present.keys())
    if not missing:
        return
    ids, tenant_id = _permission_ids(model), require_tenant_id()
    row: Any = model
    model.objects.bulk_create(
        [
            row(tenant_id=tenant_id, content_object_id=object_id, group_id=group_id, permission_id=ids[codename])
            for group_id, codename, object_id in missing
        ]
    )


def _permission_ids(model: type[GrantBase]) -> dict[str, int]:
    """Django's permission rows for the kind of object that the table grants on, by codename."""
    kind = granted_on(model)._meta
    rows = Permission.objects.filter(
        content_type__app_label=kind.app_label,
        content_type__model=kind.model_name,
        codename__in=CODENAME.values(),
    )
    return dict(rows.values_list("codename", "pk"))
