"""Who may hand out which bundle, and put what into a custom one. Pure: nothing read, nothing written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from permissions.capabilities import GUARDED
from permissions.rules import Rights, Scope, Tier
from permissions.wording import TIERED


@dataclass(frozen=True)
class Terms:
    """A bundle as it is to be handed out. ``scope``, ``tier``: those that would count; ``own_tier``: the bundle's."""

    builtin: bool
    capabilities: frozenset[str]
    scope: Scope
    tier: Tier
    own_tier: Tier


def lacking(
    scopes: Mapping[str, Scope], tiers: Mapping[str, Tier], capabilities: Iterable[str], scope: Scope, tier: Tier
) -> frozenset[str]:
    """Which of a custom bundle's capabilities somebody lacks, in that scope and tier (product.md §5.3, §5.6).

    Scope and tier are kept per capability: who holds one for their department can't put it into a bundle for all.
    """
    return frozenset(
        name
        for name in capabilities
        if name not in scopes or scopes[name].width < scope.width or (name in TIERED and not tiers[name].covers(tier))
    )


def lacking_to_give(giver: Rights, terms: Terms) -> frozenset[str]:
    """Which capabilities the giver would have to hold, or hold further, to hand the bundle out so (product.md §5.6).

    Of a custom bundle all that is in it, of a built-in one what is guarded, in the scope and tier in which it would
    count; and ``members.manage`` as far as the bundle would reach, and as high as its tier was raised: who manages a
    department makes nobody see the whole company.
    """
    needed = terms.capabilities & GUARDED if terms.builtin else terms.capabilities
    lacks = lacking(giver.scopes, giver.tiers, needed, terms.scope, terms.tier)
    manages = giver.scopes.get("members.manage")
    raised = terms.tier if terms.tier.width > terms.own_tier.width else Tier.BASIC
    if manages is None or manages.width < terms.scope.width or not giver.tiers["members.manage"].covers(raised):
        lacks |= {"members.manage"}
    return lacks
