"""Taking the audit log out of the product."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from livecode_admin.kernel.sheets import csv_bytes
from livecode_admin.kernel.web.formats import local_datetime
from permissions import audit
from permissions.access import Access
from permissions.actions import action_label
from permissions.diffs import lines_of
from permissions.selectors.audit import AuditFilters, audit_log, audit_words

MOST = 50_000
HEAD = ("编号", "时间", "操作人", "操作", "对象", "对象编号", "变更", "来源")


class ExportTooLong(ValueError):
    """More entries than one file takes; the message is for the person, in Chinese."""


@transaction.atomic
def audit_export(
    *, access: Access, filters: AuditFilters, told: Mapping[str, str], zone: str, now: datetime, most: int = MOST
) -> bytes:
    """The filtered log as a CSV file, newest first; that it was taken out is an entry itself.

    ``told``: the filters in words, for that entry. Raises Denied without ``audit.view``, ExportTooLong.
    """
    page = audit_log(access, filters, limit=most)
    if page.older is not None:
        raise ExportTooLong(f"符合条件的记录超过 {most:,} 条，请缩小时间范围后再导出")
    words = audit_words(page.rows, zone)
    audit.record(
        access=access,
        action="audit.exported",
        object_type="audit",
        object_id=0,
        object_label="审计日志",
        before={},
        after={"count": len(page.rows), **({"filters": dict(told)} if told else {})},
        now=now,
    )
    return csv_bytes(
        HEAD,
        (
            (
                str(row.id),
                local_datetime(row.at, zone, seconds=True),
                row.who,
                action_label(row.action),
                row.object_label,
                str(row.object_id or ""),
                "\n".join(line.text() for line in lines_of(row.told, words)),
                row.origin,
            )
            for row in page.rows
        ),
    )
