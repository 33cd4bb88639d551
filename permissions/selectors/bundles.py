"""Reading about role bundles: what each opens, who holds it, its versions, and what a change would do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from permissions.access import Access, Denied
from permissions.bundle_limits import lacking
from permissions.capabilities import CAPABILITIES, LABELS, ON_CODES
from permissions.models import BundleAssignment, BundleVersion, RoleBundle
from permissions.rules import Holding, Rights, Scope, Target, Tier, combine, preview
from permissions.wording import TIERED, reach_text

VERSIONS = 20


@dataclass(frozen=True)
class BundleCard:
    """A role bundle with those who hold it now. ``off``: a custom bundle that was taken out of use.

    ``lacks``: what the viewer does not hold of it, in its scope and tier; ``own``: the viewer holds it and is no owner.
    """

    id: int
    key: str
    name: str
    builtin: bool
    version: int
    capabilities: frozenset[str]
    scope: Scope
    tier: Tier
    holders: tuple[str, ...]
    lacks: frozenset[str]
    own: bool

    @property
    def off(self) -> bool:
        """Whether it gives nothing and can be given to nobody."""
        return not self.builtin and not self.capabilities

    @property
    def changeable(self) -> bool:
        """Whether the viewer may change it, if they hold ``bundles.manage`` (product.md §5.6)."""
        return not self.builtin and not self.lacks and not self.own


@dataclass(frozen=True)
class BundleVersionRow:
    """One version of a custom bundle and what it changed against the one before."""

    version: int
    name: str
    who: str
    at: datetime
    scope: Scope
    tier: Tier
    capabilities: frozenset[str]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    renamed_from: str
    scope_from: str
    tier_from: str
    first: bool
    current: bool

    @property
    def off(self) -> bool:
        """Whether the bundle was out of use in this version."""
        return not self.capabilities


@dataclass(frozen=True)
class Effect:
    """What a change does to somebody, over all that they hold, in words; another bundle may give what one takes."""

    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    widened: tuple[str, ...] = ()
    narrowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class EffectGroup:
    """Members to whom a change does the same."""

    names: tuple[str, ...]
    effect: Effect


def bundles_list(access: Access, *, now: datetime) -> list[BundleCard]:
    """All bundles: the built-in ones in the table's order, then custom ones, those out of use last. Two queries.

    Raises Denied without ``members.manage`` or ``bundles.manage``.
    """
    _may_see(access)
    rows = list(RoleBundle.objects.order_by("-builtin", "id"))
    holders = _holders(now)
    cards = [_card(access, row, holders.get(row.pk, [])) for row in rows]
    return sorted(cards, key=lambda card: card.off)


def bundle_card(access: Access, bundle_id: int, *, now: datetime) -> BundleCard | None:
    """One bundle; None when the tenant has none with that id. Raises as :func:`bundles_list`."""
    _may_see(access)
    row: RoleBundle | None = RoleBundle.objects.filter(pk=bundle_id).first()
    return _card(access, row, _holders(now, bundle_id).get(row.pk, [])) if row is not None else None


def bundle_versions(access: Access, bundle_id: int, *, before: int | None = None) -> list[BundleVersionRow]:
    """The latest versions of a custom bundle below ``before``, newest first, at most :data:`VERSIONS`.

    Raises Denied without ``members.manage`` or ``bundles.manage``.
    """
    _may_see(access)
    rows = BundleVersion.objects.filter(bundle_id=bundle_id).select_related("changed_by", "bundle").order_by("-version")
    if before is not None:
        rows = rows.filter(version__lt=before)
    # One more than shown: the last one shown is compared with it.
    kept = list(rows[: VERSIONS + 1])
    pairs = zip(kept, [*kept[1:], None], strict=True)
    return [_version_row(row, older) for row, older in list(pairs)[:VERSIONS]]


def bundle_effects(
    access: Access, bundle_id: int, *, capabilities: frozenset[str], scope: Scope, tier: Tier, now: datetime
) -> list[EffectGroup]:
    """What everybody who holds the bundle would gain and lose, members with the same effect together; owners lose
    nothing. Two queries. Raises Denied without ``bundles.manage``.
    """
    access.require("bundles.manage")
    holding = BundleAssignment.objects.filter(_counts(now), bundle_id=bundle_id, member__is_active=True)
    members = set(holding.exclude(member__is_owner=True).values_list("member_id", flat=True))
    held = BundleAssignment.objects.filter(_counts(now), member_id__in=members)
    before: dict[int, list[Holding]] = {}
    after: dict[int, list[Holding]] = {}
    names: dict[int, str] = {}
    for row in held.select_related("bundle", "member").order_by("member_id", "id"):
        now_held = _holding(row, frozenset(row.bundle.capabilities), Scope(row.bundle.scope), Tier(row.bundle.tier))
        changed = row.bundle_id == bundle_id
        names[row.member_id] = row.member.display_name
        before.setdefault(row.member_id, []).append(now_held)
        after.setdefault(row.member_id, []).append(_holding(row, capabilities, scope, tier) if changed else now_held)
    groups: dict[Effect, list[str]] = {}
    for member_id, name in names.items():
        effect = _effect(combine(before[member_id]), combine(after[member_id]))
        if effect != Effect():
            groups.setdefault(effect, []).append(name)
    return [EffectGroup(tuple(people), effect) for effect, people in groups.items()]


def _effect(before: Rights, after: Rights) -> Effect:
    difference = preview(before, after, tiered=TIERED)

    def changed(names: frozenset[str]) -> tuple[str, ...]:
        return tuple(
            f"{LABELS[name]}（{reach_text(before, name)} → {reach_text(after, name)}）"
            for name in CAPABILITIES
            if name in names and reach_text(before, name) != reach_text(after, name)
        )

    return Effect(
        gained=tuple(LABELS[name] for name in CAPABILITIES if name in difference.gained),
        lost=tuple(LABELS[name] for name in CAPABILITIES if name in difference.lost),
        widened=changed(difference.widened),
        narrowed=changed(difference.narrowed),
    )


def _holding(row: BundleAssignment, capabilities: frozenset[str], scope: Scope, tier: Tier) -> Holding:
    if row.target != Target.TENANT:
        capabilities &= ON_CODES
    own_scope = Scope(row.scope) if row.scope else scope
    own_tier = Tier(row.tier) if row.tier else tier
    return Holding(capabilities, own_scope, own_tier, Target(row.target), row.target_id)


def _may_see(access: Access) -> None:
    if not access.can("members.manage") and not access.can("bundles.manage"):
        raise Denied("members.manage")


def _holders(now: datetime, bundle_id: int | None = None) -> dict[int, list[tuple[int, str]]]:
    rows = BundleAssignment.objects.filter(_counts(now), member__is_active=True)
    if bundle_id is not None:
        rows = rows.filter(bundle_id=bundle_id)
    holders: dict[int, list[tuple[int, str]]] = {}
    for bundle, member_id, name in rows.order_by("id").values_list("bundle_id", "member_id", "member__display_name"):
        people = holders.setdefault(bundle, [])
        if (member_id, name) not in people:
            people.append((member_id, name))
    return holders


def _card(access: Access, row: RoleBundle, holders: Iterable[tuple[int, str]]) -> BundleCard:
    scope, tier, capabilities = Scope(row.scope), Tier(row.tier), frozenset(row.capabilities)
    people = list(holders)
    return BundleCard(
        id=row.pk,
        key=row.key,
        name=row.name,
        builtin=row.builtin,
        version=row.version,
        capabilities=capabilities,
        scope=scope,
        tier=tier,
        holders=tuple(name for _, name in people),
        lacks=lacking(access.scopes, access.tiers, capabilities, scope, tier),
        own=not access.is_owner and access.member_id in [member_id for member_id, _ in people],
    )


def _version_row(row: BundleVersion, older: BundleVersion | None) -> BundleVersionRow:
    capabilities = frozenset(row.capabilities)
    earlier = frozenset(older.capabilities) if older else capabilities
    return BundleVersionRow(
        version=row.version,
        name=row.name,
        who=row.changed_by.display_name if row.changed_by else "系统",
        at=row.changed_at,
        scope=Scope(row.scope),
        tier=Tier(row.tier),
        capabilities=capabilities,
        added=tuple(sorted(capabilities - earlier)),
        removed=tuple(sorted(earlier - capabilities)),
        renamed_from=older.name if older and older.name != row.name else "",
        scope_from=older.scope if older and older.scope != row.scope else "",
        tier_from=older.tier if older and older.tier != row.tier else "",
        first=older is None,
        current=row.version == row.bundle.version,
    )


def _counts(now: datetime) -> Q:
    return Q(until__isnull=True) | Q(until__gt=now)
