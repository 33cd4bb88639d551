"""Groups and departments in rosters: which ones a code holds, and whom they bring (product.md §2.11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from people.selectors import department_members, group_members, group_names, staff_cards
from permissions.selectors import department_names
from routing.models import RosterSource, RoutingRule, Seat
from routing.rules.placing import SeatInput, SourceInput, SourceKey, entry_places


@dataclass(frozen=True, slots=True)
class Standing:
    """A code's roster as it is stored. ``known``: also the seats and sources that were taken out, to be used again."""

    known: dict[int, Seat]
    known_sources: dict[SourceKey, RosterSource]

    @property
    def active(self) -> dict[int, Seat]:
        """The present seats by staff."""
        return {staff_id: seat for staff_id, seat in self.known.items() if seat.removed_at is None}

    @property
    def sources(self) -> dict[SourceKey, RosterSource]:
        """The present sources."""
        return {key: row for key, row in self.known_sources.items() if row.removed_at is None}

    def source_places(self) -> dict[SourceKey, tuple[int, int]]:
        """Rung and position of the present sources."""
        return {key: (row.rung, row.position) for key, row in self.sources.items()}

    def source_key(self, seat: Seat) -> SourceKey | None:
        """What brought this seat's person."""
        return next((key for key, row in self.known_sources.items() if row.pk == seat.source_id), None)

    def source_names(self, more: Iterable[SourceKey] = ()) -> dict[SourceKey, str]:
        """The names of the present sources and of ``more``; those that don't exist are left out."""
        keys = {*self.sources, *more}
        groups = group_names() if any(kind == "group" for kind, _ in keys) else {}
        departments = department_names(pk for kind, pk in keys if kind == "department")
        named = {key: (groups if key[0] == "group" else departments).get(key[1]) for key in keys}
        return {key: name for key, name in named.items() if name is not None}


def standing(code_id: int) -> Standing:
    """The roster of a code as it is stored, without the duty seat."""
    return standings([code_id])[code_id]


def standings(code_ids: Iterable[int]) -> dict[int, Standing]:
    """The same of several codes, by code; two queries for 2 and 200."""
    found = {code_id: Standing({}, {}) for code_id in code_ids}
    for seat in Seat.objects.filter(code__in=found).exclude(rung=Seat.Rung.DUTY):
        found[seat.code_id].known[seat.staff_id] = seat
    for row in RosterSource.objects.filter(code__in=found).order_by("removed_at"):
        found[row.code_id].known_sources[source_key(row)] = row
    return found


def source_key(row: RosterSource) -> SourceKey:
    """What tells a stored source from others of its code."""
    return ("group", row.group_id) if row.group_id is not None else ("department", row.department_id or 0)


def source_labels(code_id: int) -> dict[int, str]:
    """The names of the groups and departments that a roster was built from, by the source's id, in roster order."""
    rows = list(RosterSource.objects.filter(code=code_id, removed_at=None).order_by("rung", "position"))
    if not rows:
        return {}
    groups = group_names() if any(row.group_id is not None for row in rows) else {}
    departments = department_names(row.department_id for row in rows if row.department_id is not None)
    return {
        row.pk: f"分组 {groups.get(row.group_id, '')}"
        if row.group_id is not None
        else f"部门 {departments.get(row.department_id or 0, '')}"
        for row in rows
    }


def as_inputs(there: Standing) -> tuple[list[SeatInput], list[SourceInput]]:
    """A stored roster as services take it; weights and hours stay as they are."""
    places: dict[int, int] = {}
    for rung in (Seat.Rung.ROSTER, Seat.Rung.BACKUP):
        named = [seat for seat in there.active.values() if seat.rung == rung and seat.source_id is None]
        named.sort(key=lambda seat: seat.position)
        taken = {row.position for row in there.sources.values() if row.rung == rung}
        places |= {seat.staff_id: place for seat, place in zip(named, entry_places(len(named), taken), strict=True)}
    seats = [
        SeatInput(
            staff_id=seat.staff_id,
            is_backup=seat.is_backup,
            position=places.get(seat.staff_id, 0),
            daily_cap=seat.daily_cap,
            paused_until=seat.paused_until,
            by_source=seat.source_id is not None,
        )
        for seat in there.active.values()
    ]
    sources = [
        SourceInput(kind, pk, row.rung == Seat.Rung.BACKUP, row.position) for (kind, pk), row in there.sources.items()
    ]
    return seats, sources


def source_people(keys: Iterable[SourceKey]) -> dict[SourceKey, list[int]]:
    """All people of these sources who haven't left, able to receive or not; the same few queries for 2 and 20."""
    wanted = set(keys)
    groups = group_members(pk for kind, pk in wanted if kind == "group")
    departments = department_members(pk for kind, pk in wanted if kind == "department")
    return {key: (groups if key[0] == "group" else departments).get(key[1], []) for key in wanted}


def source_receivers(keys: Iterable[SourceKey]) -> dict[SourceKey, list[int]]:
    """Those of them who can receive customers: only these get seats; the others join as soon as they can."""
    people = source_people(keys)
    cards = staff_cards(pk for ids in people.values() for pk in ids)
    return {key: [pk for pk in ids if cards[pk].receivable] for key, ids in people.items()}


def codes_holding(group_ids: Sequence[int] | None = None) -> set[int]:
    """The codes that change with these groups (None: with any group or department): by roster or by a condition."""
    sources = RosterSource.objects.filter(removed_at=None)
    found: set[int] = set(
        (sources if group_ids is None else sources.filter(group__in=group_ids)).values_list("code_id", flat=True)
    )
    return found | codes_asking(group_ids)


def codes_asking(group_ids: Sequence[int] | None = None) -> set[int]:
    """The codes of which a condition of the rules names one of these groups (None: any)."""
    by_group = codes_asking_by_group()
    wanted = by_group if group_ids is None else group_ids
    return {code_id for group_id in wanted for code_id in by_group.get(group_id, ())}


def codes_asking_by_group() -> dict[int, set[int]]:
    """The codes with a condition that names the group, by group."""
    found: dict[int, set[int]] = {}
    for code_id, conditions in RoutingRule.objects.exclude(conditions=[]).values_list("code_id", "conditions"):
        for group_id in {group_id for one in conditions for group_id in one.get("groups", ())}:
            found.setdefault(group_id, set()).add(code_id)
    return found
