"""Before the web processes start: migrate and seed. One Python process, so that a start stays short."""

import django
from django.core.management import call_command, get_commands


def main() -> None:
    """Run the steps in order; every one may run again."""
    django.setup()
    call_command("migrate", database="owner", interactive=False, verbosity=0)
    if "demo_seed" in get_commands():
        call_command("demo_seed")


if __name__ == "__main__":
    main()
