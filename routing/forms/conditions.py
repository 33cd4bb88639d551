"""The ordered list of conditions in the rule editor: rows that are added, moved and taken out without losing input.

Each row's inputs are named ``c<number>_…``; the last row is a spare one, which counts only when something stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.http import QueryDict

from livecode_admin.kernel.web.page import PickerItem
from livecode_admin.kernel.web.parameters import whole_number
from routing.forms.hours import ALWAYS_TEXT, hours_line, hours_of_line
from routing.rules.conditions import CONDITIONS_MAX
from routing.rules.hours import HoursInvalid
from routing.rules.regions import short_name
from routing.rules.ruleset import ConditionRule

_BETWEEN = re.compile(r"[\s,，、;；]+")
MOST_TYPED = 1000
INPUTS = ("name", "subs", "hours", "visitor", "regions", "seats")


@dataclass(frozen=True, slots=True)
class Receivers:
    """Who may receive by a condition: the people and groups of the roster, as pickers show them (nobody chosen)."""

    staff: Sequence[PickerItem] = ()
    groups: Sequence[PickerItem] = ()


@dataclass(slots=True)
class ConditionRow:
    """One row as it was typed. ``rule``: what it says as far as it could be read."""

    place: int
    key: int = 0
    name: str = ""
    regions: str = ""
    hours: str = ""
    subs: str = ""
    visitor: str = ""
    people: frozenset[str] = frozenset()
    receivers: Receivers = field(default_factory=Receivers)
    errors: dict[str, str] = field(default_factory=dict)
    rule: ConditionRule = field(default_factory=lambda: ConditionRule(0, ""))

    @property
    def prefix(self) -> str:
        """What the names of its inputs begin with."""
        return f"c{self.place}_"

    def id_of(self, part: str) -> str:
        """The id of the input that an error of this part is about; of the name for what has none of its own."""
        return self.prefix + (part if part in INPUTS else {"asks": "subs"}.get(part, "name"))

    @property
    def blank(self) -> bool:
        """Whether nothing was put in: a spare row that is not meant."""
        texts = (self.name, self.regions, self.hours.replace(ALWAYS_TEXT, ""), self.subs, self.visitor)
        return not (self.key or self.people or any(text.strip() for text in texts))

    @property
    def items(self) -> list[PickerItem]:
        """Groups and people of the roster, with those chosen that this row names."""
        return [
            replace(item, chosen=item.value in self.people) for item in (*self.receivers.groups, *self.receivers.staff)
        ]

    @property
    def chosen(self) -> str:
        """Who is chosen, by name."""
        return "、".join(item.label for item in self.items if item.chosen)


def condition_rows(conditions: Sequence[ConditionRule], receivers: Receivers) -> list[ConditionRow]:
    """A row for each condition, and a spare one."""
    rows = [
        ConditionRow(
            place=place,
            key=one.key,
            name=one.name,
            regions="、".join(one.regions),
            hours="" if one.hours is None else hours_line(one.hours),
            subs="、".join(one.subs),
            visitor=one.visitor,
            people=frozenset([f"s{pk}" for pk in one.staff] + [f"g{pk}" for pk in one.groups]),
            receivers=receivers,
            rule=one,
        )
        for place, one in enumerate(conditions, start=1)
    ]
    return _with_spare(rows, receivers)


def read_conditions(data: QueryDict, present: Sequence[ConditionRule], receivers: Receivers) -> list[ConditionRow]:
    """The rows that were sent, after the button that was pressed (``act``: up-2, down-2, remove-2, add)."""
    if "conditions" not in data:
        return condition_rows(present, receivers)
    count = min(whole_number(data.get("conditions")) or 0, CONDITIONS_MAX + 1)
    rows = _moved([_row(data, place, receivers) for place in range(1, count + 1)], data.get("act", ""))
    kept = [row for row in rows if not row.blank]
    return _with_spare([_placed(row, place) for place, row in enumerate(kept, start=1)], receivers)


def _with_spare(rows: list[ConditionRow], receivers: Receivers) -> list[ConditionRow]:
    if len(rows) < CONDITIONS_MAX:
        rows.append(ConditionRow(place=len(rows) + 1, receivers=receivers))
    return rows


def _placed(row: ConditionRow, place: int) -> ConditionRow:
    row.place = place
    return row


def _moved(rows: list[ConditionRow], act: str) -> list[ConditionRow]:
    verb, _, number = act.partition("-")
    place = (whole_number(number) or 0) - 1
    if not 0 <= place < len(rows):
        return rows
    if verb == "remove":
        return [row for row in rows if row is not rows[place]]
    other = {"up": place - 1, "down": place + 1}.get(verb, -1)
    if 0 <= other < len(rows) and not rows[other].blank:
        rows[place], rows[other] = rows[other], rows[place]
    return rows


def _row(data: QueryDict, place: int, receivers: Receivers) -> ConditionRow:
    def sent(name: str) -> str:
        return data.get(f"c{place}_{name}", "").strip()[:MOST_TYPED]

    row = ConditionRow(
        place=place,
        key=min(whole_number(sent("key")) or 0, 2**31 - 1),
        name=sent("name"),
        regions=sent("regions"),
        hours=sent("hours"),
        subs=sent("subs"),
        visitor=sent("visitor"),
        people=frozenset(data.getlist(f"c{place}_people")),
        receivers=receivers,
    )
    try:
        hours = hours_of_line(row.hours)
    except HoursInvalid as invalid:
        row.errors["hours"], hours = str(invalid), None
    row.rule = ConditionRule(
        key=row.key,
        name=row.name,
        regions=tuple(dict.fromkeys(short_name(one) for one in _BETWEEN.split(row.regions) if one)),
        hours=hours,
        subs=tuple(dict.fromkeys(one for one in _BETWEEN.split(row.subs) if one)),
        visitor=row.visitor,
        staff=_ids(row.people, "s", receivers.staff),
        groups=_ids(row.people, "g", receivers.groups),
    )
    return row


def _ids(people: frozenset[str], kind: str, items: Sequence[PickerItem]) -> tuple[int, ...]:
    """The chosen ids in the order in which they are shown; what isn't offered is left out."""
    return tuple(int(item.value[1:]) for item in items if item.value in people and item.value.startswith(kind))
