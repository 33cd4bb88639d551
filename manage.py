#!/usr/bin/env python3
"""Django's command line; settings come from DJANGO_SETTINGS_MODULE (development when unset)."""

import os
import sys


def main() -> None:
    """Run the management command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livecode_admin.settings.development")
    from django.core.management import execute_from_command_line

    from livecode_admin import celery  # so that shared tasks find our broker

    celery.app.set_default()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
