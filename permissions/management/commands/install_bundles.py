"""`manage.py install_bundles`: bring the built-in role bundles of every tenant to what this version's table says."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from permissions.services import bundles_install
from tenants.context import tenant_context
from tenants.selectors import tenant_ids


class Command(BaseCommand):
    """Run once after each deployment that changed role_bundles.csv; safe to repeat."""

    help = "Bring the built-in role bundles of every tenant, and their grants, to this version's table."

    def handle(self, *args: Any, **options: Any) -> None:
        """One transaction per tenant, so that a long list holds no lock for long."""
        done = tenant_ids()
        for tenant_id in done:
            with tenant_context(tenant_id):
                bundles_install()
        self.stdout.write(f"{len(done)} tenants")
