"""What a change of a group does to codes, told before it is made (product.md §2.11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from codes.selectors import CodeCard, code_cards, codes_visible
from people.selectors import department_members, group_for, staff_cards
from permissions.access import Access
from routing.models import RosterSource
from routing.rules.placing import Placement, SourceKey, placed
from routing.selectors.sources import (
    Standing,
    as_inputs,
    codes_asking,
    codes_asking_by_group,
    codes_holding,
    source_receivers,
    standing,
)


@dataclass(frozen=True, slots=True)
class CodeImpact:
    """One code that changes. ``empties``: nobody would be left in its roster (backups, duty person and fallback are).

    ``by_condition``: a condition of its rules names the group, so who receives by it changes too.
    """

    code_id: int
    name: str
    joins: tuple[str, ...]
    leaves: tuple[str, ...]
    empties: bool
    by_condition: bool


@dataclass(frozen=True, slots=True)
class GroupImpact:
    """What a change of a group would do. ``hidden``: how many more codes change that the member may not see.

    ``joins`` and ``leaves`` are of the group itself; ``unable``: those who can't receive, with the reason.
    """

    joins: tuple[str, ...]
    leaves: tuple[str, ...]
    unable: tuple[str, ...]
    codes: tuple[CodeImpact, ...]
    hidden: int

    @property
    def same(self) -> bool:
        """Whether nothing would change."""
        return not self.joins and not self.leaves


def group_impact(
    access: Access, group_id: int, *, staff_ids: Sequence[int] = (), department_id: int | None = None
) -> GroupImpact:
    """What it would do if the group held these people, or those of the department.

    Raises:
        GroupNotFound, Denied: without ``staff.manage``.
    """
    group = group_for(access, group_id)
    wanted = list(staff_ids) if department_id is None else department_members([department_id]).get(department_id, [])
    present = group.staff_ids
    cards = staff_cards([*wanted, *present])
    able = [pk for pk in wanted if pk in cards and cards[pk].receivable]
    touched = live_codes(codes_holding([group_id]))
    asking = codes_asking([group_id])
    seen = set(codes_visible(access).filter(pk__in=touched).values_list("pk", flat=True))
    told = [
        _code_impact(card, standing(card.id), group_id, able, card.id in asking)
        for card in sorted(touched.values(), key=lambda card: card.name)
        if card.id in seen
    ]
    return GroupImpact(
        joins=tuple(cards[pk].name for pk in wanted if pk in cards and pk not in present),
        leaves=tuple(cards[pk].name for pk in present if pk not in wanted),
        unable=tuple(f"{cards[pk].name}（{cards[pk].reason}）" for pk in wanted if pk in cards and pk not in able),
        codes=tuple(told),
        hidden=len(touched) - len(seen),
    )


def group_uses(group_ids: Sequence[int]) -> dict[int, int]:
    """How many codes each group is in, by roster or by a condition; the same few queries for 2 and 200."""
    by_roster: dict[int, set[int]] = {pk: set() for pk in group_ids}
    rows = RosterSource.objects.filter(group__in=group_ids, removed_at=None)
    for group_id, code_id in rows.values_list("group_id", "code_id"):
        by_roster[group_id].add(code_id)
    for group_id, code_ids in codes_asking_by_group().items():
        if group_id in by_roster:
            by_roster[group_id] |= code_ids
    alive = live_codes({code_id for codes in by_roster.values() for code_id in codes})
    return {group_id: len(codes & alive.keys()) for group_id, codes in by_roster.items()}


def live_codes(code_ids: set[int]) -> dict[int, CodeCard]:
    """Those codes that aren't retired: what is retired changes no more."""
    return {pk: card for pk, card in code_cards(code_ids).items() if card.state != "retired"}


def wanted_now(there: Standing, members: Mapping[SourceKey, Sequence[int]]) -> Placement:
    """Where everybody would stand if the sources held ``members``."""
    seats, sources = as_inputs(there)
    return placed(seats, sources, members)


def _code_impact(card: CodeCard, there: Standing, group_id: int, able: list[int], by_condition: bool) -> CodeImpact:
    members = source_receivers(there.sources) | {("group", group_id): able}
    wanted = wanted_now(there, members)
    after = {place.seat.staff_id for place in wanted.seats}
    names = staff_cards(after ^ set(there.active))
    return CodeImpact(
        code_id=card.id,
        name=card.name,
        joins=tuple(names[pk].name for pk in after - set(there.active)),
        leaves=tuple(names[pk].name for pk in set(there.active) - after),
        empties=not wanted.roster,
        by_condition=by_condition,
    )
