"""`manage.py shell_tenant`: a Python shell inside one company's context, rolled back unless asked otherwise."""

from __future__ import annotations

import code
from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from tenants.context import tenant_context
from tenants.selectors import tenant_by_slug


class Command(BaseCommand):
    """The shell is one transaction: looking is safe, and changes stay only with ``--write``."""

    help = "Open a Python shell inside one company's context (changes are rolled back without --write)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The company, whether to write, and code to run instead of a prompt."""
        parser.add_argument("slug")
        parser.add_argument("--write", action="store_true", help="commit on leaving")
        parser.add_argument("--command", help="run this instead of asking")

    def handle(self, *args: Any, **options: Any) -> None:
        """Open the context, then the shell."""
        facts = tenant_by_slug(options["slug"])
        if facts is None:
            raise CommandError(f"no company has the slug {options['slug']!r}")
        names: dict[str, object] = {model.__name__: model for model in apps.get_models()} | {"tenant": facts}
        with tenant_context(facts.id):
            if options["command"]:
                code.InteractiveInterpreter(names).runcode(compile(options["command"], "<command>", "exec"))
            else:
                code.interact(banner=f"{facts.name} ({facts.slug}, tenant {facts.id})", local=names)
            if not options["write"]:
                transaction.set_rollback(True)
