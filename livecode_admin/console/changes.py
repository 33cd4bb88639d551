"""变更记录: audit rows of an object in the words of the console."""

from __future__ import annotations

from collections.abc import Iterable

from livecode_admin.kernel.web import formats
from livecode_admin.kernel.web.page import Event
from permissions.selectors import AuditRow

TITLES = {
    "code.created": "创建",
    "code.published": "上线",
    "code.updated": "修改",
    "code.paused": "暂停",
    "code.resumed": "恢复",
    "code.retired": "归档",
    "code.renewed": "延长期限",
    "code.roster_changed": "名单调整",
    "code.welcome_set": "欢迎语修改",
    "code.tags_set": "标签修改",
    "code.routing_published": "发布分流规则",
}
_MARKED = frozenset({"code.roster_changed", "code.welcome_set", "code.routing_published"})


def change_events(rows: Iterable[AuditRow], zone: str) -> list[Event]:
    """Timeline entries, newest first; changes that can move the figures are marked."""
    return [
        Event(
            title=TITLES.get(row.action, row.action),
            when=formats.local_datetime(row.at, zone),
            who=row.who,
            mark=row.action in _MARKED,
        )
        for row in rows
    ]
