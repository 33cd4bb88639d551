"""`manage.py remove_second_factor`: for a person who has neither phone nor recovery codes and proved who they are."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from permissions import sessions
from permissions.models import User
from permissions.selectors.credentials import has_second_factor
from permissions.services.second_factor import totp_remove
from permissions.services.sign_ins import other_sessions_end


class Command(BaseCommand):
    """Take the second factor away and sign the person out everywhere; who needs one sets it up at the next sign-in.

    For the operator of the installation alone: no company can do this to a person (design.md §4).
    """

    help = "Take a person's second factor away, with its recovery codes, and end all their sessions."

    def add_arguments(self, parser: CommandParser) -> None:
        """The user name, as it is typed at sign-in."""
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        """Remove it; the password stays. Raises CommandError for an unknown name or one without a second factor."""
        user = User.objects.filter(username=options["username"]).first()
        if user is None or not has_second_factor(user.pk):
            raise CommandError(f"{options['username']!r} has no second factor")
        totp_remove(user_id=user.pk)
        ended = other_sessions_end(user_id=user.pk, keep_key="", now=sessions.real_now())
        self.stdout.write(f"{user.username}: second factor removed, {ended} sessions ended")
