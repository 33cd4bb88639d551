"""Wall 1, the loud one: querysets of tenant models raise without a tenant and filter with one.

Both managers of a tenant model use it, also ``_base_manager``: reading a forward foreign key or
``refresh_from_db`` of another tenant's row finds nothing even when row level security is off.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NoReturn, TypeVar

from django.db import models
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.query import Query

from tenants.context import TenantMismatch, current_tenant_id, loud_wall_stands, require_tenant_id

M = TypeVar("M", bound=models.Model)

_MADE_FOR: Final = "livecode_made_for_tenant"
_query_classes: dict[type[Query], type[Query]] = {}


def _loud(query_class: type[Query]) -> type[Query]:
    """``query_class`` with a check before any SQL is made: select, update, delete and aggregate all pass here."""
    if query_class in _query_classes.values():
        return query_class
    if query_class not in _query_classes:

        def get_compiler(self: Any, *args: Any, **kwargs: Any) -> SQLCompiler:
            check_tenant_of_query(self)
            compiler: SQLCompiler = query_class.get_compiler(self, *args, **kwargs)
            return compiler

        def chain(self: Any, klass: type[Query] | None = None) -> Any:
            return query_class.chain(self, _loud(klass) if klass else None)

        _query_classes[query_class] = type(
            f"Loud{query_class.__name__}", (query_class,), {"get_compiler": get_compiler, "chain": chain}
        )
    return _query_classes[query_class]


class TenantQuerySet(models.QuerySet[M]):
    """A queryset that evaluates only inside a tenant context and only sees that tenant's rows."""

    def __init__(self, model: type[M] | None = None, query: Query | None = None, **kwargs: Any) -> None:
        if query is None and model is not None:
            query = _loud(Query)(model)
        super().__init__(model, query, **kwargs)

    def raw(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused: raw SQL passes by wall 1."""
        raise TenantMismatch("raw() is not for tenant models: write the query with the ORM")

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        """As Django's, for rows of the current tenant alone."""
        rows = list(objs)
        for row in rows:
            check_tenant_of(row)
        return super().bulk_create(rows, *args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        """As Django's; a row never moves to another tenant.

        Raises:
            TenantMismatch: the tenant itself was to be changed.
        """
        if loud_wall_stands() and kwargs.keys() & {"tenant", "tenant_id"}:
            raise TenantMismatch("a row never changes its tenant")
        return super().update(**kwargs)

    def _raw_delete(self, using: str | None) -> int:
        """Django's fast path changes the query's class, and with it our check would be gone."""
        check_tenant_of_query(self.query)
        return super()._raw_delete(using)

    def _insert(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> Any:
        rows = list(objs)
        for row in rows:
            check_tenant_of(row)
        return super()._insert(rows, *args, **kwargs)  # type: ignore[misc]


class TenantManager(models.Manager.from_queryset(TenantQuerySet)):  # type: ignore[misc]
    """The manager of every tenant model, as default and as base manager."""

    def get_queryset(self) -> TenantQuerySet[Any]:
        """Rows of the current tenant; raises NoTenant outside of a tenant context."""
        queryset: TenantQuerySet[Any] = super().get_queryset()
        if not loud_wall_stands():
            return queryset
        tenant_id = require_tenant_id()
        setattr(queryset.query, _MADE_FOR, tenant_id)
        return queryset.filter(tenant_id=tenant_id)


def check_tenant_of_query(query: Query) -> None:
    """A query runs for the tenant it was made for: one kept from another context is refused.

    Raises:
        NoTenant: no tenant is set.
        TenantMismatch: it was made for another tenant.
    """
    if not loud_wall_stands():
        return
    tenant_id = require_tenant_id()
    made_for = getattr(query, _MADE_FOR, tenant_id)
    if made_for != tenant_id:
        raise TenantMismatch(f"a query made for tenant {made_for} was run while tenant {tenant_id} is set")


def check_tenant_of(row: models.Model) -> None:
    """Give a new row the current tenant, and refuse a row of another one.

    Raises:
        NoTenant: no tenant is set.
        TenantMismatch: the row belongs to another tenant.
    """
    tenant_id: int | None = getattr(row, "tenant_id", None)
    if tenant_id is None:
        row.tenant_id = require_tenant_id()  # type: ignore[attr-defined]
    elif loud_wall_stands() and tenant_id != require_tenant_id():
        raise TenantMismatch(f"{row._meta.label} of tenant {tenant_id} while tenant {current_tenant_id()} is set")
