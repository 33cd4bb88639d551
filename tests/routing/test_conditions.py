"""Conditions by the sentences of product.md §2.7: each criterion, all of those named, the first match wins."""

from __future__ import annotations

from typing import Any

import pytest

from routing.rules.conditions import (
    Region,
    Visitor,
    compiled,
    condition_from_json,
    condition_to_json,
    matching,
)
from routing.rules.hours import hours_checked
from tests.routing.walks import AT, clock, condition

EVENING = hours_checked([[(1080, 1440)]] * 5 + [[]] * 3)
SHANGHAI, SHENZHEN = Region("上海", "上海"), Region("广东", "深圳")


@pytest.mark.parametrize(
    ("criteria", "visitor", "holds"),
    [
        ({"regions": frozenset({"广东"})}, Visitor(region=SHENZHEN), True),
        ({"regions": frozenset({"深圳", "北京"})}, Visitor(region=SHENZHEN), True),
        ({"regions": frozenset({"广东"})}, Visitor(region=SHANGHAI), False),
        ({"regions": frozenset({"广东"})}, Visitor(), False),
        ({"subs": frozenset({"poster12", "poster13"})}, Visitor("poster13"), True),
        ({"subs": frozenset({"poster12"})}, Visitor(), False),
        ({"returning": True}, Visitor(returning=True), True),
        ({"returning": True}, Visitor(), False),
        ({"returning": False}, Visitor(), True),
        ({"returning": False}, Visitor(returning=True), False),
        ({}, Visitor(), True),
        ({"regions": frozenset({"广东"}), "subs": frozenset({"a"})}, Visitor("a", False, SHENZHEN), True),
        ({"regions": frozenset({"广东"}), "subs": frozenset({"a"})}, Visitor("b", False, SHENZHEN), False),
    ],
)
def test_a_condition_holds_when_each_criterion_it_names_does(
    criteria: dict[str, Any], visitor: Visitor, holds: bool
) -> None:
    assert condition(1, {1}, **criteria).holds(AT, visitor) is holds


@pytest.mark.parametrize(("time", "holds"), [("17:59", False), ("18:00", True), ("23:59", True)])
def test_a_condition_may_ask_for_weekday_and_hour(time: str, holds: bool) -> None:
    assert condition(1, {1}, hours=EVENING).holds(clock("2027-01-15", time), Visitor()) is holds
    assert not condition(1, {1}, hours=EVENING).holds(clock("2027-01-16", time), Visitor())


def test_the_first_match_wins_and_without_one_there_is_none() -> None:
    ordered = [condition(3, {1}, subs=frozenset({"a"})), condition(1, {2}, subs=frozenset({"a", "b"}))]
    assert matching(ordered, AT, Visitor("a")) == ordered[0]
    assert matching(ordered, AT, Visitor("b")) == ordered[1]
    assert matching(ordered, AT, Visitor("c")) is None


def test_people_and_groups_of_a_stored_condition_become_seats() -> None:
    raw = {"key": 3, "name": "晚间", "regions": ["上海"], "hours": {"0": [[540, 1080]]}, "subs": ["p"],
           "visitor": "new", "staff": [7], "groups": [2]}  # fmt: skip
    asked: list[Any] = []

    def seats_of(staff: Any, groups: Any) -> list[int]:
        asked.append((list(staff), list(groups)))
        return [11, 12]

    made = compiled(raw, seats_of)
    assert asked == [([7], [2])]
    assert (made.key, made.name, made.seats, made.returning) == (3, "晚间", (11, 12), False)
    assert made.hours == hours_checked([[(540, 1080)], *[[]] * 7])
    assert condition_from_json(condition_to_json(made)) == made


@pytest.mark.parametrize(("visitor", "returning"), [("", None), ("new", False), ("returning", True)])
def test_new_or_returning_or_both(visitor: str, returning: bool | None) -> None:
    assert compiled({"key": 1, "visitor": visitor}, lambda *_: []).returning is returning
