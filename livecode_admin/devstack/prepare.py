"""Before the web processes start: migrate and seed. One Python process, so that a start stays short."""

import django
from django.core.management import call_command, get_commands

from livecode_admin import celery


def main() -> None:
    """Run the steps in order; every one may run again."""
    django.setup()
    celery.app.set_default()  # the hints that seeding sends go to our broker
    call_command("migrate", database="owner", interactive=False, verbosity=0)
    if "demo_seed" in get_commands():
        call_command("demo_seed")


if __name__ == "__main__":
    main()
