"""What the roster editor shows: people, groups and departments in order, each with what stands beside the name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from livecode_admin.kernel.web.formats import through
from livecode_admin.kernel.web.page import PickerItem
from people.selectors import StaffCard, department_members, group_members, group_names, staff_for_picker, staff_item
from permissions.access import Access
from permissions.selectors import departments_tree
from routing.forms.hours import day_text, hours_line
from routing.forms.roster import May, RosterForm, pause_day, token_of
from routing.rules.hours import ROWS, hours_text
from routing.rules.placing import KEEP, ROSTER, Place, Placement, SeatInput, SourceKey, placed
from routing.rules.rulewords import Change, Names, SeatWords, roster_changes
from routing.selectors import SeatRow, staff_caps, staff_leaves
from routing.selectors.sources import source_people, source_receivers
from routing.services.roster import may_cap
from routing.views.roster_shares import NO_SHARE, Part, shares

KIND_WORDS: Mapping[str, str] = {"group": "分组", "department": "部门"}


@dataclass(frozen=True, slots=True)
class Person:
    """One name in the editor, with what stands beside it. ``days``: the hours as the grid takes them.

    ``stuck``: gets no share whatever is typed; ``nobody``: why this person gets no customers, though saved so.
    """

    id: int
    name: str
    group: str
    note: str
    leave: str
    off: bool
    pause: str
    seat_cap: str
    cap: str
    may_cap: bool
    weight: str
    share: str
    hours: str
    hours_words: str
    days: tuple[str, ...]
    hours_wrong: bool
    error: str
    stuck: bool
    nobody: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list: a person, or a group or department with its people. ``token``: how the form names it."""

    token: str
    name: str
    person: Person | None = None
    kind: str = ""
    icon: str = ""
    people: tuple[Person, ...] = ()
    share: str = ""
    unable: str = ""
    elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class EditorPage:
    """Everything that the editor's page asks of the company, read once."""

    access: Access
    zone: str
    may: May
    strategy: str
    now: datetime
    rows: Sequence[SeatRow]
    leaves: Mapping[int, datetime]
    cards: Mapping[int, StaffCard]
    groups: Mapping[int, str]
    departments: Mapping[int, str]

    def name_of(self, key: SourceKey) -> str:
        """The name of a group or department; says when it is gone."""
        return (self.groups if key[0] == "group" else self.departments).get(key[1], "（已不存在）")

    def problems(self, form: RosterForm) -> list[str]:
        """The errors beside the names once more for the summary, with whose they are."""
        return [f"{self.cards[pk].name}的{text}" if pk in self.cards else text for pk, text in form.errors.items()]

    def people(self, form: RosterForm) -> tuple[list[Entry], list[Entry]]:
        """The entries of the roster and of the backups as the form has them."""
        keys = [source.key for source in form.sources]
        everybody, able = source_people(keys), source_receivers(keys)
        placement = placed(form.seats, form.sources, able)
        caps = staff_caps([place.seat.staff_id for place in placement.seats])
        caps = caps | form.caps
        parts = self._shares(placement, caps)
        made = {
            place.seat.staff_id: self._person(form, place, caps, parts)
            for place in placement.seats
            if place.seat.staff_id in self.cards
        }
        lists: list[list[Entry]] = []
        for tokens in (form.roster, form.backups):
            entries = []
            for token in dict.fromkeys(tokens):
                if token.isdigit():
                    if (person := made.get(int(token))) is not None:
                        entries.append(Entry(token, person.name, person=person))
                    continue
                key = next(key for key in keys if token_of(key) == token)
                entries.append(self._source(key, token, placement, made, everybody[key], parts))
            lists.append(entries)
        return lists[0], lists[1]

    def _source(
        self,
        key: SourceKey,
        token: str,
        placement: Placement,
        made: Mapping[int, Person],
        everybody: Sequence[int],
        parts: Mapping[int, int],
    ) -> Entry:
        here = [place for place in placement.seats if place.source == key]
        own = [parts[place.seat.staff_id] for place in here if place.seat.staff_id in parts]
        unable = [self.cards[pk] for pk in everybody if pk in self.cards and not self.cards[pk].receivable]
        return Entry(
            token=token,
            name=self.name_of(key),
            kind=KIND_WORDS[key[0]],
            icon="users-group" if key[0] == "group" else "sitemap",
            people=tuple(made[place.seat.staff_id] for place in here if place.seat.staff_id in made),
            share=f"{sum(own)}%" if own else NO_SHARE,
            unable="、".join(f"{card.name}（{card.reason}）" for card in unable),
            elsewhere=len(everybody) - len(here) - len(unable),
        )

    def _shares(self, placement: Placement, caps: Mapping[int, int]) -> dict[int, int]:
        """Each one's part of the roster's customers; backups have none, they take over in order."""
        return shares(
            [
                Part(seat.staff_id, self._weight(seat), self._able(seat, caps))
                for seat in (place.seat for place in placement.roster)
                if seat.staff_id in self.cards
            ],
            self.strategy,
        )

    def _able(self, seat: SeatInput, caps: Mapping[int, int]) -> bool:
        paused = seat.staff_id in self.leaves or (seat.paused_until is not None and seat.paused_until > self.now)
        return self.cards[seat.staff_id].receivable and not paused and 0 not in (seat.daily_cap, caps[seat.staff_id])

    def nobody(self, form: RosterForm) -> dict[int, str]:
        """Who gets no customers by what is set beside the name, and why (product.md §2.1, §2.2)."""
        placement = placed(form.seats, form.sources, source_receivers(source.key for source in form.sources))
        caps = staff_caps([place.seat.staff_id for place in placement.seats]) | form.caps
        found = {place.seat.staff_id: self._nobody(place, caps) for place in placement.seats}
        return {pk: text for pk, text in found.items() if text}

    def new_nobody(self, stored: RosterForm, form: RosterForm) -> list[str]:
        """What saving would newly bring about: said with the name, because it is easily done unmeant."""
        was = self.nobody(stored)
        return [f"{self.cards[pk].name}的{text}" for pk, text in self.nobody(form).items() if was.get(pk) != text]

    def _nobody(self, place: Place, caps: Mapping[int, int]) -> str:
        if place.seat.daily_cap == 0:
            return "席位上限为 0，不会接到客户"
        if caps[place.seat.staff_id] == 0:
            return "每日上限为 0，不会接到客户"
        weighted = self.may.weights and self.strategy == "weighted" and place.rung == ROSTER
        return "权重为 0，不会接到客户" if weighted and self._weight(place.seat) == 0 else ""

    def _person(self, form: RosterForm, place: Place, caps: Mapping[int, int], parts: Mapping[int, int]) -> Person:
        seat = place.seat
        pk, card = seat.staff_id, self.cards[seat.staff_id]
        row = self._row(pk)
        hours = (row.hours if row else None) if seat.hours is KEEP else seat.hours
        weight = self._weight(seat)
        may_cap_here = may_cap(self.access, card)
        paused = seat.paused_until is not None and seat.paused_until > self.now
        return Person(
            id=pk,
            name=card.name,
            group=card.department_name,
            note="" if card.receivable else card.reason,
            leave=f"休假{_until(self.leaves.get(pk), self.zone)}" if pk in self.leaves else "",
            off=not card.receivable or pk in self.leaves,
            pause=pause_day(seat.paused_until, self.zone),
            seat_cap=form.typed.get(f"seat_cap_{pk}", "" if seat.daily_cap is None else str(seat.daily_cap)),
            cap=form.typed.get(f"cap_{pk}", str(form.caps.get(pk, caps[pk]))),
            may_cap=may_cap_here,
            weight=form.typed.get(f"weight_{pk}", str(weight)),
            share=f"{parts[pk]}%" if pk in parts else NO_SHARE,
            hours=form.typed.get(f"hours_{pk}", hours_line(hours)),
            hours_words=hours_text(hours),
            days=tuple(day_text(day) for day in hours) if hours is not None else ("",) * ROWS,
            hours_wrong=f"hours_{pk}" in form.typed,
            error=form.errors.get(pk, ""),
            stuck=not card.receivable
            or pk in self.leaves
            or (paused and not self.may.roster)
            or (seat.daily_cap == 0 and not self.may.caps)
            or (caps[pk] == 0 and not (self.may.caps and may_cap_here)),
            nobody=self._nobody(place, caps),
        )

    def _row(self, staff_id: int) -> SeatRow | None:
        return next((row for row in self.rows if row.staff_id == staff_id), None)

    def _weight(self, seat: SeatInput) -> int:
        if seat.weight is not None:
            return seat.weight
        row = self._row(seat.staff_id)
        return row.weight if row else 1

    def picker_items(self, form: RosterForm) -> dict[str, list[PickerItem]]:
        """Whom and what can be added: people, groups and departments; those in a list already are out of sight."""
        used = {*form.roster, *form.backups}
        groups, departments = group_members(self.groups), department_members(self.departments)
        people = [staff_item(card) for card in self.cards.values() if card.reason != "已离职" or str(card.id) in used]
        return {
            "people": [replace(item, used=item.value in used) for item in people],
            "groups": [
                self._item(token_of(("group", pk)), name, groups.get(pk, []), used) for pk, name in self.groups.items()
            ],
            "departments": [
                self._item(token_of(("department", pk)), name, departments.get(pk, []), used)
                for pk, name in self.departments.items()
            ],
        }

    def _item(self, token: str, name: str, members: Sequence[int], used: set[str]) -> PickerItem:
        search = " ".join([name.lower(), *(self.cards[pk].name for pk in members if pk in self.cards)])
        return PickerItem(token, name, f"{len(members)} 人", search, used=token in used)

    def differences(self, stored: RosterForm, form: RosterForm) -> list[Change]:
        """What differs between what somebody else saved and what stands in the form."""
        names = Names(staff={pk: card.name for pk, card in self.cards.items()})
        found = roster_changes(self._words(stored), self._words(form), names)
        caps = {row.staff_id: row.cap for row in self.rows}
        found += [
            Change(f"每日上限 {self.cards[pk].name}", str(caps[pk]), str(cap))
            for pk, cap in form.caps.items()
            if pk in caps
        ]
        before, after = ({one.key for one in which.sources} for which in (stored, form))
        found += [Change(f"分组 {self.name_of(key)}", "（不在名单）", "加入") for key in sorted(after - before)]
        found += [Change(f"分组 {self.name_of(key)}", "在名单", "移出") for key in sorted(before - after)]
        return found

    def _words(self, form: RosterForm) -> list[SeatWords]:
        placement = placed(form.seats, form.sources, source_receivers(source.key for source in form.sources))
        return [
            SeatWords(
                staff_id=place.seat.staff_id,
                rung="接待" if place.rung == ROSTER else "备用",
                place=place.position,
                cap=place.seat.daily_cap,
                weight=self._weight(place.seat),
                paused=_until(place.seat.paused_until, self.zone),
                hours=(row.hours if (row := self._row(place.seat.staff_id)) else None)
                if place.seat.hours is KEEP
                else place.seat.hours,
            )
            for place in placement.seats
        ]


def editor_page(
    access: Access, rows: Sequence[SeatRow], *, zone: str, may: May, strategy: str, now: datetime
) -> EditorPage:
    """Read what the page needs; the same few queries for 2 and 20 names."""
    cards = {card.id: card for card in staff_for_picker(access)} | {row.staff_id: row.card for row in rows}
    return EditorPage(
        access=access,
        zone=zone,
        may=may,
        strategy=strategy,
        now=now,
        rows=rows,
        leaves=staff_leaves(cards, now=now),
        cards=cards,
        groups=group_names(),
        departments={row.id: row.name for row in departments_tree(access)},
    )


def _until(paused_until: datetime | None, zone: str) -> str:
    return "" if paused_until is None else f"至 {through(paused_until, zone)}"
