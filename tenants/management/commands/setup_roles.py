"""`manage.py setup_roles`: create or correct the database roles, once, as a superuser."""

from __future__ import annotations

import os
from contextlib import closing
from typing import Any

import psycopg2
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tenants import roles

ADMIN_URL = "DATABASE_ADMIN_URL"


class Command(BaseCommand):
    """Reads the superuser's address from DATABASE_ADMIN_URL and the passwords from the three database URLs."""

    help = "Create or correct the database roles of docs/design.md §3 (needs DATABASE_ADMIN_URL, a superuser's)."
    requires_system_checks: list[str] = []  # Django's own declaration

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the statements; safe to run again."""
        address = os.environ.get(ADMIN_URL)
        if not address:
            raise CommandError(f"set {ADMIN_URL} to a superuser's address of the product's database")
        with closing(psycopg2.connect(address)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            for statement in roles.cluster_statements(_passwords(), server_version=connection.server_version):
                cursor.execute(statement)
            for statement in roles.database_statements():
                cursor.execute(statement)
        self.stdout.write("roles are in place: " + ", ".join((*roles.LOGIN_ROLES, roles.RESOLVER)))


def _passwords() -> dict[str, str]:
    """The passwords in the database URLs, by role; URLs that name other roles are not ours to set."""
    databases = (settings.DATABASES[alias] for alias in ("owner", "default", "ops"))
    return {one["USER"]: one["PASSWORD"] for one in databases if one["USER"] in roles.LOGIN_ROLES and one["PASSWORD"]}
