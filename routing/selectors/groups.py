"""What a change of a group does to codes, told before it is made (product.md §2.11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from codes.selectors import CodeCard, code_cards, codes_visible
from people.selectors import StaffCard, department_members, group_for, staff_cards
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
    standings,
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
    shown = sorted((card for card in touched.values() if card.id in seen), key=lambda card: card.name)
    there = standings(card.id for card in shown)
    members = source_receivers({key for one in there.values() for key in one.sources}) | {("group", group_id): able}
    after = {code_id: wanted_now(one, members) for code_id, one in there.items()}
    moved = staff_cards({pk for card in shown for pk in _moves(there[card.id], after[card.id])})
    told = [_code_impact(card, there[card.id], after[card.id], moved, card.id in asking) for card in shown]
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


def _moves(there: Standing, wanted: Placement) -> set[int]:
    """Who joins the code or leaves it."""
    return {place.seat.staff_id for place in wanted.seats} ^ there.active.keys()


def _code_impact(
    card: CodeCard, there: Standing, wanted: Placement, names: Mapping[int, StaffCard], by_condition: bool
) -> CodeImpact:
    moves = _moves(there, wanted)
    return CodeImpact(
        code_id=card.id,
        name=card.name,
        joins=tuple(names[pk].name for pk in moves - there.active.keys()),
        leaves=tuple(names[pk].name for pk in moves & there.active.keys()),
        empties=not wanted.roster,
        by_condition=by_condition,
    )
