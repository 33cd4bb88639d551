"""`manage.py check_isolation`: ask the database's catalog for holes in row level security."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenants.isolation import holes


class Command(BaseCommand):
    """Exits with 1 and names each hole; for CI and for each deployment, after migrating."""

    help = "Look for holes in tenant isolation (row level security, roles, foreign keys); there must be none."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the catalog query."""
        found = holes()
        for hole in found:
            self.stderr.write(str(hole))
        if found:
            raise CommandError(f"tenant isolation has {len(found)} holes")
        self.stdout.write("tenant isolation: no hole found")
