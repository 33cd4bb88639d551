"""Decisions about rights as pure functions: no Django, nothing read, nothing written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Scope(StrEnum):
    """Whose data a capability reaches (product.md §5.3), from narrow to wide."""

    OWN = "own"
    DEPARTMENT = "department"
    ALL = "all"

    @property
    def width(self) -> int:
        """0 own, 1 department and below, 2 all."""
        return list(Scope).index(self)


class Tier(StrEnum):
    """Up to which tier tags are seen and applied (product.md §3.3), from low to high."""

    BASIC = "basic"
    STANDARD = "standard"
    SENSITIVE = "sensitive"

    @property
    def width(self) -> int:
        """0 basic 基础, 1 standard 常规, 2 sensitive 敏感."""
        return list(Tier).index(self)

    def covers(self, other: Tier) -> bool:
        """Whether somebody with this tier sees a tag of ``other``."""
        return self.width >= other.width


class Target(StrEnum):
    """What a bundle was given for: the whole tenant, one folder or one code."""

    TENANT = "tenant"
    FOLDER = "folder"
    CODE = "code"


@dataclass(frozen=True)
class Holding:
    """One assignment that counts now. ``capabilities``: what the bundle *and* its projection in guardian name."""

    capabilities: frozenset[str]
    scope: Scope
    tier: Tier
    target: Target = Target.TENANT
    target_id: int | None = None


@dataclass(frozen=True)
class ObjectScope:
    """The single folders and codes for which a capability was given."""

    folders: frozenset[int] = frozenset()
    codes: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Rights:
    """What several holdings come to, per capability."""

    scopes: Mapping[str, Scope] = field(default_factory=dict)
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    objects: Mapping[str, ObjectScope] = field(default_factory=dict)


def combine(holdings: Iterable[Holding]) -> Rights:
    """The widest scope and tier of each capability *among the holdings that have that capability*.

    活动运营 (department) with 数据分析 (all) edits its department and no more: scopes of one bundle never widen
    another's (product.md §5.3). Holdings for one folder or code stay apart and widen no scope.
    """
    scopes: dict[str, Scope] = {}
    tiers: dict[str, Tier] = {}
    folders: dict[str, set[int]] = {}
    codes: dict[str, set[int]] = {}
    for holding in holdings:
        for capability in holding.capabilities:
            if holding.target is not Target.TENANT:
                if holding.target_id is not None:
                    place = folders if holding.target is Target.FOLDER else codes
                    place.setdefault(capability, set()).add(holding.target_id)
                continue
            scopes[capability] = max(scopes.get(capability, Scope.OWN), holding.scope, key=lambda s: s.width)
            tiers[capability] = max(tiers.get(capability, Tier.BASIC), holding.tier, key=lambda t: t.width)
    objects = {
        name: ObjectScope(frozenset(folders.get(name, ())), frozenset(codes.get(name, ())))
        for name in folders.keys() | codes.keys()
    }
    return Rights(scopes, tiers, objects)


def refused_bundles(
    wanted: Mapping[str, tuple[bool, frozenset[str]]], held: frozenset[str], guarded: frozenset[str]
) -> dict[str, frozenset[str]]:
    """Which of ``wanted`` (key → (builtin, capabilities)) may not be handed out, with the capabilities that miss.

    Built-in bundles need what is in ``guarded``; custom ones need all that they contain (product.md §5.6).
    """
    refused = {}
    for key, (builtin, capabilities) in wanted.items():
        needed = capabilities & guarded if builtin else capabilities
        if missing := needed - held:
            refused[key] = missing
    return refused
