"""Before the web processes start: migrate and seed. One Python process, so that a start stays short."""

import os

import django
from django.core.management import CommandError, call_command, get_commands

from livecode_admin import celery
from livecode_admin.devstack.answering import wait_for

SIMULATOR_SECONDS = 60.0


def main() -> None:
    """Run the steps in order; every one may run again."""
    django.setup()
    celery.app.set_default()  # the hints that seeding sends go to our broker
    call_command("migrate", database="owner", interactive=False, verbosity=0)
    if "demo_seed" in get_commands():
        simulator = os.environ["LIVECODE_SIMULATOR_URL"]
        if not wait_for(simulator, SIMULATOR_SECONDS):  # it was starting while we migrated
            raise CommandError(f"the simulator does not answer at {simulator}")
        call_command("demo_seed")


if __name__ == "__main__":
    main()
