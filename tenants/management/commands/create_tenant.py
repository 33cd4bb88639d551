"""`manage.py create_tenant`: make a company; its first owner is made by `permissions`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from livecode_admin.kernel import clock
from tenants.services import tenant_create


class Command(BaseCommand):
    """Prints the new company's id."""

    help = "Make a company (企业)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The company's name and its part of console URLs."""
        parser.add_argument("slug", help="its part of console URLs, e.g. huadong")
        parser.add_argument("name", help="the company's name, e.g. 华东教育")
        parser.add_argument("--time-zone", default="Asia/Shanghai")
        parser.add_argument("--telephone", default="", help="shown on the fallback page")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it."""
        try:
            tenant_id = tenant_create(
                name=options["name"],
                slug=options["slug"],
                now=clock.now(),
                time_zone=options["time_zone"],
                telephone=options["telephone"],
            )
        except (ValueError, IntegrityError) as error:
            raise CommandError(str(error).splitlines()[0]) from error
        self.stdout.write(str(tenant_id))
