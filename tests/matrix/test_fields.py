"""Every field of the reviewed table at every door, by every bundle: refused with nothing saved, or really changed."""

from __future__ import annotations

import pytest

from tests.matrix.attempts import Attempt
from tests.matrix.cast import Cast
from tests.matrix.doors import DONE, GONE, NOTHING, NOWHERE, REFUSED, SERVICE, Door, capabilities, cells, doors
from tests.matrix.rows import contents, differing
from tests.matrix.stage import add_lacking, make_cast
from tests.matrix.tables import BUNDLES, lacking

FIELDS = sorted(capabilities())


@pytest.fixture(scope="module")
def cast(_database_open: None, _broker_known: None) -> Cast:
    """One company for all cells, with somebody for each capability who has everything but that."""
    made = make_cast()
    for capability in sorted(set(capabilities().values())):
        add_lacking(made, capability)
    return made


def test_every_field_of_the_table_has_a_door_or_is_said_to_have_none() -> None:
    assert {door.name for door in doors()} == set(FIELDS)


@pytest.mark.parametrize("field", FIELDS, ids=".".join)
def test_who_may_not_change_the_field_changes_nothing_by_no_door(cast: Cast, field: tuple[str, str]) -> None:
    refused = [
        (Attempt(cast, door, bundle, relation), wanted)
        for door in doors()
        if door.name == field and door.door != NOWHERE
        for bundle, relation, wanted in [*cells(door), *lacking_cells(door)]
        if wanted != DONE
    ]
    before, found = contents(cast.side.tenant_id), []
    for attempt, wanted in refused:
        came_to = attempt.make(whole=False)
        allowed = {wanted} if attempt.door.door != SERVICE else {GONE, REFUSED}
        if wanted != NOTHING and came_to not in allowed:
            found.append(f"{told(attempt)}: {came_to} instead of {wanted}")
    after = contents(cast.side.tenant_id)
    assert (found, differing(before, after)) == ([], [])


@pytest.mark.parametrize("field", FIELDS, ids=".".join)
def test_who_may_change_the_field_does_so_by_every_door(cast: Cast, field: tuple[str, str]) -> None:
    found = []
    for door in (one for one in doors() if one.name == field and one.door != NOWHERE):
        for bundle, relation, wanted in cells(door):
            if wanted == DONE:
                attempt = Attempt(cast, door, bundle, relation)
                found += unchanged(attempt)
    assert found == []


def unchanged(attempt: Attempt) -> list[str]:
    """What is wrong when somebody may: refused all the same, or not what was sent stands there afterwards."""
    attempt.prepare()
    before = attempt.values()
    came_to = attempt.make(whole=True)
    after, wanted = attempt.values(), attempt.text(attempt.door.after)
    if came_to != DONE:
        return [f"{told(attempt)}: {came_to}"]
    if before == after or (wanted and wanted not in after):
        return [f"{told(attempt)}: {before} became {after}"]
    return []


def lacking_cells(door: Door) -> list[tuple[str, str, str]]:
    """Somebody who holds everything in the whole company but the field's capability is refused too."""
    entry, bundle = door.entry, lacking(door.capability)
    assert bundle not in BUNDLES
    relation = next(iter(door.relations))
    return [(bundle, "department" if relation == "own" else relation, "403")] if entry or door.object == "code" else []


def told(attempt: Attempt) -> str:
    """The cell in words."""
    door = attempt.door
    return f"{attempt.bundle} at {door.door} {door.page} ({attempt.relation}) {door.body}"
