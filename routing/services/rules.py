"""Rules of a code (product.md §2.1-§2.8): checked, saved, and published as a new version at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Unpack

from django.db import transaction

from codes.rules import Status, effective_status
from codes.selectors import LiveCode, NotFound, code_for, held_on
from codes.services import code_note
from people.selectors import group_members, group_names, staff_cards
from permissions.access import Access, Denied, FieldDenied
from permissions.capabilities import capability_for
from routing.models import CodeRoute, ReceptionDefault, RoutingRule, Seat
from routing.rules.checks import Known, problems
from routing.rules.fallbacks import CIRCLE, chain_problem
from routing.rules.regions import regions_known
from routing.rules.ruleset import FIELDS, RuleChanges, RuleInvalid, Rules, rules_from_json, rules_to_json
from routing.rules.rulewords import rule_words
from routing.selectors.compiled import reception_default, rules_from_row
from routing.selectors.rules import condition_keys, fallback_names, rule_names
from routing.services.changing import RoutingRefused, fallback_lock, publish_lock
from routing.services.publish import duty_seat_ensure, snapshot_store
from routing.services.ways import ways_order


class RuleRefused(RoutingRefused):
    """Rules that can't be kept; nothing was changed. ``where``: the sentence beside each field, by its name."""

    def __init__(self, *messages: str, where: Mapping[str, str] | None = None) -> None:
        super().__init__(*(messages or tuple(dict.fromkeys((where or {}).values()))))
        self.where = dict(where or {})


@transaction.atomic
def rule_set(
    *, access: Access, code_id: int, now: datetime, reason: str = "rules", **changes: Unpack[RuleChanges]
) -> list[str]:
    """Change rules of a code, in their stored form (routing/rules/ruleset.py). Returns the fields that changed.

    A published code gets a new version at once, which the very next scan follows; ``reason`` is that version's.

    Raises:
        NotFound: not this member's code.
        Denied: a changed field's capability doesn't reach this code; nothing is saved.
        RuleRefused: what is wrong, by field.
        TypeError: an unknown field.
    """
    if unknown := changes.keys() - FIELDS.keys():
        raise TypeError(f"not a rule: {sorted(unknown)}")
    code = code_for(access, code_id)
    publish_lock(code_id)
    row = RoutingRule.objects.filter(code=code_id).first() or RoutingRule(code_id=code_id)
    before = rules_from_row(row)
    after = _keyed(code_id, before, rules_changed(before, changes))
    changed = before.differing(after)
    if not changed:
        return []
    require_rule_fields(access, code_id, changed)
    rules_check(access=access, code=code, before=before, after=after, now=now)
    stored = rules_to_json(after)
    for name in changed:
        setattr(row, name, stored[name])
    row.save()
    names = rule_names(before, after)
    words = [{name: rule_words(rules, names)[name] for name in changed} for rules in (before, after)]
    code_note(access, code, "rules_changed", before=words[0], after=words[1], now=now)
    if CodeRoute.objects.filter(code=code_id).exists():
        rules_publish(access=access, code_id=code_id, now=now, reason=reason)
    return changed


@transaction.atomic
def rules_publish(*, access: Access, code_id: int, now: datetime, reason: str = "rules") -> int:
    """The next version of a published code from its stored rules; contact ways of a new duty seat are ordered."""
    duty = duty_seat_ensure(code_id, now)
    if duty is not None:
        ways_order(seats=[duty], now=now)
    return snapshot_store(access=access, code_id=code_id, reason=reason, now=now)


def rules_changed(before: Rules, changes: RuleChanges) -> Rules:
    """``before`` with the changes. Raises RuleRefused for what can't be read as rules."""
    try:
        after = rules_from_json({**rules_to_json(before), **changes})
    except (RuleInvalid, ValueError) as error:
        text = str(error) if isinstance(error, RuleInvalid) else "规则格式不正确"
        field = next((name for name in ("conditions", "verify_hours", "hours") if name in changes), "hours")
        raise RuleRefused(where={field: text}) from error
    if after.fallback != RoutingRule.Fallback.CODE:
        after = replace(after, fallback_code_id=None)
    if not after.verify_hours or not any(after.verify_hours):
        after = replace(after, verify_hours=None)
    return after


def rules_check(*, access: Access, code: LiveCode, before: Rules, after: Rules, now: datetime) -> None:
    """Raises RuleRefused with everything that is wrong with what differs; reads only."""
    found = problems(before, after, _known(code, before, after))
    if not found.keys() & {"fallback", "fallback_code_id"} and (
        (before.fallback, before.fallback_code_id) != (after.fallback, after.fallback_code_id)
    ):
        found |= _fallback_problem(access, code.pk, after, now)
    if found:
        raise RuleRefused(where=found)


def require_rule_fields(access: Access, code_id: int, changed: Iterable[str]) -> None:
    """Refuse the whole save if one changed field isn't covered for this very code (field_capabilities.csv).

    Raises:
        FieldDenied: a field that the table doesn't have.
        Denied: with every capability that misses.
    """
    needed: dict[str, None] = {}
    for name in changed:
        capability = capability_for(*FIELDS[name])
        if capability is None:
            raise FieldDenied(*FIELDS[name])
        needed[capability] = None
    held = held_on(access, code_id, needed)
    if missing := [capability for capability in needed if capability not in held]:
        raise Denied(*missing, what="rule")


def _known(code: LiveCode, before: Rules, after: Rules) -> Known:
    """What the checks need to know of the company; only what the changed fields ask for is read."""
    changed = before.differing(after)
    roster: frozenset[int] = frozenset()
    groups: frozenset[int] = frozenset()
    if "conditions" in changed:
        seats = Seat.objects.filter(code=code.pk, removed_at=None, rung=Seat.Rung.ROSTER)
        roster = frozenset(seats.values_list("staff_id", flat=True))
        members = group_members(group_names())
        groups = frozenset(pk for pk, staff in members.items() if not roster.isdisjoint(staff))
    unable = ""
    if "duty_staff_id" in changed and after.duty_staff_id is not None:
        unable = duty_problem(after.duty_staff_id)
    return Known(
        delivery=code.delivery,
        roster=roster,
        groups=groups,
        regions_known=regions_known(),
        duty_known=bool(after.duty_staff_id or reception_default().duty_staff_id),
        unable=unable,
    )


def duty_problem(staff_id: int) -> str:
    """Why this staff can't be the duty person, or an empty text (product.md §2.14)."""
    card = staff_cards([staff_id]).get(staff_id)
    if card is None:
        return "该值班人不存在"
    return "" if card.receivable else f"{card.name}无法接待：{card.reason}"


def _keyed(code_id: int, before: Rules, after: Rules) -> Rules:
    """New conditions get keys that this code never used, so that no turn of an old one goes on in them."""
    if before.conditions == after.conditions:
        return after
    used = condition_keys(code_id) | {one.key for one in before.conditions}
    following = max(used, default=0)
    keyed = []
    for condition in after.conditions:
        if condition.key not in used:
            following += 1
            condition = replace(condition, key=following)
        keyed.append(condition)
    return replace(after, conditions=tuple(keyed))


def _fallback_problem(access: Access, code_id: int, after: Rules, now: datetime) -> dict[str, str]:
    """What is wrong with the other code as a fallback: not there, closed, or a chain that leads back."""
    target = after.fallback_code_id if after.fallback == RoutingRule.Fallback.CODE else None
    if target is not None and (text := fallback_code_problem(access, target, now, own=code_id)):
        return {"fallback_code_id": text}
    fallback_lock()
    own, default = fallback_links()
    if after.fallback:
        own[code_id] = target
    else:
        own.pop(code_id, None)
    text = chain_text(own, default)
    return {"fallback_code_id" if target else "fallback": text} if text else {}


def fallback_code_problem(access: Access, target: int, now: datetime, *, own: int | None = None) -> str:
    """Why scans can't be led on to the code ``target``, or an empty text."""
    if target == own:
        return "兜底活码不能是本活码"
    try:
        other = code_for(access, target)
    except NotFound:
        return "该活码不存在"
    if effective_status(state=other.state, expires_at=other.expires_at, now=now) is not Status.LIVE:
        return f"{other.name}未在启用中，不能作为兜底活码"
    if other.delivery == LiveCode.Delivery.NATIVE:
        return f"{other.name}是原生活码，由企业微信分配，不能作为兜底活码"
    return ""


def fallback_links() -> tuple[dict[int, int | None], int | None]:
    """Where each code with a fallback of its own leads (None: to no code), and the company's fallback code."""
    rows = RoutingRule.objects.exclude(fallback=RoutingRule.Fallback.DEFAULT)
    own = {
        code_id: other if kind == RoutingRule.Fallback.CODE else None
        for code_id, kind, other in rows.values_list("code_id", "fallback", "fallback_code_id")
    }
    default: ReceptionDefault = reception_default()
    return own, default.fallback_code_id if default.fallback == RoutingRule.Fallback.CODE else None


def chain_text(own: Mapping[int, int | None], default: int | None) -> str:
    """What is wrong with the fallbacks of all codes together, by their names; empty when nothing is."""
    found = chain_problem(own, default)
    if found is None:
        return ""
    kind, chain = found
    named = fallback_names(chain)
    path = " → ".join(named.get(pk, "按企业设置的活码") for pk in chain)
    return f"兜底形成循环：{path}" if kind == CIRCLE else f"兜底最多转 3 次：{path}"


def rules_preview(*, access: Access, code_id: int, now: datetime, changes: RuleChanges) -> tuple[Rules, Rules]:
    """The rules before and after ``changes``, checked as :func:`rule_set` would; nothing is kept.

    Raises as rule_set.
    """
    code = code_for(access, code_id)
    before = rules_from_row(RoutingRule.objects.filter(code=code_id).first())
    after = _keyed(code_id, before, rules_changed(before, changes))
    require_rule_fields(access, code_id, before.differing(after))
    rules_check(access=access, code=code, before=before, after=after, now=now)
    return before, after
