"""变更记录: audit rows of an object in the words of the console."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from livecode_admin.kernel.web import formats
from livecode_admin.kernel.web.page import Event
from permissions.actions import verb_label
from permissions.selectors import AuditRow
from permissions.selectors.audit import audit_told

_MARKED = frozenset({"code.roster_changed", "code.welcome_set", "code.routing_published", "code.rules_changed"})


def change_events(
    rows: Iterable[AuditRow], zone: str, told: Mapping[datetime, str] | None = None, versions_url: str = ""
) -> list[Event]:
    """Timeline entries, newest first; changes that can move the figures are marked.

    ``told``: what each version changed, by its moment; such an entry says so and leads to the versions.
    """
    told = told or {}
    return [
        Event(
            title=verb_label(row.action),
            when=formats.local_datetime(row.at, zone),
            who=row.who,
            what=told.get(row.at, ""),
            url=versions_url if row.at in told else "",
            mark=row.action in _MARKED,
            # A new thing is all new, and a version says itself what it changed.
            lines=() if row.at in told or row.action.endswith(".created") else lines,
        )
        for row, lines in audit_told(rows, zone)
    ]
