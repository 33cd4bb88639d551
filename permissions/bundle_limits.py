"""Who may put what into a custom bundle. Pure: nothing read, nothing written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from permissions.rules import Scope, Tier
from permissions.wording import TIERED


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
