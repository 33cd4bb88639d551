"""The stored snapshot: golden files of each schema, and what can't be read says so (docs/snapshot.md)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from routing.rules.conditions import Condition
from routing.rules.hours import hours_checked
from routing.rules.snapshot import SCHEMA, SeatPlan, Snapshot, SnapshotUnreadable, from_json, to_json

HERE = Path(__file__).parent
FIRST = Snapshot(
    code_id=17,
    version=4,
    roster=(SeatPlan(1, 101, 1, None, 1, None), SeatPlan(2, 102, 2, 30, 5, 1_800_000_000.0)),
    backups=(SeatPlan(3, 103, 1),),
    duty=SeatPlan(4, 104, 1),
    overflow=False,
    pending_seconds=900,
    sticky_seconds=3600,
    schema=1,
)
OFFICE = hours_checked([[(540, 1080)]] * 5 + [[]] * 3)
NIGHT = hours_checked([*[[]] * 4, [(1320, 360)], [], [], [(600, 720)]])
SECOND = replace(
    FIRST,
    roster=(FIRST.roster[0], replace(FIRST.roster[1], hours=NIGHT)),
    strategy="weighted",
    turns_count="adds",
    peak_window=300,
    hours=OFFICE,
    conditions=(
        Condition(3, "晚间", (2,), hours=NIGHT),
        Condition(1, "上海海报", (1, 2), frozenset({"上海"}), None, frozenset({"poster12"}), False),
    ),
    fallback="code",
    fallback_code=18,
    delivery="link",
    schema=2,
)


def golden(schema: int) -> dict[str, Any]:
    """The file of a schema, as a release that wrote it left it."""
    data: dict[str, Any] = json.loads((HERE / f"snapshot-{schema}.json").read_text(encoding="utf-8"))
    return data


def test_the_stored_snapshot_is_the_golden_file() -> None:
    assert SECOND.schema == SCHEMA
    assert to_json(SECOND) == golden(SCHEMA)


def test_it_is_read_as_it_was() -> None:
    assert from_json(golden(2)) == SECOND
    assert from_json(json.dumps(golden(2))) == SECOND


def test_what_the_first_release_stored_keeps_its_meaning() -> None:
    read = from_json(golden(1))
    assert read == FIRST
    assert (read.strategy, read.turns_count, read.peak_window, read.hours) == ("in_turn", "assignments", None, None)
    assert (read.conditions, read.fallback, read.delivery) == ((), "page", "hosted")


@pytest.mark.parametrize(
    "damage",
    [
        {"schema": SCHEMA + 1},
        {"schema": None},
        {"roster": None},
        {"duty": [1]},
        {"conditions": [{}]},
        {"hours": []},
        {"roster": [[1]]},
    ],
)
def test_a_snapshot_that_can_not_be_read_says_so(damage: dict[str, Any]) -> None:
    with pytest.raises(SnapshotUnreadable):
        from_json(golden(SCHEMA) | damage)


@pytest.mark.parametrize("missing", ["code", "roster", "strategy", "pending", "schema"])
def test_a_snapshot_without_one_of_its_first_fields_says_so(missing: str) -> None:
    data = golden(SCHEMA)
    del data[missing]
    with pytest.raises(SnapshotUnreadable):
        from_json(data)
