"""Rules of a code and the company's duty person: 溢出自动切换, pending and sticky time (product.md §2.2-§2.8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from codes.services import code_note
from people.selectors import staff_cards
from permissions import audit
from permissions.access import Access
from routing.models import CodeRoute, ReceptionDefault, RoutingRule
from routing.services.changing import RoutingRefused, code_to_change
from routing.services.publish import duty_seat_ensure, snapshot_store
from routing.services.ways import ways_order

# Field of the model → field of the table (field_capabilities.csv, object rule).
FIELDS: Mapping[str, str] = {
    "overflow": "overflow",
    "pending_seconds": "pending_time",
    "sticky_seconds": "sticky_time",
    "duty_staff_id": "duty_person",
}
RANGES = {"pending_seconds": (60, 86_400, "等待时间"), "sticky_seconds": (0, 30 * 86_400, "回访时间")}


class RuleRefused(RoutingRefused):
    """A rule that can't be kept."""


@transaction.atomic
def rule_set(*, access: Access, code_id: int, now: datetime, **changes: bool | int | None) -> list[str]:
    """Change rules of a code (keys of ``FIELDS``; seconds). A published code gets a new version at once.

    Raises:
        NotFound, Denied: not this member's code, or without ``routing.rules``.
        RuleRefused: out of range, or a duty person who doesn't exist.
        TypeError: an unknown field.
    """
    if unknown := changes.keys() - FIELDS.keys():
        raise TypeError(f"not a rule: {sorted(unknown)}")
    code = code_to_change(access, code_id, "codes.view")
    rule = RoutingRule.objects.filter(code=code_id).first() or RoutingRule(code_id=code_id)
    before = {key: getattr(rule, key) for key, value in changes.items() if getattr(rule, key) != value}
    access.require_fields("rule", sorted(FIELDS[key] for key in before))
    if not before:
        return []
    _check(changes)
    code_to_change(access, code_id, "routing.rules")
    after = {key: changes[key] for key in before}
    for key, value in after.items():
        setattr(rule, key, value)
    rule.save()
    code_note(access, code, "rules_changed", before=before, after=after, now=now)
    if CodeRoute.objects.filter(code=code_id).exists():
        _republish(access, code_id, now)
    return sorted(before)


@transaction.atomic
def duty_default_set(*, access: Access, staff_id: int | None, now: datetime) -> None:
    """The company's duty person, for codes that name no other one. Published codes follow at once.

    Raises:
        Denied: without ``routing.rules``.
        RuleRefused: no such staff.
    """
    access.require_fields("rule", ["duty_person"])
    _check({"duty_staff_id": staff_id})
    row = ReceptionDefault.objects.first() or ReceptionDefault()
    before = row.duty_staff_id
    if before == staff_id:
        return
    row.duty_staff_id = staff_id
    row.save()
    for code_id in CodeRoute.objects.values_list("code_id", flat=True):
        _republish(access, code_id, now)
    audit.record(
        access=access,
        action="tenant.duty_changed",
        object_type="tenant",
        object_id=access.tenant_id,
        object_label="值班人",
        before={"duty_staff_id": before},
        after={"duty_staff_id": staff_id},
        now=now,
    )


def _republish(access: Access, code_id: int, now: datetime) -> None:
    duty = duty_seat_ensure(code_id, now)
    if duty is not None:
        ways_order(seats=[duty], now=now)
    snapshot_store(access=access, code_id=code_id, reason="rules", now=now)


def _check(changes: Mapping[str, bool | int | None]) -> None:
    for key, (low, high, label) in RANGES.items():
        value = changes.get(key)
        if key in changes and (not isinstance(value, int) or not low <= value <= high):
            raise RuleRefused(f"{label}应在 {low} 到 {high} 秒之间")
    staff_id = changes.get("duty_staff_id")
    if staff_id is not None and int(staff_id) not in staff_cards([int(staff_id)]):
        raise RuleRefused("该值班人不存在")
