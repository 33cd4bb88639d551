"""Reading a company's hosts: what they are for, how they answered, their files, and the scans that reach them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from livecode_admin.kernel.clock import local_day
from permissions.access import Access
from routing.models import DomainHealth, VerificationFile
from tenants.context import require_tenant_id
from tenants.selectors import tenant_facts

USUAL_DAYS = 7
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class DomainRow:
    """One host; ``state``: ``ok``, ``wrong``, ``quiet``, or empty before the first probe."""

    label: str
    host: str
    state: str
    problem: str
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class FileRow:
    """One verification file."""

    id: int
    name: str
    created_at: datetime


def hosts_of_tenant() -> list[tuple[str, str]]:
    """(what it is, host) of the current company's hosts."""
    facts = tenant_facts()
    pairs = (("入口域名", facts.entry_host), ("落地域名", facts.landing_host))
    return [(label, host) for label, host in pairs if host]


def domain_rows(access: Access) -> list[DomainRow]:
    """The company's hosts with how they answered. Raises Denied without ``tenant.settings``."""
    access.require("tenant.settings")
    pairs = hosts_of_tenant()
    known = {row.host: row for row in DomainHealth.objects.filter(host__in=[host for _, host in pairs])}
    return [_row(label, host, known.get(host)) for label, host in pairs]


def _row(label: str, host: str, health: DomainHealth | None) -> DomainRow:
    if health is None or health.checked_at is None:
        return DomainRow(label, host, "", "", None)
    if health.failures:
        return DomainRow(label, host, "wrong", health.problem, health.checked_at)
    if health.quiet_at is not None:
        return DomainRow(label, host, "quiet", "近 1 小时没有微信扫码", health.checked_at)
    return DomainRow(label, host, "ok", "", health.checked_at)


def verification_files(access: Access) -> list[FileRow]:
    """The company's verification files, by name. Raises Denied without ``tenant.settings``."""
    access.require("tenant.settings")
    return [FileRow(row.pk, row.name, row.created_at) for row in VerificationFile.objects.order_by("name")]


def scans_of_the_hour(now: datetime) -> tuple[int, list[int]]:
    """Scans from WeChat in the hour before ``now`` on all codes, and in the same hour of each of the 7 days before.

    Ranges of the scan's id, which is ordered by time: the index is read and nothing else (design.md §5).
    """
    counts = [_visits(now - timedelta(days=back) - HOUR, now - timedelta(days=back)) for back in range(USUAL_DAYS + 1)]
    return counts[0], counts[1:]


def _visits(start: datetime, end: datetime) -> int:
    zone = tenant_facts().time_zone
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM routing_scan WHERE tenant_id = %s AND scan_day BETWEEN %s AND %s"
            " AND scan_id >= %s AND scan_id < %s AND kind = 'visit'",
            [require_tenant_id(), local_day(start, zone), local_day(end, zone), _first_id(start), _first_id(end)],
        )
        row = cursor.fetchone()
    return int(row[0])


def _first_id(moment: datetime) -> UUID:
    """Not above the time-ordered id of any scan at ``moment`` or later, not below that of any before."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
