"""Decisions about tags: where a tag stands in WeCom, who may see it, when a refused mark is tried again. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from permissions.rules import Tier
from wecom.errors import Action

NAME_LENGTH = 30
LEVELS = 3
# Waits after the 1st, 2nd, … failed attempt; after the last one a person has to look. Together 31 h and 12 min.
BACKOFF = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)
# What a new attempt can mend: trouble on the way, settings that somebody corrects, a tag that was deleted over there.
_MENDABLE = frozenset(
    {
        Action.RETRY,
        Action.REFRESH,
        Action.WAIT,
        Action.SERIALISE,
        Action.CONFIG,
        Action.ADMIN,
        Action.RESYNC,
        Action.LICENCE,
        Action.QUOTA,
        Action.AUTHORISE,
    }
)

STARTER_TREE: tuple[tuple[str, Tier, tuple[str, ...]], ...] = (
    ("性别", Tier.BASIC, ("男", "女", "未知")),
    ("地区", Tier.BASIC, ("华东", "华南", "华北", "华中", "西南", "西北", "东北", "未知")),
    ("渠道来源", Tier.STANDARD, ("未知",)),
    ("消费偏好", Tier.STANDARD, ("价格优先", "品质优先", "服务优先", "未知")),
    ("高净值客户", Tier.SENSITIVE, ()),
    ("投诉预警", Tier.SENSITIVE, ()),
)
CHANNEL_ROOT = "渠道来源"


def wecom_place(path: Sequence[str]) -> tuple[str, str]:
    """``(group name, tag name)`` in WeCom, which has two levels where we have three; each at most 30 characters.

    One level: a group of its own name; three: the group is named by the first two, 地区-华东.
    """
    *above, name = path
    return "-".join(above)[:NAME_LENGTH] or name, name


def wait_after(attempts: int, action: Action) -> timedelta | None:
    """How long to wait after the ``attempts``-th attempt failed with ``action``; None: don't try again."""
    if action not in _MENDABLE or not 1 <= attempts <= len(BACKOFF):
        return None
    return BACKOFF[attempts - 1]


def covers(held: Tier | None, tier: str) -> bool:
    """Whether somebody whose tier is ``held`` sees and applies a tag of ``tier``; without a tier nothing."""
    return held is not None and held.covers(Tier(tier))


def child_tier(wanted: Tier, parent: Tier) -> Tier:
    """A tag's tier below ``parent``: never lower, or a sensitive branch would show its leaves."""
    return max(wanted, parent, key=lambda tier: tier.width)


class TagRefused(Exception):
    """A change of tags that the rules don't allow; ``message`` is for people, ``field`` is where a form shows it."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
