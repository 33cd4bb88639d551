"""What holds for all codes of a company: duty person, fallback, 换一位, friends from outside (product.md §1.5, §2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypedDict, Unpack

from django.db import transaction

from codes.selectors import code_cards
from livecode_admin.workspace.services import job_finish, job_start
from permissions import audit
from permissions.access import Access, Denied, Scope
from routing.models import CalendarDay, ReceptionDefault, RoutingRule
from routing.rules.calendars import CalendarEntry
from routing.rules.rulewords import FALLBACKS, named, on_off
from routing.selectors.rules import rule_names
from routing.services.changing import fallback_lock
from routing.services.republish import REPUBLISH, TAKEN_UP_AFTER, codes_following, codes_republish
from routing.services.rules import (
    RuleRefused,
    chain_text,
    duty_problem,
    fallback_code_problem,
    fallback_links,
)
from tenants.tasks import enqueue_on_commit

# So many codes are published anew while the member waits; more go to a background job.
AT_ONCE = 20
CAPABILITY = "routing.rules"
# Columns and the fields of the table (field_capabilities.csv) that they are.
_TABLE = {
    "duty_staff_id": ("rule", "duty_person"),
    "fallback": ("tenant", "fallback"),
    "fallback_code_id": ("tenant", "fallback"),
    "swap_allowed": ("rule", "swap_allowed"),
    "outside_count": ("rule", "outside_count"),
}
FIELDS = tuple(_TABLE)


class DefaultChanges(TypedDict, total=False):
    """Changes of the company's reception settings; what isn't named stays."""

    duty_staff_id: int | None
    fallback: str
    fallback_code_id: int | None
    swap_allowed: bool
    outside_count: bool


def require_defaults(access: Access) -> None:
    """Settings of the whole company need ``routing.rules`` for the whole company. Raises Denied."""
    if access.scope(CAPABILITY) is not Scope.ALL:
        raise Denied(CAPABILITY)


@transaction.atomic
def defaults_set(*, access: Access, now: datetime, **changes: Unpack[DefaultChanges]) -> int | None:
    """Change the company's reception settings. Published codes that go by them follow: a few at once, many in a job.

    Returns the job's id when one was started. 换一位 and 名片、搜索添加也计上限 are felt by the next scan as they are.
    Raises:
        Denied: without ``routing.rules`` for the whole company, or ``tenant.settings`` for the fallback.
        RuleRefused: what is wrong, by field.
        TypeError: an unknown field.
    """
    if unknown := changes.keys() - set(FIELDS):
        raise TypeError(f"not a reception setting: {sorted(unknown)}")
    require_defaults(access)
    fallback_lock()
    row, _ = ReceptionDefault.objects.get_or_create()
    before = {name: getattr(row, name) for name in FIELDS}
    after = {**before, **changes}
    if after["fallback"] != RoutingRule.Fallback.CODE:
        after["fallback_code_id"] = None
    changed = [name for name in FIELDS if after[name] != before[name]]
    if not changed:
        return None
    for name in changed:
        access.require_fields(_TABLE[name][0], [_TABLE[name][1]])
    _check(access, after, changed, now)
    for name in changed:
        setattr(row, name, after[name])
    # These fields alone: the quota of links is noted in the same row by a task.
    row.save(update_fields=changed)
    _note(access, before, after, changed, now)
    return _follow(access, changed, now)


def _follow(access: Access, changed: list[str], now: datetime) -> int | None:
    """Let the codes that go by the settings follow."""
    duty, fallback = "duty_staff_id" in changed, bool({"fallback", "fallback_code_id"} & set(changed))
    code_ids = codes_following(duty, fallback) if duty or fallback else []
    if len(code_ids) <= AT_ONCE or access.member_id is None or access.user_id is None:
        codes_republish(access=access, code_ids=code_ids, now=now)
        return None
    title = f"重新发布 {len(code_ids)} 个活码"
    what = "both" if duty and fallback else "duty" if duty else "fallback"
    row = ReceptionDefault.objects.get()
    if row.republish_job is not None:  # not over yet: this one does its work as well
        what = what if what == row.republish_what else "both"
        job_finish(job_id=row.republish_job, result={"codes": 0}, now=now)
    job_id = job_start(access=access, kind="republish", title=title, total=len(code_ids), now=now)
    row.republish_job, row.republish_user, row.republish_what = job_id, access.user_id, what
    row.republish_at = now + TAKEN_UP_AFTER
    row.republish_after, row.republish_tries, row.republish_failed = 0, 0, []
    row.save(update_fields=REPUBLISH)
    enqueue_on_commit(
        "routing.tasks.republish_codes",
        tenant_id=access.tenant_id,
        job_id=job_id,
        user_id=access.user_id,
    )
    return job_id


def _check(access: Access, after: dict[str, object], changed: list[str], now: datetime) -> None:
    found: dict[str, str] = {}
    duty, kind, other = after["duty_staff_id"], after["fallback"], after["fallback_code_id"]
    if "duty_staff_id" in changed and isinstance(duty, int) and (text := duty_problem(duty)):
        found["duty_staff_id"] = text
    if kind not in ("page", "duty", "code"):
        found["fallback"] = "请选择列出的一项"
    elif kind == "duty" and duty is None:
        found["fallback"] = "请先指定值班人，或选择其他兜底方式"
    elif kind == "code" and not isinstance(other, int):
        found["fallback_code_id"] = "请选择兜底活码"
    elif {"fallback", "fallback_code_id"} & set(changed) and isinstance(other, int):
        own, _ = fallback_links()
        text = fallback_code_problem(access, other, now) or chain_text(own, other)
        found |= {"fallback_code_id": text} if text else {}
    if found:
        raise RuleRefused(where=found)


def _note(
    access: Access, before: dict[str, object], after: dict[str, object], changed: list[str], now: datetime
) -> None:
    duties = [pk for side in (before, after) if isinstance(pk := side["duty_staff_id"], int)]
    codes = {pk for side in (before, after) if isinstance(pk := side["fallback_code_id"], int)}
    staff = rule_names(staff=duties).staff
    cards = code_cards(codes) if codes else {}

    def words(side: dict[str, object]) -> dict[str, str]:
        duty, other = side["duty_staff_id"], side["fallback_code_id"]
        told = {
            "duty_staff": named(staff, duty if isinstance(duty, int) else None),
            "fallback": FALLBACKS[str(side["fallback"])],
            "fallback_code": cards[other].name if isinstance(other, int) and other in cards else "无",
            "swap_allowed": on_off(bool(side["swap_allowed"])),
            "outside_count": on_off(bool(side["outside_count"])),
        }
        return {key: text for key, text in told.items() if key in changed or f"{key}_id" in changed}

    audit.record(
        access=access,
        action="tenant.reception_changed",
        object_type="tenant",
        object_id=access.tenant_id,
        object_label="接待设置",
        before=words(before),
        after=words(after),
        now=now,
    )


@transaction.atomic
def calendar_add(*, access: Access, entries: Sequence[CalendarEntry], now: datetime) -> int:
    """Holidays and make-up workdays; a day that is there already becomes what is given. Returns how many changed.

    Felt by the next scan. Raises Denied without ``routing.rules`` for the whole company.
    """
    require_defaults(access)
    access.require_fields("rule", ["calendar"])
    known = {row.day: row for row in CalendarDay.objects.filter(day__in=[entry.day for entry in entries])}
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for entry in entries:
        row = known.get(entry.day)
        old = None if row is None else _entry(row)
        if old == entry:
            continue
        CalendarDay.objects.update_or_create(day=entry.day, defaults={"name": entry.name, "works_as": entry.works_as})
        after[entry.day.isoformat()] = entry.words
        if old is not None:
            before[entry.day.isoformat()] = old.words
    _calendar_note(access, before, after, now)
    return len(after)


@transaction.atomic
def calendar_remove(*, access: Access, days: Sequence[date], now: datetime) -> int:
    """Let these days be like their weekdays again; returns how many were in the calendar. Raises as calendar_add."""
    require_defaults(access)
    access.require_fields("rule", ["calendar"])
    rows = list(CalendarDay.objects.filter(day__in=list(days)).order_by("day"))
    before = {row.day.isoformat(): _entry(row).words for row in rows}
    CalendarDay.objects.filter(pk__in=[row.pk for row in rows]).delete()
    _calendar_note(access, before, {}, now)
    return len(rows)


def _entry(row: CalendarDay) -> CalendarEntry:
    return CalendarEntry(row.day, row.name, row.works_as)


def _calendar_note(access: Access, before: dict[str, str], after: dict[str, str], now: datetime) -> None:
    if not before and not after:
        return
    audit.record(
        access=access,
        action="tenant.calendar_changed",
        object_type="tenant",
        object_id=access.tenant_id,
        object_label="企业日历",
        before=before,
        after=after,
        now=now,
    )
