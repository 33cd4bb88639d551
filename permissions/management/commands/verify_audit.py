"""`manage.py verify_audit`: is every tenant's audit log as it was written?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from livecode_admin.kernel import clock
from permissions.services.sealing import audit_seal
from permissions.verification import Flaw, verify_chain
from tenants.context import tenant_context
from tenants.selectors import tenant_by_slug, tenant_ids


class Command(BaseCommand):
    """Seal what waits, then check each row and each link; every flaw is named with its row."""

    help = (
        "Check the audit log of all tenants, or of one: names each row that was changed, removed, inserted or swapped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """`--tenant SLUG` checks one tenant."""
        parser.add_argument("--tenant", metavar="SLUG", default="", help="check this tenant alone")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line per tenant and per flaw; a flaw makes the command fail."""
        flaws = 0
        for tenant_id in self._tenants(options["tenant"]):
            with tenant_context(tenant_id):
                audit_seal(now=clock.now(), batch=None)
                report = verify_chain()
            flaws += len(report.flaws)
            for flaw in report.flaws:
                self.stdout.write(self.style.ERROR(f"tenant {tenant_id}: {describe(flaw)}"))
            self.stdout.write(
                f"tenant {tenant_id}: {report.entries} entries, head {report.head_seq} {report.head_hash[:16]}, "
                f"{len(report.flaws)} flaws"
            )
        if flaws:
            raise CommandError(f"{flaws} flaws in the audit log")

    def _tenants(self, slug: str) -> list[int]:
        if not slug:
            return tenant_ids()
        facts = tenant_by_slug(slug)
        if facts is None:
            raise CommandError(f"no tenant {slug!r}")
        return [facts.id]


def describe(flaw: Flaw) -> str:
    """A flaw in one line, with its row."""
    row = f"permissions_auditentry {flaw.entry_id}" if flaw.entry_id else f"permissions_auditseal seq {flaw.seq}"
    return f"{row}: {flaw.what}"
