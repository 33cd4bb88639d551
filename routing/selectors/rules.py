"""Reading rules: in words, and the names of what they point to."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from codes.selectors import code_cards
from people.selectors import group_names, staff_cards
from routing.ruleset import Rules
from routing.rulewords import Names


def rule_names(*rules: Rules, staff: Iterable[int] = ()) -> Names:
    """The names of all people, groups and codes that the rules point to, and of ``staff``."""
    people = {one.duty_staff_id for one in rules if one.duty_staff_id is not None} | set(staff)
    conditions = [condition for one in rules for condition in one.conditions]
    people |= {staff_id for condition in conditions for staff_id in condition.staff}
    return Names(
        staff={pk: card.name for pk, card in staff_cards(people).items()} if people else {},
        groups=group_names() if any(condition.groups for condition in conditions) else {},
        codes=fallback_names(one.fallback_code_id for one in rules if one.fallback_code_id is not None),
    )


def fallback_names(code_ids: Iterable[int]) -> dict[int, str]:
    """The names of codes by id."""
    wanted = set(code_ids)
    return {pk: card.name for pk, card in code_cards(wanted).items()} if wanted else {}


def condition_keys(code_id: int) -> set[int]:
    """The keys of all conditions that versions of this code ever had."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT (item ->> 'key')::int FROM routing_snapshot,"
            " jsonb_array_elements(coalesce(data -> 'conditions', '[]')) item WHERE code_id = %s",
            [code_id],
        )
        return {int(key) for (key,) in cursor.fetchall()}
