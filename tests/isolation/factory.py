"""Fills every tenant model of one tenant with a row whose texts are canaries, by looking at the fields.

Every row of a tenant has the *same* id in all tables, so "the other tenant's id" fits every argument of every URL.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.db import models

from livecode_admin.kernel import ids, sealing
from tenants.context import tenant_context
from tenants.models import Tenant, TenantModel
from tenants.selectors import seal_context
from tenants.services import tenant_create

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
_serials = itertools.count(1)
# Shorter texts can't hold a canary that is told from chance.
SHORTEST_CANARY = 12


@dataclass
class Side:
    """One filled tenant. ``row_id`` is the id of its row in every table; ``word`` begins every text in them."""

    word: str
    serial: int
    tenant_id: int = 0
    user: Any = None
    group: Any = None
    made: set[str] = field(default_factory=set)

    @property
    def row_id(self) -> int:
        """Far above the sequences, and another for each tenant."""
        return 2_100_000_000 + self.serial

    @property
    def slug(self) -> str:
        """The tenant's part of console URLs; holds the canary too."""
        return f"{self.canary.lower()}-tenant"

    @property
    def canary(self) -> str:
        """What no other tenant may ever read."""
        return f"{self.word}{self.serial:05d}"


Filler = Callable[[Any, Side], Any]


def _text(one: Any, side: Side) -> str:
    if one.choices:
        return str(one.get_default() or next(iter(one.flatchoices))[0])
    longest = one.max_length or 200
    if longest < SHORTEST_CANARY:
        return str(one.get_default() or f"{side.serial}"[-longest:])
    return f"{side.canary}-{one.model._meta.model_name}-{one.name}"[:longest]


def _integer(one: Any, side: Side) -> int:
    if one.has_default() and one.get_default() is not None:
        return int(one.get_default())
    return side.row_id if one.name.endswith("_id") and isinstance(one, models.BigIntegerField) else 1


FILLERS: dict[Any, Filler] = {
    models.CharField: _text,
    models.TextField: _text,
    models.IntegerField: _integer,
    models.BooleanField: lambda one, side: bool(one.get_default()),
    models.DateTimeField: lambda one, side: NOW,
    models.DateField: lambda one, side: NOW.date(),
    models.TimeField: lambda one, side: time(9),
    models.DurationField: lambda one, side: timedelta(minutes=1),
    models.DecimalField: lambda one, side: Decimal(1),
    models.FloatField: lambda one, side: 1.0,
    models.UUIDField: lambda one, side: uuid.uuid5(uuid.NAMESPACE_OID, f"{side.canary}{one.name}"),
    models.BinaryField: lambda one, side: f"{side.canary}-{one.name}".encode(),
    models.JSONField: lambda one, side: [] if one.get_default() == [] else {"note": side.canary},
    models.GenericIPAddressField: lambda one, side: "192.0.2.1",
    ArrayField: lambda one, side: [value_for(one.base_field, side)],
}


def _sealed(side: Side, *, name: str) -> str:
    return sealing.seal(f"{side.canary}-{name}", context=seal_context(side.tenant_id, name))


# Where a format or a check constraint asks for a certain value.
SPECIAL: dict[str, Callable[[Side], Any]] = {
    "permissions.Member.is_owner": lambda side: True,
    "permissions.Member.is_active": lambda side: True,
    "permissions.Department.path": lambda side: f"/{side.row_id}/",
    "permissions.RoleBundle.capabilities": lambda side: ["codes.view"],
    "permissions.BundleVersion.version": lambda side: side.row_id,
    "permissions.BundleVersion.capabilities": lambda side: ["codes.view"],
    "permissions.BundleAssignment.target_id": lambda side: None,
    "permissions.BundleAssignment.until": lambda side: None,
    # Invitations and newcomers are shown while they wait.
    "permissions.Invitation.accepted_at": lambda side: None,
    "permissions.Invitation.withdrawn_at": lambda side: None,
    "permissions.Invitation.expires_at": lambda side: NOW + timedelta(days=3650),
    "permissions.Newcomer.settled_at": lambda side: None,
    # The entry's own receipt is written by a trigger; this one is for a number that no entry will have.
    "permissions.AuditReceipt.number": lambda side: side.row_id + 1,
    "permissions.AuditEntry.before": lambda side: {"name": side.canary},
    "permissions.AuditEntry.after": lambda side: {"name": side.canary},
    "tenants.WeComConnection.base_url": lambda side: f"http://127.0.0.1:9/{side.canary}",
    "crm.CrmEndpoint.url": lambda side: f"http://127.0.0.1:9/{side.canary}",
    "tenants.WeComConnection.agent_id": lambda side: "1000002",
    "routing.StaffDay.assigned": lambda side: 5,
    "routing.SeatDay.assigned": lambda side: 5,
    "people.Staff.can_receive": lambda side: True,
    "people.Staff.cannot_reason": lambda side: "",
    "people.Staff.left_at": lambda side: None,
    "codes.LiveCode.slug": lambda side: ids.new_slug(),
    "codes.LiveCode.state": lambda side: "live",
    "codes.LiveCode.expires_at": lambda side: None,
    "tagging.Tag.level": lambda side: 1,
    "crm.OutboxMessage.body": lambda side: {"name": side.canary},
    "routing.CodeTurn.credits": lambda side: None,
    "routing.Scan.kind": lambda side: "person",
    # Of a group or of a department, never of both.
    "routing.RosterSource.department": lambda side: None,
    "routing.Scan.outcome": lambda side: "assigned",
    # Nobody was passed over: what stands there is read as runs of seats.
    "routing.Scan.trace": lambda side: None,
}


SPECIAL |= {
    f"tenants.WeComConnection.{name}": partial(_sealed, name=name) for name in ("secret", "callback_token", "aes_key")
}


class Unfillable(AssertionError):
    """A new model or field that the factory doesn't know how to fill: teach it here."""


def tenant_models() -> list[type[TenantModel]]:
    """Every model of one tenant, parents before children."""
    waiting = [model for model in apps.get_models() if issubclass(model, TenantModel)]
    ordered: list[type[TenantModel]] = []
    while waiting:
        ready = [model for model in waiting if not set(_parents(model)) & (set(waiting) - {model})]
        ready = ready or [
            model for model in waiting if not set(_parents(model, needed=True)) & (set(waiting) - {model})
        ]
        if not ready:
            raise Unfillable(f"models need each other: {waiting}")
        ordered += ready
        waiting = [model for model in waiting if model not in ready]
    return ordered


def _parents(model: type[models.Model], *, needed: bool = False) -> Iterator[type[models.Model]]:
    for one in model._meta.concrete_fields:
        if isinstance(one, models.ForeignKey) and not (needed and one.null):
            yield one.remote_field.model


def value_for(one: Any, side: Side) -> Any:
    """A value for one field; raises Unfillable."""
    special = SPECIAL.get(f"{one.model._meta.label}.{one.name}") if hasattr(one, "model") else None
    if special is not None:
        return special(side)
    for kind in type(one).__mro__:
        if kind in FILLERS:
            return FILLERS[kind](one, side)
    raise Unfillable(f"no filler for {one!r}: add one to tests/isolation/factory.py")


def _related(one: Any, side: Side) -> Any:
    if (special := SPECIAL.get(f"{one.model._meta.label}.{one.name}")) is not None:
        return special(side)
    target = one.remote_field.model
    if target is Tenant:
        return side.tenant_id
    if target is get_user_model():
        return side.user.pk
    if target is Group:
        return side.group.pk
    if target is Permission:
        granted_on = one.model._meta.get_field("content_object").remote_field.model
        kind = ContentType.objects.get_for_model(granted_on)
        return Permission.objects.filter(content_type=kind).values_list("pk", flat=True)[0]
    if issubclass(target, TenantModel):
        return side.row_id if target._meta.label in side.made else None
    raise Unfillable(f"{one.model._meta.label}.{one.name} points to {target._meta.label}: teach the factory")


def row_of(model: type[TenantModel], side: Side) -> TenantModel:
    """The side's row of one model, not yet saved. Raises Unfillable."""
    row = model()
    for one in model._meta.concrete_fields:
        if one.primary_key:
            value = side.row_id if isinstance(one, models.BigAutoField | models.ForeignKey) else value_for(one, side)
        elif isinstance(one, models.ForeignKey):
            value = _related(one, side)
        else:
            value = value_for(one, side)
        setattr(row, one.attname, value)
    return row


def fill(model: type[TenantModel], side: Side) -> None:
    """Insert the side's row of one model; inside its tenant context. Raises Unfillable."""
    row = row_of(model, side)
    try:
        row.save(force_insert=True)
    except Exception as error:
        raise Unfillable(f"{model._meta.label} could not be filled: {error}") from error
    side.made.add(model._meta.label)


def make_side(word: str) -> Side:
    """A tenant with a user, a group and one row of every tenant model."""
    side = Side(word=word, serial=next(_serials) + int(datetime.now(UTC).timestamp()) % 90_000)
    side.tenant_id = tenant_create(
        name=f"{side.canary}-name",
        slug=side.slug,
        now=NOW,
        corp_id=f"{side.canary}-corp",
        tagline=f"{side.canary}-tagline",
        telephone=f"{side.canary}-telephone",
        entry_host=f"{side.canary}-entry.example".lower(),
        landing_host=f"{side.canary}-landing.example".lower(),
    )
    side.user = get_user_model().objects.create(username=f"{side.canary}-user", is_active=True, date_joined=NOW)
    side.group = Group.objects.create(name=f"t{side.tenant_id}:{side.canary}")
    for model in tenant_models():
        with tenant_context(side.tenant_id):
            fill(model, side)
    return side


@dataclass(frozen=True)
class World:
    """Two tenants: ``a`` is the one who looks, ``b`` the one whose canaries must not be seen."""

    a: Side
    b: Side


def make_world() -> World:
    """Two filled tenants on the database that the connections point at."""
    # The victim first: without walls, what asks for "the one row" of a tenant gets the victim's.
    b = make_side("LEAK-B")
    return World(a=make_side("MINE-A"), b=b)
