"""`manage.py verify_audit`: is every tenant's audit log as it was written?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from livecode_admin.kernel import clock
from permissions.services.sealing import audit_seal
from permissions.verification import Flaw, Report, verify_chain
from tenants.context import tenant_context
from tenants.selectors import tenant_by_slug, tenant_ids

Heads = dict[str, tuple[int, str]]


class Command(BaseCommand):
    """Seal what waits, then check each row and each link; every flaw is named with its row."""

    help = (
        "Check the audit log of all tenants, or of one: names each row that was changed, removed, inserted or swapped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """`--tenant SLUG` checks one tenant; `--heads FILE` keeps the ends of the chains outside of the database."""
        parser.add_argument("--tenant", metavar="SLUG", default="", help="check this tenant alone")
        parser.add_argument(
            "--heads",
            metavar="FILE",
            default="",
            help="compare with the ends of the chains noted in FILE at the last check, then note the present ones",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line per tenant and per flaw; a flaw makes the command fail. Heads are noted of sound logs only."""
        flaws = 0
        heads = _read(options["heads"])
        for tenant_id in self._tenants(options["tenant"]):
            with tenant_context(tenant_id):
                audit_seal(now=clock.now(), batch=None)
                report = verify_chain(heads.get(str(tenant_id)))
            flaws += len(report.flaws)
            if not report.flaws:
                heads[str(tenant_id)] = (report.head_seq, report.head_hash)
            self._tell(tenant_id, report)
        if options["heads"]:
            Path(options["heads"]).write_text(json.dumps(heads, indent=1), encoding="ascii")
        if flaws:
            raise CommandError(f"{flaws} flaws in the audit log")

    def _tell(self, tenant_id: int, report: Report) -> None:
        for flaw in report.flaws:
            self.stdout.write(self.style.ERROR(f"tenant {tenant_id}: {describe(flaw)}"))
        self.stdout.write(
            f"tenant {tenant_id}: {report.entries} entries, head {report.head_seq} {report.head_hash[:16]}, "
            f"{len(report.flaws)} flaws"
        )

    def _tenants(self, slug: str) -> list[int]:
        if not slug:
            return tenant_ids()
        facts = tenant_by_slug(slug)
        if facts is None:
            raise CommandError(f"no tenant {slug!r}")
        return [facts.id]


def describe(flaw: Flaw) -> str:
    """A flaw in one line, with its rows: the entry by its id, the seal by its place in the chain."""
    rows = [f"permissions_auditentry {flaw.entry_id}"] if flaw.entry_id else []
    rows += [f"permissions_auditseal seq {flaw.seq}"] if flaw.seq else []
    return f"{', '.join(rows)}: {flaw.what}"


def _read(name: str) -> Heads:
    """The heads of the last check, by tenant; none at the first one. Raises CommandError for a file that isn't ours."""
    if not name or not Path(name).exists():
        return {}
    try:
        return {key: (int(seq), str(head)) for key, (seq, head) in json.loads(Path(name).read_text("ascii")).items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise CommandError(f"{name} does not hold heads of chains") from error
