"""People who sign in. A tenant changes its members, never a person's credentials (design.md §4)."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from permissions.models import User


@transaction.atomic
def user_create(*, username: str, password: str, now: datetime, email: str = "", check_password: bool = True) -> int:
    """Make a person's account and return its id; it belongs to no tenant yet.

    ``check_password=False`` only for demo accounts with a published password.
    Raises ValidationError for a weak password, IntegrityError for a taken name.
    """
    user = User(username=User.normalize_username(username), email=email, date_joined=now)
    if check_password:
        validate_password(password, user)
    user.set_password(password)
    user.save()
    return user.pk


@transaction.atomic
def password_change(*, user_id: int, password: str) -> None:
    """Give the person a new password; who asks has shown the old one. Raises ValidationError for a weak one."""
    user = User.objects.select_for_update().get(pk=user_id)
    validate_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
