"""Every model: what one tenant can read and write of another's rows, for each state of the walls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import DatabaseError, connection, models, transaction

from tenants.constraints import AppendOnly, SameTenant
from tenants.context import NoTenant, TenantMismatch, tenant_context
from tenants.models import Tenant, TenantModel
from tests.isolation.factory import Side, World, row_of, tenant_models
from tests.isolation.walls import STANDING, Walls, rows_of

Behind = Callable[[Walls], AbstractContextManager[World]]
MODELS = tenant_models()
REFUSALS = (TenantMismatch, DatabaseError, ValidationError, ObjectDoesNotExist)
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
standing = pytest.mark.parametrize("walls", STANDING, ids=lambda walls: walls.name.lower())


def refreshed(model: type[TenantModel], b: Side) -> bool:
    """Read the row anew through an instance; raises DoesNotExist when it isn't seen."""
    row = model(tenant_id=b.tenant_id)
    row.pk = b.row_id
    row.refresh_from_db()
    return True


def ways_to_see(model: type[TenantModel], b: Side) -> dict[str, Callable[[], Any]]:
    """Every way by which code may come to see the row of tenant ``b``; each gives something truthy if it does."""
    all_rows = model._default_manager.all
    return {
        "iterating": lambda: [row for row in all_rows() if row.tenant_id == b.tenant_id],
        "values": lambda: [one for one in all_rows().values_list("tenant_id", flat=True) if one == b.tenant_id],
        "iterator": lambda: [row for row in all_rows().iterator() if row.tenant_id == b.tenant_id],
        "exists": lambda: all_rows().filter(pk=b.row_id).exists(),
        "count": lambda: all_rows().filter(tenant_id=b.tenant_id).count(),
        "aggregate": lambda: all_rows().aggregate(n=models.Count("pk", filter=models.Q(tenant_id=b.tenant_id)))["n"],
        "in_bulk": lambda: all_rows().in_bulk([b.row_id]),
        "get": lambda: all_rows().get(pk=b.row_id),
        "base manager": lambda: model._base_manager.filter(pk=b.row_id).exists(),
        "union": lambda: all_rows().filter(pk=b.row_id).union(all_rows().filter(pk=b.row_id), all=True).count(),
        "refresh": lambda: refreshed(model, b),
    }


def seen(model: type[TenantModel], b: Side) -> Iterator[str]:
    """The names of the ways that do show it."""
    for name, look in ways_to_see(model, b).items():
        with suppress(ObjectDoesNotExist):
            if look():
                yield name


@every_model
@standing
def test_no_model_shows_another_tenants_row(model: type[TenantModel], walls: Walls, behind: Behind) -> None:
    with behind(walls) as world, tenant_context(world.a.tenant_id):
        assert model._default_manager.filter(pk=world.a.row_id).exists()
        assert list(seen(model, world.b)) == []


@every_model
def test_the_control_without_both_walls_every_model_shows_it(model: type[TenantModel], behind: Behind) -> None:
    with behind(Walls.NONE) as world, tenant_context(world.a.tenant_id):
        assert list(seen(model, world.b)) == list(ways_to_see(model, world.b))


def refusal(error: BaseException) -> str:
    """Which wall refused: loud, silent (row level security), or the grants of history."""
    if isinstance(error, TenantMismatch):
        return "loud"
    said = str(error)
    if "row-level security" in said:
        return "silent"
    return "history" if "permission denied for table" in said else said


@every_model
@standing
def test_no_row_is_written_for_another_tenant(model: type[TenantModel], walls: Walls, behind: Behind) -> None:
    with behind(walls) as world:
        forged = row_of(model, replace(world.b, serial=world.b.serial + 100_000))
        with pytest.raises((TenantMismatch, DatabaseError)) as refused, tenant_context(world.a.tenant_id):
            model._default_manager.bulk_create([forged])
        assert refusal(refused.value) == ("loud" if walls.loud else "silent")


@every_model
@standing
def test_no_row_moves_to_another_tenant(model: type[TenantModel], walls: Walls, behind: Behind) -> None:
    with behind(walls) as world, tenant_context(world.a.tenant_id):
        before = rows_of(world.b.tenant_id)
        with pytest.raises((TenantMismatch, DatabaseError)) as refused, transaction.atomic():
            model._default_manager.filter(pk=world.a.row_id).update(tenant_id=world.b.tenant_id)
        assert refusal(refused.value) in ({"loud"} if walls.loud else {"silent", "history"})
        assert rows_of(world.b.tenant_id) == before


@every_model
@standing
def test_no_row_of_another_tenant_is_changed_or_deleted(model: type[TenantModel], walls: Walls, behind: Behind) -> None:
    with behind(walls) as world:
        before = rows_of(world.b.tenant_id)
        forged = row_of(model, world.b)
        for act in (
            lambda: model._default_manager.filter(pk=world.b.row_id).update(id=world.b.row_id),
            lambda: model._default_manager.filter(pk=world.b.row_id)._raw_delete("default"),
            lambda: forged.save(force_update=True),
            lambda: model._default_manager.bulk_update([forged], ["tenant"]),
            forged.delete,
        ):
            with suppress(*REFUSALS), tenant_context(world.a.tenant_id):
                act()
        assert rows_of(world.b.tenant_id) == before


REFERENCES = [
    pytest.param(model, one, id=f"{model._meta.label}.{one.name}")
    for model in MODELS
    for one in model._meta.concrete_fields
    if isinstance(one, models.ForeignKey) and issubclass(one.remote_field.model, TenantModel)
]


# A row of a group or of a department, never of both: the one takes the place of the other.
INSTEAD_OF: dict[str, dict[str, None]] = {"routing.RosterSource.department": {"group_id": None}}


@pytest.mark.parametrize(("model", "one"), REFERENCES)
@pytest.mark.parametrize("walls", list(Walls), ids=lambda walls: walls.name.lower())
def test_no_foreign_key_points_to_another_tenants_row(
    model: type[TenantModel], one: models.Field[Any, Any], walls: Walls, behind: Behind
) -> None:
    with behind(walls) as world:
        child = row_of(model, world.a)
        child.pk = world.a.row_id + 1_000_000
        for other in model._meta.concrete_fields:
            if isinstance(other, models.IntegerField) and not other.primary_key:
                setattr(child, other.attname, 77)
        setattr(child, one.attname, world.b.row_id)
        history = any(isinstance(rule, AppendOnly) for rule in model._meta.constraints)
        rows = model._default_manager
        with tenant_context(world.a.tenant_id):
            point = partial(rows.bulk_create, [child])
            if not history:
                alone = INSTEAD_OF.get(f"{model._meta.label}.{one.name}", {})
                point = partial(rows.filter(pk=world.a.row_id).update, **{one.attname: world.b.row_id}, **alone)
            with pytest.raises(DatabaseError) as refused, transaction.atomic():
                point()
        rule = next(c for c in model._meta.constraints if isinstance(c, SameTenant) and c.field == one.name)
        assert rule.name in str(refused.value) or (one.unique and "unique constraint" in str(refused.value))


@every_model
def test_without_a_tenant_every_use_of_a_model_is_loud(model: type[TenantModel], world: World) -> None:
    row = row_of(model, world.a)
    kept = []
    with tenant_context(world.a.tenant_id):
        kept.append(model._default_manager.filter(pk=world.a.row_id))
    uses: list[Callable[[], Any]] = [
        model._default_manager.exists,
        model._default_manager.count,
        model._default_manager.first,
        model._base_manager.exists,
        lambda: model._default_manager.bulk_create([row]),
        lambda: model._default_manager.in_bulk([1]),
        lambda: model._default_manager.update(id=1),
        lambda: list(model._default_manager.iterator()),
        lambda: list(kept[0]),
        kept[0].exists,
        kept[0].delete,
        lambda: kept[0]._raw_delete("default"),
        kept[0].explain,
        row.delete,
        row.refresh_from_db,
        row.save,
    ]
    for use in uses:
        # guardian looks for what a grant is on before it saves, and finds nothing.
        with pytest.raises((NoTenant, Tenant.DoesNotExist) if use == row.save else NoTenant):
            use()


@every_model
def test_without_a_tenant_plain_sql_sees_nothing(model: type[TenantModel], world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}"')
        assert cursor.fetchone() == (0,)


@every_model
def test_a_query_kept_from_one_tenant_is_refused_in_another(model: type[TenantModel], world: World) -> None:
    with tenant_context(world.b.tenant_id):
        kept = model._default_manager.filter(pk=world.b.row_id)
    with tenant_context(world.a.tenant_id):
        for use in (lambda: list(kept), kept.exists, kept.count, kept.delete):
            with pytest.raises(TenantMismatch):
                use()
