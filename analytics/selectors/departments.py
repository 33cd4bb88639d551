"""The departments of which a member sees figures on a dashboard, their own and those shared with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.selectors.reach import EVERYTHING, VIEW, Part, groups_held
from permissions.access import Access, Scope
from permissions.metric_groups import METRIC_GROUPS
from permissions.selectors import departments_tree
from permissions.selectors.sharing import Shares

# In place of a department: everything that the member sees without any share.
OWN = "own"


@dataclass(frozen=True, slots=True)
class SeenDepartment:
    """One department whose figures the member sees whole. ``depth``: 0 where none above it is seen.

    ``groups``: the metric groups seen; ``shared``: those of them that only a share opens. ``below``: it and all below.
    """

    id: int
    name: str
    depth: int
    groups: frozenset[str]
    shared: frozenset[str]
    below: frozenset[int]

    @property
    def shared_text(self) -> str:
        """The names of the shared groups, in the table's order; empty where nothing is shared."""
        return "、".join(title for name, title in METRIC_GROUPS.items() if name in self.shared)


def seen_departments(access: Access, shares: Shares) -> list[SeenDepartment]:
    """The departments that a dashboard can be narrowed to, in tree order; one query.

    With scope *own* there are none but the shared ones. A department of which only some codes are seen (one's own,
    single folders) is not offered: its figures would pass for those of the whole.
    """
    reach = {name: _narrower(access.scope(VIEW), access.scope(name)) for name in groups_held(access)}
    tree = departments_tree(access)
    found: list[SeenDepartment] = []
    depths: dict[str, int] = {}
    for row in tree:
        own = frozenset(
            name
            for name, scope in reach.items()
            if scope is Scope.ALL or (scope is Scope.DEPARTMENT and row.id in access.department_ids)
        )
        shared = frozenset(name for name in reach if row.id in shares.of(name)) - own
        if not own | shared:
            continue
        depth = max((depths[path] + 1 for path in depths if row.path.startswith(path)), default=0)
        depths[row.path] = depth
        below = frozenset(one.id for one in tree if one.path.startswith(row.path))
        found.append(SeenDepartment(row.id, row.name, depth, own | shared, shared, below))
    return found


def part_of(departments: Sequence[SeenDepartment], wanted: str, shares: Shares) -> Part:
    """What an address asks for: one of the departments seen, :data:`OWN`, else everything that is seen."""
    chosen = next((one for one in departments if str(one.id) == wanted), None)
    if chosen is not None:
        return Part(shares, chosen.below, chosen.groups, chosen.shared)
    return Part(shares) if shares.departments and wanted != OWN else EVERYTHING


def _narrower(*scopes: Scope | None) -> Scope | None:
    """The narrowest of the scopes; None where one is not held at all."""
    held = [scope for scope in scopes if scope is not None]
    return min(held, key=lambda scope: scope.width) if len(held) == len(scopes) else None
