"""What imports can't show of the floors: which table points to which, and to whom every table belongs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from tenants.constraints import AppendOnly, SameTenant, TenantIsolation
from tenants.managers import TenantManager
from tenants.models import TenantModel

# design.md §1; siblings on one floor don't know each other.
FLOORS = {
    "tenants": 1,
    "permissions": 2,
    "workspace": 3,
    "crm": 3,
    "people": 4,
    "codes": 5,
    "tagging": 6,
    "routing": 6,
    "reception": 7,
    "analytics": 8,
    "console": 9,
}
# Tables of the platform: they hold nothing of one tenant, or are the list of tenants itself.
PLATFORM = {
    "tenants.Tenant": "the list of companies; row level security by its id",
    "permissions.User": "a person may be in several companies; holds credentials only",
    "permissions.TotpDevice": "a person's second factor: credentials belong to the person",
    "permissions.RecoveryCode": "a person's recovery codes: credentials belong to the person",
    "permissions.SignIn": "where a person is signed in; of no company",
    "routing.OrphanScan": "scans of slugs that nobody has, counted by day",
    "auth.Permission": "Django's list of permission names",
    "auth.Group": "guardian's groups, one for each bundle; names are t<tenant>:<key>",
    "contenttypes.ContentType": "Django's list of models",
    "sessions.Session": "who is signed in; nothing of a tenant is in it",
    "guardian.UserObjectPermission": "guardian's generic grants: never used, direct grant tables are",
    "guardian.GroupObjectPermission": "guardian's generic grants: never used, direct grant tables are",
    "axes.AccessAttempt": "failed sign-ins; kept in the cache here",
    "axes.AccessAttemptExpiration": "failed sign-ins; kept in the cache here",
    "axes.AccessFailureLog": "failed sign-ins; kept in the cache here",
    "axes.AccessLog": "sign-ins; kept in the cache here",
}
# The exceptions of design.md §3.3: they have no tenant.
OUTSIDE = {"permissions.User", "auth.Group", "auth.Permission", "tenants.Tenant"}

MODELS = list(apps.get_models())
OURS = [model for model in MODELS if model._meta.app_label in FLOORS]


def relations(model: type[models.Model]) -> Iterator[models.Field[Any, Any]]:
    """Foreign keys, one-to-ones and many-to-manys that the model declares itself."""
    for one in (*model._meta.local_fields, *model._meta.local_many_to_many):
        if one.is_relation:
            yield one


def upward(model: type[models.Model]) -> list[str]:
    """Relations to a higher floor, or to a sibling on the same one."""
    mine = FLOORS[model._meta.app_label]
    found = []
    for one in relations(model):
        other = one.related_model._meta.app_label  # type: ignore[union-attr]
        if FLOORS.get(other, 0) >= mine and other != model._meta.app_label:
            found.append(f"{model._meta.label}.{one.name} → {other}")
    return found


def loose_keys(model: type[models.Model]) -> list[str]:
    """Foreign keys between tenant tables that the database doesn't hold to one tenant, and automatic many-to-manys."""
    held = {rule.field for rule in model._meta.constraints if isinstance(rule, SameTenant)}
    found = []
    for one in relations(model):
        target = one.related_model
        if not isinstance(target, type) or target._meta.label in OUTSIDE:
            continue
        if isinstance(one, models.ManyToManyField):
            found.append(f"{one}: many-to-many; write the through table")
        elif one.name not in held:
            found.append(f"{one}: no SameTenant")
        elif getattr(one, "db_constraint", False):
            found.append(f"{one}: set db_constraint=False")
    return found


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_foreign_keys_point_down(model: type[models.Model]) -> None:
    assert upward(model) == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_table_belongs_to_a_tenant_or_is_listed(model: type[models.Model]) -> None:
    if model._meta.label in PLATFORM:
        assert not issubclass(model, TenantModel)
    else:
        assert issubclass(model, TenantModel), f"{model._meta.label}: subclass TenantModel or list it with a reason"


TENANT_MODELS = [model for model in OURS if issubclass(model, TenantModel)]


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.label)
def test_a_tenants_table_is_behind_both_walls(model: type[TenantModel]) -> None:
    assert isinstance(model._default_manager, TenantManager)
    assert isinstance(model._base_manager, TenantManager)
    rules = model._meta.constraints
    if model._meta.managed:
        assert any(isinstance(rule, TenantIsolation) and rule.column == "tenant_id" for rule in rules)
        assert any(isinstance(rule, models.UniqueConstraint) and rule.fields == ("tenant", "id") for rule in rules)
    assert loose_keys(model) == []
    assert all(len(rule.name) <= 60 for rule in rules)


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.label)
def test_indexes_and_unique_names_begin_with_the_tenant(model: type[TenantModel]) -> None:
    for index in model._meta.indexes:
        assert index.fields[:1] == ["tenant"] or index.expressions, index.name
    for rule in model._meta.constraints:
        if isinstance(rule, models.UniqueConstraint):
            assert rule.fields[:1] == ("tenant",) or rule.expressions, rule.name


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.label)
def test_nothing_cascades_over_history(model: type[TenantModel]) -> None:
    if any(isinstance(rule, AppendOnly) for rule in model._meta.constraints):
        for one in relations(model):
            assert one.remote_field.on_delete is models.PROTECT, one  # type: ignore[union-attr]


def planted(**fields: Any) -> Iterable[str]:
    """The faults of a model that exists only here."""
    meta = type("Meta", (TenantModel.Meta,), {"app_label": "people", "apps": apps.__class__(), "constraints": []})
    model = type("Planted", (TenantModel,), {"__module__": __name__, "Meta": meta, **fields})
    return [*upward(model), *loose_keys(model)]


def test_the_control_a_planted_upward_key_is_found() -> None:
    code = apps.get_model("codes", "LiveCode")
    assert any("→ codes" in fault for fault in planted(code=models.ForeignKey(code, models.PROTECT, related_name="+")))


def test_the_control_a_planted_loose_key_is_found() -> None:
    staff = apps.get_model("people", "Staff")
    loose = planted(staff=models.ForeignKey(staff, models.PROTECT, related_name="+", db_constraint=False))
    assert any("no SameTenant" in fault for fault in loose)
    assert any("many-to-many" in fault for fault in planted(staff=models.ManyToManyField(staff, related_name="+")))
