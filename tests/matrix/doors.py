"""fields.csv: by which door each field of the reviewed table is changed, and what it takes there.

``door``: form, htmx, bulk, import (a page's POST), service (a function that pages to come will call), nowhere (no door
of the product takes it yet). ``body``: what is sent beyond what the page's own form sends. ``watch``: the column that
changes, set to ``before`` first when that says something; ``after``: what stands there then, any change when empty.
``also``: capabilities besides the page's and the field's own, in the notation of tables.py.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from tests.matrix.tables import (
    BUNDLES,
    COMPANY,
    FOREIGN,
    HERE,
    NOBODY,
    REACH,
    REVIEWED,
    Entry,
    entries,
    may_open,
    may_see,
    reaches,
)

SERVICE, NOWHERE = "service", "nowhere"
# What an attempt comes to: done, refused with 404 or 403, or answered as it may be, with nothing saved.
DONE, GONE, REFUSED, NOTHING = "done", "404", "403", "nothing saved"


@cache
def capabilities() -> Mapping[tuple[str, str], str]:
    """(object, field) → the capability, as people reviewed it."""
    with (REVIEWED / "field_capabilities.csv").open(encoding="utf-8") as file:
        return {(row["object"], row["field"]): row["capability"] for row in csv.DictReader(file)}


@dataclass(frozen=True)
class Door:
    """One row of fields.csv."""

    object: str
    field: str
    door: str
    page: str
    body: str
    watch: str
    before: str
    after: str
    also: str

    @property
    def name(self) -> tuple[str, str]:
        """The field in the reviewed table."""
        return self.object, self.field

    @property
    def capability(self) -> str:
        """What the reviewed table asks for."""
        return capabilities()[self.name]

    @property
    def needs(self) -> list[str]:
        """All that must reach the object."""
        return [self.capability, *filter(None, self.also.split("|"))]

    @property
    def entry(self) -> Entry | None:
        """The page's row for a POST; the one of the same action where there are several."""
        found = [one for one in entries() if one.page == self.page and one.method == "POST"]
        told = [one for one in found if one.body and f"&{self.body}&".find(f"&{one.body}&") >= 0]
        return next(iter(told or found), None)

    @property
    def of(self) -> str:
        """What is meant by own, department and other here: ``code``, ``staff``, or nothing."""
        if self.door == SERVICE:
            return "code" if self.object == "code" else ""
        kind = self.entry.kind if self.entry else ""
        if kind in ("code", "staff"):
            return kind
        if "{code}" in self.body:
            return "code"
        return "staff" if "{staff}" in self.body and "all_" not in self.page and "settings" not in self.page else ""

    @property
    def in_body(self) -> bool:
        """Whether the object is named in the body, where what is out of reach is left out and told, and not 404."""
        return bool(self.of) and not (self.door == SERVICE or (self.entry and self.entry.kind == self.of))

    @property
    def relations(self) -> Iterator[str]:
        """Whose objects the door is tried on."""
        if self.of:
            yield from (*REACH, FOREIGN)
        else:
            yield COMPANY if self.entry and self.entry.kind else NOBODY


@cache
def doors() -> tuple[Door, ...]:
    """All rows, in the order of the file."""
    with (HERE / "fields.csv").open(encoding="utf-8") as file:
        return tuple(Door(**row) for row in csv.DictReader(file))


def outcome(door: Door, bundle: str, relation: str) -> str:
    """What the tables say of one cell."""
    entry, reach = door.entry, REACH.get(relation, 0)
    if entry is not None and not may_open(entry, bundle):
        return REFUSED
    if relation == FOREIGN:
        return NOTHING if door.in_body else GONE
    sees = door.door == SERVICE and door.of == "code" and not reaches("codes.view", bundle, reach)
    if sees or (entry is not None and not door.in_body and not may_see(entry, bundle, relation)):
        return GONE
    if all(reaches(one, bundle, reach) for one in door.needs):
        return DONE
    held = all(reaches(one.partition("@")[0].rstrip("+"), bundle, 0) for one in door.needs)
    return NOTHING if door.in_body and held else REFUSED


def cells(door: Door) -> Iterator[tuple[str, str, str]]:
    """(bundle, relation, outcome) of all that is tried at one door."""
    for bundle in BUNDLES:
        for relation in door.relations:
            yield bundle, relation, outcome(door, bundle, relation)
