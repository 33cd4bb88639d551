"""What must hold before the product starts: no database role that row level security does not hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

# The alias `owner` migrates and is nobody's request; these two serve people.
SERVING_ALIASES: Final = ("default", "ops")
_MIGHTY = "SELECT rolname FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)"
_judged: set[tuple[str, str]] = set()


def mighty_role(connection: BaseDatabaseWrapper) -> str | None:
    """The connected role's name if row level security doesn't hold it (superuser or BYPASSRLS), else None."""
    with connection.cursor() as cursor:
        cursor.execute(_MIGHTY)
        row = cursor.fetchone()
    return str(row[0]) if row else None


def refuse_mighty_role(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
    """On a process's first connection to each database: refuse to serve with a role that passes by wall 2.

    A server process runs no system checks, so the connection itself is where it can't be forgotten.

    Raises:
        ImproperlyConfigured: the role is a superuser or has BYPASSRLS.
    """
    place = (connection.alias, str(connection.settings_dict["USER"]))
    if connection.alias not in SERVING_ALIASES or place in _judged:
        return
    if role := mighty_role(connection):
        connection.close()
        raise ImproperlyConfigured(f"the database role {role} passes by row level security: connect as another")
    _judged.add(place)


def check_roles(
    *, app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """With ``check --database`` and on migrating: no serving alias has a mighty role."""
    mighty = {alias: mighty_role(connections[alias]) for alias in databases or () if alias in SERVING_ALIASES}
    return [
        Error(f"{alias}: the role {role} passes by row level security", id="tenants.E001")
        for alias, role in mighty.items()
        if role
    ]
