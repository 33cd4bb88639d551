"""Which tenant the running code works for. Wall 1 reads it here, wall 2 reads ``app.tenant`` in PostgreSQL.

:func:`tenant_context` is the outermost transaction: entering it inside another one, or twice, is an error,
so that no code can change tenants half way (design.md §3.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.db import connections, transaction

_current: ContextVar[int | None] = ContextVar("tenant", default=None)


class NoTenant(RuntimeError):
    """Tenant rows were touched while no tenant was set."""


class TenantMismatch(RuntimeError):
    """A row of one tenant was to be written while another tenant was set."""


class NestedTenant(RuntimeError):
    """A tenant context was opened inside another one."""


def current_tenant_id() -> int | None:
    """The tenant of the running code, or None."""
    return _current.get()


def require_tenant_id() -> int:
    """The tenant of the running code.

    Raises:
        NoTenant: none is set.
    """
    tenant_id = _current.get()
    if tenant_id is None:
        raise NoTenant("no tenant is set: enter tenant_context(tenant_id) first")
    return tenant_id


def loud_wall_stands() -> bool:
    """Whether wall 1 is up. It can be taken down only by the isolation tests, never in production."""
    return bool(getattr(settings, "TENANT_LOUD_WALL", True))


@contextmanager
def tenant_context(tenant_id: int, *, using: str = "default") -> Iterator[None]:
    """Work for one tenant: one transaction in which both walls know the tenant; both forget it on the way out.

    Raises:
        NestedTenant: a tenant is set already, or a transaction is open.
    """
    if _current.get() is not None:
        raise NestedTenant(f"tenant {_current.get()} is set already")
    if connections[using].in_atomic_block:
        raise NestedTenant("a transaction is open: tenant_context must be the outermost one")
    token = _current.set(int(tenant_id))
    try:
        with transaction.atomic(using=using):
            with connections[using].cursor() as cursor:
                cursor.execute("SELECT set_config('app.tenant', %s, true)", [str(int(tenant_id))])
            yield
    finally:
        _current.reset(token)
