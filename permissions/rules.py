"""Decisions about rights as pure functions: no Django, nothing read, nothing written."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
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


# A bundle as somebody holds it: its key, and on what.
Place = tuple[str, Target, int | None]


@dataclass(frozen=True)
class Give:
    """One bundle to be given. ``until``: exclusive end; ``scope`` and ``tier`` replace the bundle's own when set."""

    key: str
    target: Target = Target.TENANT
    target_id: int | None = None
    until: datetime | None = None
    scope: Scope | None = None
    tier: Tier | None = None

    @property
    def place(self) -> Place:
        """What an assignment is known by."""
        return self.key, self.target, self.target_id


@dataclass(frozen=True)
class Plan:
    """What is to be given to and taken from each of some members."""

    give: tuple[Give, ...] = ()
    take: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Difference:
    """What becomes of somebody's rights, by capability; what changes both ways is ``widened`` and ``narrowed``."""

    gained: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()
    widened: frozenset[str] = frozenset()
    narrowed: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether anything changes at all."""
        return bool(self.gained or self.lost or self.widened or self.narrowed)


def everything(capabilities: Iterable[str]) -> Rights:
    """What an owner may do (product.md §5.2)."""
    names = list(capabilities)
    return Rights(dict.fromkeys(names, Scope.ALL), dict.fromkeys(names, Tier.SENSITIVE))


def preview(before: Rights, after: Rights, *, tiered: Container[str]) -> Difference:
    """What somebody gains and loses, and what of the rest reaches further or less far (product.md §5.1).

    ``tiered``: the capabilities for which the tag tier counts. Single folders and codes add nothing to scope *all*.
    """
    names = {*before.scopes, *before.objects}, {*after.scopes, *after.objects}
    stay = names[0] & names[1]
    return Difference(
        gained=frozenset(names[1] - names[0]),
        lost=frozenset(names[0] - names[1]),
        widened=frozenset(name for name in stay if _grows(before, after, name, tiered)),
        narrowed=frozenset(name for name in stay if _grows(after, before, name, tiered)),
    )


def _grows(old: Rights, new: Rights, name: str, tiered: Container[str]) -> bool:
    """Whether ``new`` reaches something with this capability that ``old`` does not."""
    was, is_now = old.scopes.get(name), new.scopes.get(name)
    if _width(is_now) > _width(was):
        return True
    if name in tiered and name in new.tiers:
        before = old.tiers.get(name)
        if before is None or new.tiers[name].width > before.width:
            return True
    if was is Scope.ALL:
        return False
    had, has = old.objects.get(name, ObjectScope()), new.objects.get(name, ObjectScope())
    return not (has.folders <= had.folders and has.codes <= had.codes)


def _width(scope: Scope | None) -> int:
    return -1 if scope is None else scope.width
