"""Celery's task bases, and the hint that something is to be done.

Messages are hints and rows are the truth (design.md §6): a lost hint is found by a sweeper, so a broker
that is gone never fails the action that wanted to send one.
"""

from __future__ import annotations

import logging
from typing import Any

from celery import Task, current_app
from django.db import connections, transaction
from kombu.exceptions import OperationalError

from tenants.context import NestedTenant, current_tenant_id, tenant_context

_log = logging.getLogger("livecode.tasks")


class _IdsOnly(Task[Any, Any]):
    """A task is called with named ids; it starts outside of any tenant and any transaction."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Check where we are, then run.

        Raises:
            TypeError: positional arguments, or a tenant's task without ``tenant_id``.
            NestedTenant: called inside a tenant context or a transaction.
        """
        if args:
            raise TypeError(f"{self.name} takes named ids, not positional arguments")
        if current_tenant_id() is not None or any(c.in_atomic_block for c in connections.all(initialized_only=True)):
            raise NestedTenant(f"{self.name} was called inside a tenant context or a transaction")
        return self.run_in_place(kwargs)

    def run_in_place(self, kwargs: dict[str, Any]) -> Any:
        """Run the body."""
        return super().__call__(**kwargs)

    def tenant_of(self, kwargs: dict[str, Any]) -> int:
        """The tenant that the message names; headers and globals are not asked.

        Raises:
            TypeError: it names none.
        """
        tenant_id = kwargs.get("tenant_id")
        if not isinstance(tenant_id, int) or isinstance(tenant_id, bool):
            raise TypeError(f"{self.name} needs tenant_id, a whole number")
        return tenant_id


class TenantTask(_IdsOnly):
    """The whole task is one transaction inside ``tenant_context(tenant_id)``; it makes no outgoing call."""

    abstract = True

    def run_in_place(self, kwargs: dict[str, Any]) -> Any:
        """Run the body inside the tenant's context."""
        with tenant_context(self.tenant_of(kwargs)):
            return super().run_in_place(kwargs)


class SendingTask(_IdsOnly):
    """Claim → commit → send → record: no transaction around it; the body opens ``tenant_context`` for each step."""

    abstract = True

    def run_in_place(self, kwargs: dict[str, Any]) -> Any:
        """Run the body outside of any context, once the tenant is known to be named."""
        self.tenant_of(kwargs)
        return super().run_in_place(kwargs)


class PlatformTask(_IdsOnly):
    """No tenant: uses the database alias ``ops``, or fans out over ``tenants.selectors.tenant_ids()``."""

    abstract = True


def enqueue_on_commit(name: str, **ids: int | str) -> None:
    """After the transaction commits, hint that the task ``name`` has work; nothing is sent after a rollback.

    Tasks are named by text, so that a lower floor can wake a higher one without importing it.
    """
    transaction.on_commit(lambda: enqueue_now(name, **ids), robust=True)


def enqueue_now(name: str, **ids: int | str) -> None:
    """Hint at once that the task ``name`` has work: for sweepers and for a task that wants another round."""
    app = current_app
    if name not in app.tasks:
        app.loader.import_default_modules()
    try:
        if name in app.tasks:
            app.tasks[name].apply_async(kwargs=ids)
        else:
            app.send_task(name, kwargs=ids)
    except (OperationalError, OSError) as error:
        _log.warning("hint_lost", extra={"task": name, "error": type(error).__name__, **ids})
