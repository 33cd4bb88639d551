"""Two people editing the same thing: who saved meanwhile and when, what differs, and the choice between both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.http import QueryDict

from livecode_admin.kernel.web.formats import local_datetime
from permissions.access import Access
from permissions.selectors import AuditRow, audit_entries
from routing.rules.rulewords import Change

ROSTER_ACTIONS = frozenset({"code.roster_changed"})
RULE_ACTIONS = frozenset({"code.rules_changed"})
CAP_ACTIONS = frozenset({"staff.cap_changed", "staff.limits_changed"})


@dataclass(frozen=True, slots=True)
class BothVersions:
    """What the page shows before somebody may save over another's version.

    ``who`` and ``when`` are empty when nobody's change was found (a group changed, the company's settings). ``over``:
    the stored version that saving would replace; sent back only by whoever ticks the choice.
    """

    changes: tuple[Change, ...]
    who: str
    when: str
    over: str

    def told(self, what: str) -> str:
        """The sentence for the summary of errors."""
        by = f"（{self.who}，{self.when}）" if self.who else ""
        return f"{what}刚刚被其他人修改过{by}：请对照两个版本，勾选「以我的版本为准」后再保存"


def chosen(data: QueryDict, stamp: str) -> bool:
    """Whether what was sent may replace what is stored: opened from it, or chosen over it knowingly."""
    return stamp in (data.get("stamp"), data.get("over"))


def both_versions(
    access: Access,
    code_id: int,
    actions: Iterable[str],
    *,
    changes: Sequence[Change],
    over: str,
    zone: str,
    staff_ids: Iterable[int] = (),
) -> BothVersions:
    """The other's version beside the member's own; ``staff_ids``: colleagues whose caps differ, too."""
    wanted = frozenset(actions)
    rows = [row for row in audit_entries(access, "code", code_id) if row.action in wanted][:1]
    for staff_id in staff_ids:
        rows += [row for row in audit_entries(access, "staff", staff_id) if row.action in CAP_ACTIONS][:1]
    last: AuditRow | None = max(rows, key=lambda row: row.id, default=None)
    who, when = (last.who, local_datetime(last.at, zone)) if last is not None else ("", "")
    return BothVersions(tuple(changes), who, when, over)
