"""Many rows more of everything that a company has, made by looking at the models: for counting what a page asks."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.contrib.auth.models import Group
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from permissions.models import User
from tenants.context import tenant_context
from tenants.models import TenantModel
from tests.isolation.factory import SHORTEST_CANARY, Side, row_of, tenant_models

STEP = 10_000_000
# Written by the database or the sealer; and versions, which are read as what they were published with.
NOT_GROWN = ("permissions.AuditReceipt", "permissions.AuditSeal", "routing.Snapshot")


def grow(side: Side, first: int, last: int) -> None:
    """Rows number ``first`` to ``last`` of every model, each with parents of its own, and again below the first's.

    What a constraint forbids (one rule a code, one default a company) is left out by the database itself.
    """
    numbers = range(first, last + 1)
    people = _people(side, numbers)
    for model in tenant_models():
        if model._meta.label in NOT_GROWN:
            continue
        with tenant_context(side.tenant_id):
            for kept in (None, *_parents(model)):
                rows = [_row(model, side, number, kept, people[number]) for number in numbers]
                try:
                    with transaction.atomic():
                        model._default_manager.bulk_create(rows, ignore_conflicts=True)
                except IntegrityError:
                    # A row of the first's may be the only one of its parent: that is no list of the page's.
                    if kept is None:
                        raise


def _people(side: Side, numbers: range) -> dict[int, tuple[int, int]]:
    """Number → ids of a user and of a group, which are nobody's."""
    users = [User(username=f"{side.canary}-{number}", date_joined=timezone.now()) for number in numbers]
    groups = [Group(name=f"t{side.tenant_id}:grown-{number}") for number in numbers]
    User.objects.bulk_create(users)
    Group.objects.bulk_create(groups)
    return {number: (users[at].pk, groups[at].pk) for at, number in enumerate(numbers)}


def _parents(model: type[TenantModel]) -> Iterator[str]:
    for one in model._meta.concrete_fields:
        if isinstance(one, models.ForeignKey) and _of_a_tenant(one):
            yield one.name


@cache
def _once(model: type[TenantModel]) -> frozenset[str]:
    """The columns of which some combination stands once only."""
    constraints = [one for one in model._meta.constraints if isinstance(one, models.UniqueConstraint)]
    return frozenset(name for one in constraints for name in one.fields)


def _of_a_tenant(one: Any) -> bool:
    return issubclass(one.remote_field.model, TenantModel)


def _row(model: type[TenantModel], side: Side, number: int, kept: str | None, people: tuple[int, int]) -> TenantModel:
    row: Any = row_of(model, side)
    # Rows below the first's parents get other ids than those with parents of their own.
    place = 0 if kept is None else 1 + list(_parents(model)).index(kept)
    for one in model._meta.concrete_fields:
        value = getattr(row, one.attname)
        if one.primary_key and isinstance(value, int):
            setattr(row, one.attname, value + STEP * (number + 1000 * place))
        elif isinstance(one, models.ForeignKey):
            _point(row, one, value, number, kept, people)
        elif isinstance(value, str) and not one.choices and (one.max_length or 200) >= SHORTEST_CANARY:
            setattr(row, one.attname, f"{number}.{place}{value}"[: one.max_length])
        elif isinstance(value, uuid.UUID):
            setattr(row, one.attname, uuid.uuid5(value, f"{number}.{place}"))
        elif one.name in _once(model) and isinstance(value, int) and not isinstance(value, bool):
            setattr(row, one.attname, value + number + 1000 * place)
    if model._meta.label == "permissions.Department":
        row.path = f"/{row.pk}/"
    return row  # type: ignore[no-any-return]


def _point(row: Any, one: Any, value: Any, number: int, kept: str | None, people: tuple[int, int]) -> None:
    if one.remote_field.model is User:
        setattr(row, one.attname, people[0])
    elif one.remote_field.model is Group:
        setattr(row, one.attname, people[1])
    elif _of_a_tenant(one) and value is not None and one.name != kept:
        setattr(row, one.attname, value + STEP * number)
