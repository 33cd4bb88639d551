"""What members hold, what may be handed out, and what a change would bring each of them. Inside a tenant's context."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Coalesce, NullIf

from permissions.access import Access
from permissions.bundle_limits import Terms, lacking_to_give
from permissions.capabilities import CAPABILITIES, LABELS, ON_CODES, OWNER_BUNDLE
from permissions.grants import target_names
from permissions.holdings import holdings
from permissions.models import BundleAssignment, Member, RoleBundle
from permissions.rules import (
    Difference,
    Give,
    Holding,
    Place,
    Plan,
    Rights,
    Scope,
    Target,
    Tier,
    combine,
    everything,
    preview,
)
from permissions.selectors.reach import members_within
from permissions.wording import SCOPE_WORDS, TIERED

OWN_REFUSED = "不能修改自己的角色权限包"
LAST_OWNER = "企业至少要保留一位超级管理员"


@dataclass(frozen=True)
class Held:
    """One bundle as a member holds it. ``scope`` and ``tier`` are those that count; ``ended``: gives nothing more."""

    id: int
    member_id: int
    key: str
    name: str
    target: Target
    target_id: int | None
    target_name: str
    scope: Scope
    tier: Tier
    until: datetime | None
    ended: bool
    given_by: str
    given_at: datetime

    @property
    def place(self) -> Place:
        """What the assignment is known by."""
        return self.key, self.target, self.target_id

    @property
    def last_moment(self) -> datetime | None:
        """The last second in which it counts: its day is the one that people were told."""
        return None if self.until is None else self.until - timedelta(seconds=1)


@dataclass(frozen=True)
class Offer:
    """A bundle as a choice of whoever hands out.

    ``lacks``: what the giver would need to hold to give it as it is, in words; ``lacks_narrowed``: to give it in the
    narrowest scope and the lowest tier. Both are empty for who may.
    """

    key: str
    name: str
    builtin: bool
    scope: Scope
    tier: Tier
    capabilities: tuple[str, ...]
    lacks: str
    lacks_narrowed: str


@dataclass(frozen=True)
class MemberPreview:
    """What a plan brings one member.

    ``refused`` says why nothing is changed for them; ``no_department``: what is given goes by a department, and they
    are in none.
    """

    member_id: int
    name: str
    is_active: bool
    before: Rights
    after: Rights
    difference: Difference
    refused: str = ""
    no_department: bool = False


def held_by(member_ids: Iterable[int], *, now: datetime) -> dict[int, list[Held]]:
    """What these members hold, also what has ended, by member; at most three queries."""
    rows = list(
        BundleAssignment.objects.filter(member__in=set(member_ids))
        .select_related("bundle", "given_by")
        .order_by("bundle_id", "id")
    )
    names: dict[tuple[str, int], str] = {}
    for target in (Target.FOLDER, Target.CODE):
        ids = {row.target_id for row in rows if row.target == target and row.target_id is not None}
        names |= {(target, pk): name for pk, name in target_names(target, ids).items()} if ids else {}
    found: dict[int, list[Held]] = {}
    for row in rows:
        found.setdefault(row.member_id, []).append(
            Held(
                id=row.pk,
                member_id=row.member_id,
                key=row.bundle.key,
                name=row.bundle.name,
                target=Target(row.target),
                target_id=row.target_id,
                target_name=names.get((row.target, row.target_id or 0), ""),
                scope=Scope(row.scope or row.bundle.scope),
                tier=Tier(row.tier or row.bundle.tier),
                until=row.until,
                ended=row.until is not None and row.until <= now,
                given_by=row.given_by.display_name if row.given_by else "系统",
                given_at=row.given_at,
            )
        )
    return found


def rights_of(member: int, *, is_owner: bool, now: datetime) -> Rights:
    """What a member's bundles add up to now; an owner's are everything."""
    return everything(CAPABILITIES) if is_owner else combine(_holdings([member], now).get(member, {}).values())


def bundle_offers(access: Access) -> list[Offer]:
    """All bundles, built-in ones first, each with what the giver lacks to hand it out (product.md §5.6); one query."""
    rows = list(RoleBundle.objects.exclude(capabilities=[]).order_by("-builtin", "id"))
    return [
        Offer(
            key=row.key,
            name=row.name,
            builtin=row.builtin,
            scope=Scope(row.scope),
            tier=Tier(row.tier),
            capabilities=tuple(name for name in CAPABILITIES if name in row.capabilities),
            lacks=lack_words(access, row, Give(row.key)),
            lacks_narrowed=lack_words(access, row, narrowest(row.key)),
        )
        for row in rows
    ]


def narrowest(key: str) -> Give:
    """The bundle in the narrowest scope and the lowest tier: what can't be given so can't be given, nor taken."""
    return Give(key, scope=Scope.OWN, tier=Tier.BASIC)


def lacking_for(access: Access, bundle: RoleBundle, give: Give) -> frozenset[str]:
    """Which capabilities the giver would have to hold, or hold further, for this (product.md §5.6).

    A folder or a code can lie in any department: who gives for one needs it all for the whole company.
    """
    terms = Terms(
        builtin=bundle.builtin,
        capabilities=frozenset(bundle.capabilities),
        scope=(give.scope or Scope(bundle.scope)) if give.target is Target.TENANT else Scope.ALL,
        tier=give.tier or Tier(bundle.tier),
        own_tier=Tier(bundle.tier),
    )
    return lacking_to_give(access.rights, terms)


def lack_words(access: Access, bundle: RoleBundle, give: Give) -> str:
    """What the giver lacks for this, in words; of what is held but not far enough the reach that it would take."""
    lacks = lacking_for(access, bundle, give)
    scope = (give.scope or Scope(bundle.scope)) if give.target is Target.TENANT else Scope.ALL
    return "、".join(
        LABELS[name] + (f"（{SCOPE_WORDS[scope]}）" if access.can(name) else "")
        for name in CAPABILITIES
        if name in lacks
    )


def refusals(access: Access, plan: Plan) -> list[str]:
    """Why the giver may not do what is planned, a line for each bundle; one query.

    A bundle that is gone is named by its key.
    """
    gives = [*plan.give, *(narrowest(key) for key, _, _ in plan.take)]
    rows = {row.key: row for row in RoleBundle.objects.filter(key__in={give.key for give in gives})}
    found = []
    for give in gives:
        row = rows.get(give.key)
        if row is None:
            found.append(f"{give.key}，已不存在")
        elif lacks := lack_words(access, row, give):
            found.append(f"{row.name}，您需先拥有：{lacks}")
    return list(dict.fromkeys(found))


def members_preview(access: Access, member_ids: Iterable[int], plan: Plan, *, now: datetime) -> list[MemberPreview]:
    """What the plan brings each member, by name; unknown ids and those out of reach are left out. Writes nothing.

    Raises Denied without ``members.manage``.
    """
    members = list(members_within(access).filter(pk__in=set(member_ids)).order_by("display_name", "id"))
    held = _holdings([member.pk for member in members], now)
    bundles = {row.key: row for row in RoleBundle.objects.filter(key__in=[give.key for give in plan.give])}
    acting = Member.objects.filter(is_owner=True, is_active=True, user__is_active=True)
    owners = set(acting.values_list("id", flat=True))
    leaving = {member.pk for member in members} if OWNER_BUNDLE in {key for key, _, _ in plan.take} else set()
    last = bool(owners) and owners <= leaving - {access.member_id}
    found = []
    for member in members:
        refused = ""
        if member.pk == access.member_id:
            refused = OWN_REFUSED
        elif last and member.pk in owners:
            refused = LAST_OWNER
        found.append(_previewed(member, held.get(member.pk, {}), Plan() if refused else plan, bundles, now, refused))
    return found


def _previewed(
    member: Member,
    held: Mapping[Place, Holding],
    plan: Plan,
    bundles: Mapping[str, RoleBundle],
    now: datetime,
    refused: str,
) -> MemberPreview:
    after = {place: holding for place, holding in held.items() if place not in plan.take}
    for give in plan.give:
        after.pop(give.place, None)
        if give.until is None or give.until > now:
            after[give.place] = _holding(give, bundles[give.key])
    taken = (OWNER_BUNDLE, Target.TENANT, None) in plan.take
    owns = any(give.key == OWNER_BUNDLE for give in plan.give) or (member.is_owner and not taken)
    was = everything(CAPABILITIES) if member.is_owner else combine(held.values())
    will = everything(CAPABILITIES) if owns else combine(after.values())
    scopes = {after[give.place].scope for give in plan.give if give.place in after and give.target is Target.TENANT}
    return MemberPreview(
        member.pk,
        member.display_name,
        member.is_active,
        was,
        will,
        preview(was, will, tiered=TIERED),
        refused,
        no_department=member.department_id is None and Scope.DEPARTMENT in scopes,
    )


def _holding(give: Give, bundle: RoleBundle) -> Holding:
    """What the bundle would give when handed out so."""
    names = frozenset(bundle.capabilities)
    return Holding(
        capabilities=names if give.target is Target.TENANT else names & ON_CODES,
        scope=give.scope or Scope(bundle.scope),
        tier=give.tier or Tier(bundle.tier),
        target=give.target,
        target_id=give.target_id,
    )


def _holdings(member_ids: Iterable[int], now: datetime) -> dict[int, dict[Place, Holding]]:
    """What counts now, by member and assignment; two queries."""
    rows: list[dict[str, Any]] = list(
        BundleAssignment.objects.filter(member__in=set(member_ids))
        .exclude(until__lte=now)
        .annotate(
            key=F("bundle__key"),
            group=F("bundle__group_id"),
            capabilities=F("bundle__capabilities"),
            reach=Coalesce(NullIf("scope", Value("")), "bundle__scope"),
            height=Coalesce(NullIf("tier", Value("")), "bundle__tier"),
        )
        .values("member_id", "key", "group", "capabilities", "reach", "height", "target", "target_id")
    )
    plain = [row | {"scope": row["reach"], "tier": row["height"]} for row in rows]
    found: dict[int, dict[Place, Holding]] = {}
    for row, holding in zip(rows, holdings(plain), strict=True):
        found.setdefault(row["member_id"], {})[row["key"], holding.target, holding.target_id] = holding
    return found
