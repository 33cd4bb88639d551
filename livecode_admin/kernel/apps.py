"""Django application of `livecode_admin.kernel`."""

from django.apps import AppConfig


def refuse_inside_a_transaction() -> None:
    """The guard of the outgoing-HTTP door: a slow answer must never hold row locks (design.md §3.4).

    Raises:
        TransactionOpen: a connection of this thread has an open transaction.
    """
    from django.db import connections

    from livecode_admin.kernel.http import TransactionOpen

    for connection in connections.all(initialized_only=True):
        if connection.in_atomic_block:
            raise TransactionOpen(f"outgoing call inside a transaction on {connection.alias!r}")


class KernelConfig(AppConfig):
    """Floor 0: clock, ids, sealed secrets, the one outgoing-HTTP door; knows no app."""

    name = "livecode_admin.kernel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Close the outgoing-HTTP door while a transaction is open."""
        from livecode_admin.kernel import http

        http.install_guard(refuse_inside_a_transaction)
