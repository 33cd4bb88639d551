"""The tables of the matrix, and what they say of one cell. Nothing of production is asked here.

``entry_points.csv``, one row per page, method and body:
``opens`` what the page needs to be entered at all (403 without): capabilities of which one is enough (``|``), or
``owner``, ``membership``, ``signed_in``, ``public``; ``object`` what its address names, and ``sees`` by which
capability's scope that is seen (404 beyond; for a code ``codes.view`` when empty); ``owner``: only the owner;
``acts`` what must reach the object besides (403), ``@all`` for the whole company, ``+`` in a scope beyond *own*;
``menu`` whether the navigation has it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
REVIEWED = HERE.parent / "permissions" / "reviewed"
WIDTHS = {"own": 0, "department": 1, "all": 2}
# Whose an object is, and how wide a scope must be to reach it. Codes and staff have all of them.
REACH = {"own": 0, "department": 1, "other": 2}
COMPANY, FOREIGN, NOBODY = "company", "foreign", "-"
SCOPED = ("code", "staff")

BUNDLES: dict[str, tuple[tuple[str, str], ...]] = {
    "owner": (("owner", ""),),
    "system_config": (("system_config", ""),),
    "campaign_ops": (("campaign_ops", ""),),
    "data_analyst": (("data_analyst", ""),),
    "ops_director": (("ops_director", ""),),
    "reception_lead": (("reception_lead", ""),),
    "receptionist": (("receptionist", ""),),
    "intern": (("intern", ""),),
    # The example of product.md §5.3: edits the department's codes, sees everybody's.
    "campaign_ops+data_analyst": (("campaign_ops", ""), ("data_analyst", "all")),
}


@dataclass(frozen=True)
class Entry:
    """One row of entry_points.csv."""

    page: str
    method: str
    body: str
    opens: str
    sees: str
    acts: str
    object: str
    menu: str

    @property
    def kind(self) -> str:
        """What the address names first; empty for nothing."""
        return self.object.removeprefix("spare ").split(" ")[0]

    @property
    def of_a_tenant(self) -> bool:
        """Whether membership in the tenant of the address matters."""
        return self.opens not in ("public", "signed_in")

    @property
    def relations(self) -> Iterator[str]:
        """Whose objects the entry is tried on."""
        if not self.kind:
            yield NOBODY
            return
        yield from REACH if self.kind in SCOPED else (COMPANY,)
        yield FOREIGN


@cache
def entries() -> tuple[Entry, ...]:
    """All rows, in the order of the file."""
    with (HERE / "entry_points.csv").open(encoding="utf-8") as file:
        return tuple(Entry(**row) for row in csv.DictReader(file))


@cache
def bundle_table() -> Mapping[str, Mapping[str, str]]:
    """Bundle → row name → cell of role_bundles.csv as people reviewed it."""
    with (REVIEWED / "role_bundles.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    keys = [name for name in rows[0] if name != "capability"]
    return {key.split(" ")[-1]: {row["capability"]: row[key] for row in rows} for key in keys}


@cache
def scopes(bundle: str) -> Mapping[str, int]:
    """Capability → width of its scope, for the holder of what :data:`BUNDLES` names."""
    found: dict[str, int] = {}
    for key, widened in BUNDLES.get(bundle, ()):
        column = bundle_table()[key]
        width = WIDTHS[widened or column["data scope"]]
        for capability, cell in column.items():
            if cell == "1":
                found[capability] = max(found.get(capability, 0), width)
    return found


def lacking(capability: str) -> str:
    """The name of the custom bundle that has everything, in the whole company, but this."""
    return f"all but {capability}"


def expected(entry: Entry, bundle: str, relation: str) -> int:
    """200 (done, shown or answered with what is wrong in the form), 403 or 404."""
    if not may_open(entry, bundle):
        return 403
    if relation == FOREIGN:
        return 404
    if not may_see(entry, bundle, relation):
        return 404
    reach = REACH.get(relation, 0)
    return 200 if not entry.acts or any(reaches(one, bundle, reach) for one in entry.acts.split("|")) else 403


def may_open(entry: Entry, bundle: str) -> bool:
    """Whether the page is entered at all, whatever its address names."""
    if entry.opens in ("membership", "owner"):
        return entry.opens == "membership" or bundle == "owner"
    return any(name in scopes(bundle) for name in entry.opens.split("|"))


def may_see(entry: Entry, bundle: str, relation: str) -> bool:
    """Whether what the address names is there for the bundle's holder."""
    sees = entry.sees or ("codes.view" if entry.kind == "code" else "")
    return not sees or (bundle == "owner" if sees == "owner" else reaches(sees, bundle, REACH.get(relation, 0)))


def reaches(capability: str, bundle: str, reach: int) -> bool:
    """Whether the bundle's holder has the capability that far: ``@all`` for the whole company, ``+`` beyond *own*."""
    name, _, whole = capability.partition("@")
    least = WIDTHS["all"] if whole else WIDTHS["department"] if name.endswith("+") else 0
    return scopes(bundle).get(name.rstrip("+"), -1) >= max(reach, least)
