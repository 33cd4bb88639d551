"""`Access`: what one member may do in one tenant right now. Built once per request or task, frozen, never stored.

Two queries at most. A capability is held only if the bundle *and* guardian's grants of its group both name it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, FilteredRelation, OuterRef, Q, Value
from django.db.models.functions import Coalesce, NullIf

from permissions.capabilities import CAPABILITIES, capability_for, check
from permissions.holdings import holdings
from permissions.models import Department, Member
from permissions.rules import ObjectScope, Rights, Scope, Tier, combine

__all__ = ["Access", "Denied", "FieldDenied", "ObjectScope", "Scope", "TenantRef", "Tier", "access_for"]


class TenantRef(Protocol):
    """What building an `Access` needs to know of a tenant (`tenants.selectors.TenantFacts` has it)."""

    @property
    def id(self) -> int:
        """The tenant's number."""
        ...

    @property
    def slug(self) -> str:
        """The tenant's part of console URLs."""
        ...


class Denied(Exception):
    """A capability is missing. ``missing`` names all that miss; the guard turns it into a 403 page and an audit row."""

    def __init__(self, capability: str, *more: str, what: str = "") -> None:
        super().__init__(what or capability)
        self.capability = capability
        self.missing: tuple[str, ...] = (capability, *more)
        self.what = what


class FieldDenied(Denied):
    """A field is not in the table: nobody may change it through this door (default deny)."""

    def __init__(self, obj: str, name: str) -> None:
        super().__init__("", what=f"{obj}.{name}")
        self.missing = ()


@dataclass(frozen=True)
class Access:
    """Who is acting, in which tenant, with which rights (design.md §4).

    ``scopes`` and ``tiers`` are per capability. ``object_scopes`` are grants for single folders and codes; they count
    neither in :meth:`can` nor in :meth:`require`, only in :meth:`can_on` and :meth:`may_enter`.
    ``viewed_by`` is the owner who looks with these rights (以此人视角查看): then nothing can be written.
    ``origin`` says from where (an address, a task) for the audit log; ``reason`` why the system acts by itself.
    """

    tenant_id: int
    tenant_slug: str
    member_id: int | None
    user_id: int | None
    display_name: str
    department_id: int | None
    department_ids: frozenset[int]
    scopes: Mapping[str, Scope]
    tiers: Mapping[str, Tier]
    object_scopes: Mapping[str, ObjectScope] = field(default_factory=dict)
    is_owner: bool = False
    viewed_by: int | None = None
    origin: str = ""
    reason: str = ""

    @classmethod
    def system(cls, *, tenant_id: int, tenant_slug: str, reason: str) -> Self:
        """The product acting by itself: everything, with ``reason`` in the audit log. Only for listed modules."""
        return cls(
            tenant_id=tenant_id,
            tenant_slug=tenant_slug,
            member_id=None,
            user_id=None,
            display_name="系统",
            department_id=None,
            department_ids=frozenset(),
            scopes=MappingProxyType(dict.fromkeys(CAPABILITIES, Scope.ALL)),
            tiers=MappingProxyType(dict.fromkeys(CAPABILITIES, Tier.SENSITIVE)),
            origin="system",
            reason=reason,
        )

    @property
    def rights(self) -> Rights:
        """What it all comes to, as the pure rules take it."""
        return Rights(self.scopes, self.tiers, self.object_scopes)

    def can(self, capability: str) -> bool:
        """Whether the capability is held for the tenant, in whatever scope. Raises UnknownCapability."""
        return check(capability) in self.scopes

    def scope(self, capability: str) -> Scope | None:
        """The scope of the capability; None when it is not held. Raises UnknownCapability."""
        return self.scopes.get(check(capability))

    def tier(self, capability: str) -> Tier | None:
        """The tag tier of the capability; None when it is not held. Raises UnknownCapability."""
        return self.tiers.get(check(capability))

    def require(self, capability: str) -> Scope:
        """The scope of the capability. Raises Denied when it is not held, UnknownCapability."""
        scope = self.scope(capability)
        if scope is None:
            raise Denied(capability)
        return scope

    def can_on(self, capability: str, *, folder_ids: Iterable[int] = (), code_id: int | None = None) -> bool:
        """Whether the capability was given for this code or one of the folders above it (scopes are not looked at)."""
        given = self.object_scopes.get(check(capability), ObjectScope())
        return code_id in given.codes or not given.folders.isdisjoint(folder_ids)

    @property
    def needs_second_factor(self) -> bool:
        """Whether nothing opens to this person without a second factor: owners, and who holds ``wecom.manage``."""
        return self.is_owner or "wecom.manage" in self.scopes

    def may_enter(self, capability: str) -> bool:
        """Whether a page behind the capability opens: held for the tenant or for some folder or code."""
        return self.can(capability) or capability in self.object_scopes

    def require_fields(self, obj: str, changed: Iterable[str]) -> None:
        """Refuse the whole save if one changed field is not covered (field_capabilities.csv, default deny).

        Raises FieldDenied for a field that the table does not have, Denied with every capability that misses.
        """
        missing = []
        for name in changed:
            capability = capability_for(obj, name)
            if capability is None:
                raise FieldDenied(obj, name)
            if not self.can(capability) and capability not in missing:
                missing.append(capability)
        if missing:
            raise Denied(*missing, what=obj)


def access_for(user_id: int, tenant: TenantRef, now: datetime, *, origin: str = "") -> Access | None:
    """The rights of a user in the current tenant, from two queries; None: no active member here.

    Only assignments with ``until`` ahead of ``now`` count. Inside the tenant's context.
    """
    rows = _member_rows(user_id, now)
    if not rows:
        return None
    head = rows[0]
    rights = Rights() if head["is_owner"] else combine(holdings(rows))
    everything = head["is_owner"]
    return Access(
        tenant_id=tenant.id,
        tenant_slug=tenant.slug,
        member_id=head["id"],
        user_id=user_id,
        display_name=head["display_name"],
        department_id=head["department_id"],
        department_ids=frozenset(head["below"]),
        scopes=MappingProxyType(dict.fromkeys(CAPABILITIES, Scope.ALL) if everything else dict(rights.scopes)),
        tiers=MappingProxyType(dict.fromkeys(CAPABILITIES, Tier.SENSITIVE) if everything else dict(rights.tiers)),
        object_scopes=MappingProxyType(dict(rights.objects)),
        is_owner=everything,
        origin=origin,
    )


def _member_rows(user_id: int, now: datetime) -> list[dict[str, Any]]:
    """One row per assignment that counts; a member without any is one row with ``group`` None."""
    below = Department.objects.filter(path__startswith=OuterRef("department__path")).values("id")
    ahead = Q(assignments__until__isnull=True) | Q(assignments__until__gt=now)
    return list(
        Member.objects.filter(user_id=user_id, is_active=True, user__is_active=True)
        .annotate(
            held=FilteredRelation("assignments", condition=ahead),
            below=ArraySubquery(below),
            group=F("held__bundle__group_id"),
            capabilities=F("held__bundle__capabilities"),
            scope=Coalesce(NullIf("held__scope", Value("")), "held__bundle__scope"),
            tier=Coalesce(NullIf("held__tier", Value("")), "held__bundle__tier"),
            target=F("held__target"),
            target_id=F("held__target_id"),
        )
        .values(
            "id", "is_owner", "display_name", "department_id", "below",
            "group", "capabilities", "scope", "tier", "target", "target_id",
        )
    )  # fmt: skip
