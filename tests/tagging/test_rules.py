"""Where a tag stands in WeCom, who sees it, when a refused mark is tried again (product.md §3.3)."""

from datetime import timedelta

import pytest

from permissions.access import Tier
from tagging.models import Tag
from tagging.rules import BACKOFF, STARTER_TREE, child_tier, covers, wait_after, wecom_place
from wecom.errors import Action


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("高净值客户",), ("高净值客户", "高净值客户")),
        (("渠道来源", "地铁广告"), ("渠道来源", "地铁广告")),
        (("地区", "华东", "上海"), ("地区-华东", "上海")),
        (("很" * 20, "长" * 20, "的"), (("很" * 20 + "-" + "长" * 9), "的")),
    ],
)
def test_three_levels_become_wecoms_two(path: tuple[str, ...], place: tuple[str, str]) -> None:
    assert wecom_place(path) == place
    assert all(len(part) <= 30 for part in wecom_place(path))


def test_waits_grow_and_end() -> None:
    waits = [wait_after(attempt, Action.RETRY) for attempt in range(1, 8)]
    assert waits == [*BACKOFF, None]
    assert sum(BACKOFF, timedelta()) == timedelta(hours=31, minutes=12, seconds=30)


@pytest.mark.parametrize("action", [Action.SKIP, Action.DROP, Action.FIX, Action.FINAL, Action.UNKNOWN])
def test_what_no_attempt_can_mend_is_not_tried_again(action: Action) -> None:
    assert wait_after(1, action) is None


@pytest.mark.parametrize(
    ("held", "seen"),
    [
        (None, set()),
        (Tier.BASIC, {"basic"}),
        (Tier.STANDARD, {"basic", "standard"}),
        (Tier.SENSITIVE, {"basic", "standard", "sensitive"}),
    ],
)
def test_a_tier_covers_itself_and_what_is_below(held: Tier | None, seen: set[str]) -> None:
    assert {tier for tier in Tag.Tier.values if covers(held, tier)} == seen


def test_a_child_is_never_below_its_parents_tier() -> None:
    assert child_tier(Tier.BASIC, Tier.SENSITIVE) is Tier.SENSITIVE
    assert child_tier(Tier.SENSITIVE, Tier.BASIC) is Tier.SENSITIVE


def test_the_starter_tree_is_the_specifications() -> None:
    by_tier: dict[Tier, list[str]] = {}
    for name, tier, _ in STARTER_TREE:
        by_tier.setdefault(tier, []).append(name)
    assert by_tier == {
        Tier.BASIC: ["性别", "地区"],
        Tier.STANDARD: ["渠道来源", "消费偏好"],
        Tier.SENSITIVE: ["高净值客户", "投诉预警"],
    }
    assert set(Tag.Tier.values) == set(Tier)
