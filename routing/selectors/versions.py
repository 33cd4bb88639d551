"""Versions of a code: who published when and why, and what each changed, in words (product.md §2.9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from codes.selectors import code_for
from livecode_admin.kernel.web.formats import through
from permissions.access import Access
from permissions.selectors import member_names
from routing.models import CodeRoute, Snapshot
from routing.rules.ruleset import Rules, rules_from_json
from routing.rules.rulewords import FALLBACKS, Change, Names, SeatWords, brief, named, roster_changes, rule_changes
from routing.rules.snapshot import Rung, SeatPlan, from_json
from routing.rules.snapshot import Snapshot as Frozen
from routing.selectors.rules import fallback_names, rule_names
from tenants.selectors import tenant_facts

REASONS = {
    "publish": "发布",
    "roster": "名单调整",
    "rules": "规则发布",
    "restore": "恢复",
    "defaults": "企业接待设置变更",
    "groups": "分组变更",
}
# Publishes that somebody made of rules: what 「频繁改规则」 counts.
RULE_REASONS = ("rules", "restore")
OFTEN_DAYS, OFTEN = 7, 3
PAGE = 20
_RUNG = {Rung.ROSTER: "接待", Rung.BACKUP: "备用", Rung.DUTY: "值班"}


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version. ``changes``: against the one before; ``first``: there is none before it."""

    version: int
    published_at: datetime
    who: str
    reason: str
    changes: tuple[Change, ...]
    current: bool
    first: bool


@dataclass(frozen=True, slots=True)
class VersionContent:
    """A version as it can be restored: the rules as people edit them, and the seats of roster and backups."""

    version: int
    rules: Rules
    frozen: Frozen


def version_rows(access: Access, code_id: int, *, before: int | None = None) -> list[VersionRow]:
    """The newest versions (below ``before``), 20 at most; the same few queries for 2 and 20. Raises NotFound."""
    code_for(access, code_id)
    rows = Snapshot.objects.filter(code=code_id).order_by("-version")
    if before is not None:
        rows = rows.filter(version__lt=before)
    found = list(rows[: PAGE + 1])
    contents = [_content(row) for row in found]
    names = _names(contents)
    zone = tenant_facts().time_zone
    who = member_names(row.published_by_id for row in found if row.published_by_id is not None)
    current = CodeRoute.objects.filter(code=code_id).values_list("version", flat=True).first()
    told = []
    for place, row in enumerate(found[:PAGE]):
        older = contents[place + 1] if place + 1 < len(contents) else None
        told.append(
            VersionRow(
                version=row.version,
                published_at=row.published_at,
                who=who.get(row.published_by_id, "系统"),
                reason=REASONS.get(row.reason, row.reason),
                changes=tuple(version_changes(older, contents[place], names, zone)) if older else (),
                current=row.version == current,
                first=older is None,
            )
        )
    return told


def changes_told(access: Access, code_id: int) -> dict[datetime, str]:
    """What the newest versions changed, in one line each, by the moment of their publishing. Raises NotFound."""
    rows = version_rows(access, code_id)
    return {row.published_at: "；".join(brief(one) for one in row.changes) for row in rows if row.changes}


def version_content(access: Access, code_id: int, version: int) -> VersionContent | None:
    """One version, or None when there is no such one. Raises NotFound for the code."""
    code_for(access, code_id)
    row = Snapshot.objects.filter(code=code_id, version=version).first()
    return None if row is None else _content(row)


def current_version(code_id: int) -> tuple[int, datetime] | None:
    """The current version and when it was published; None for a code that never was."""
    route = CodeRoute.objects.filter(code=code_id).first()
    if route is None:
        return None
    at: datetime = Snapshot.objects.values_list("published_at", flat=True).get(code=code_id, version=route.version)
    return route.version, at


def rule_publishes(code_id: int, now: datetime) -> int:
    """How often rules of this code were published within the last 7 days (product.md §2.9)."""
    since = now - timedelta(days=OFTEN_DAYS)
    count: int = Snapshot.objects.filter(code=code_id, reason__in=RULE_REASONS, published_at__gt=since).count()
    return count


def often_text(count: int, *, publishing: bool = False) -> str:
    """The warning on more than 3 rule publishes in 7 days, before the next one or after; empty for fewer."""
    if count + publishing <= OFTEN:
        return ""
    told = f"近 {OFTEN_DAYS} 天已发布 {count} 次规则" + (f"，这将是第 {count + 1} 次" if publishing else "")
    return f"{told}。频繁修改规则是分流混乱最常见的原因：请先检查欢迎语、现场物料和接待名单，再改规则"


def version_changes(older: VersionContent, newer: VersionContent, names: Names, zone: str) -> list[Change]:
    """What differs between two versions, rules first, then the roster."""
    found = [
        change
        for change in rule_changes(older.rules, newer.rules, names)
        if change.label not in ("值班人", "兜底") or _effective(older) == _effective(newer)
    ]
    for label, was, is_ in zip(("值班人", "兜底"), _words(older, names), _words(newer, names), strict=True):
        if was != is_:
            found.append(Change(label, was, is_))
    return found + roster_changes(seat_words(older.frozen, zone), seat_words(newer.frozen, zone), names)


def _effective(content: VersionContent) -> tuple[int | None, str, int | None]:
    duty = content.frozen.duty
    return duty.staff_id if duty else None, content.frozen.fallback, content.frozen.fallback_code


def _words(content: VersionContent, names: Names) -> tuple[str, str]:
    """Duty person and fallback as they really were, the company's where the code had none of its own."""
    duty, fallback, code = _effective(content)
    text = named(names.codes, code) if fallback == "code" else FALLBACKS.get(fallback, fallback)
    return named(names.staff, duty), text


def seat_words(snapshot: Frozen, zone: str) -> list[SeatWords]:
    """Roster and backups of a version for its diff."""
    return plans_words(snapshot.roster, snapshot.backups, zone)


def plans_words(roster: Sequence[SeatPlan], backups: Sequence[SeatPlan], zone: str) -> list[SeatWords]:
    """Seats in the words of a diff."""
    return [
        SeatWords(
            staff_id=seat.staff_id,
            rung=_RUNG[rung],
            place=seat.position,
            cap=seat.daily_cap,
            weight=seat.weight,
            paused=_until(seat.paused_until, zone),
            hours=seat.hours,
        )
        for rung, seats in ((Rung.ROSTER, roster), (Rung.BACKUP, backups))
        for seat in seats
    ]


def _until(paused_until: float | None, zone: str) -> str:
    return "" if paused_until is None else f"至 {through(datetime.fromtimestamp(paused_until, UTC), zone)}"


def _content(row: Snapshot) -> VersionContent:
    frozen = from_json(row.data)
    return VersionContent(row.version, rules_from_json(row.rule) if row.rule else _rules_of(frozen), frozen)


def _rules_of(frozen: Frozen) -> Rules:
    """The rules of a version from before versions kept them: what the compiled form tells."""
    return Rules(
        strategy=frozen.strategy,
        turns_count=frozen.turns_count,
        overflow=frozen.overflow,
        peak_overflow=frozen.peak_window is not None,
        peak_window_seconds=frozen.peak_window or 300,
        pending_seconds=frozen.pending_seconds,
        sticky_seconds=frozen.sticky_seconds,
        hours=frozen.hours,
        duty_staff_id=frozen.duty.staff_id if frozen.duty else None,
    )


def _names(contents: Sequence[VersionContent]) -> Names:
    staff = {seat.staff_id for one in contents for seat in one.frozen.seats()}
    names = rule_names(*(one.rules for one in contents), staff=staff)
    codes = [one.frozen.fallback_code for one in contents if one.frozen.fallback_code is not None]
    return Names(names.staff, names.groups, {**fallback_names(codes), **names.codes})
