"""Tag tiers in the audit log: a sensitive tag's name stays hidden there, too, from whoever may not see the tag.

Tags that something carries are kept in one field per tier (``tags_sensitive``); a tag's own entries carry its tier.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from permissions.rules import Tier

if TYPE_CHECKING:
    from permissions.access import Access

TIER_FIELD = "tier"
_SEEING = ("audit.view", "codes.view", "customers.view", "tags.apply", "tags.manage")


def tags_field(tier: Tier) -> str:
    """The field of an audit entry that holds the names of this tier's tags."""
    return f"tags_{tier}"


def tiers_seen(access: Access, capabilities: Iterable[str] = _SEEING) -> frozenset[Tier]:
    """The tiers of which the member sees tags: up to the highest of the capabilities that they hold."""
    held = [tier for tier in map(access.tier, capabilities) if tier is not None]
    return frozenset(tier for tier in Tier if any(one.covers(tier) for one in held))


def hidden_fields(access: Access) -> frozenset[str]:
    """The fields of audit entries that hold names of tags above the member's tier."""
    return frozenset(tags_field(tier) for tier in Tier) - {tags_field(tier) for tier in tiers_seen(access)}
