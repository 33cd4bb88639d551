"""Wall 2 as model constraints, so that ``makemigrations`` sees it and nobody writes its SQL by hand.

* :class:`TenantIsolation`: row level security, enabled and forced, one policy (design.md §3.2).
* :class:`SameTenant`: the foreign key ``(tenant_id, x_id) → (tenant_id, id)``; PostgreSQL's own foreign-key
  checks pass by row level security, so a plain one would accept another tenant's row.
* :class:`AppendOnly`: history that the application can neither change nor delete, by grants and by a trigger.
* :class:`NeverDeleted`: history that goes on being counted or ends later, so it changes, but no row of it ever goes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor as Editor
from django.db.models.constraints import BaseConstraint

APP_ROLE = "livecode_app"
OPS_ROLE = "livecode_ops"
CURRENT_TENANT_SQL = "nullif(current_setting('app.tenant', true), '')::bigint"


class _Constraint(BaseConstraint):
    """What the constraints here have in common: they are the same if they are written the same."""

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """The database validates."""

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.deconstruct() == other.deconstruct()

    __hash__ = BaseConstraint.__hash__


class _DeferredConstraint(_Constraint, ABC):
    """A constraint made by statements of its own after the table exists."""

    @abstractmethod
    def create_statements(self, model: type[models.Model]) -> list[str]:
        """The SQL that puts it in place."""

    @abstractmethod
    def drop_statements(self, model: type[models.Model]) -> list[str]:
        """The SQL that takes it away."""

    def constraint_sql(self, model: type[models.Model] | None, schema_editor: Editor | None) -> str:
        """Nothing inside CREATE TABLE; the statements run when the table is there."""
        if model is not None and schema_editor is not None:
            schema_editor.deferred_sql.extend(self.create_statements(model))
        return ""

    def create_sql(self, model: type[models.Model] | None, schema_editor: Editor | None) -> str:
        """For AddConstraint."""
        assert model is not None
        return "; ".join(self.create_statements(model))

    def remove_sql(self, model: type[models.Model] | None, schema_editor: Editor | None) -> str:
        """For RemoveConstraint."""
        assert model is not None
        return "; ".join(self.drop_statements(model))


class TenantIsolation(_DeferredConstraint):
    """Row level security on one table; ``column`` holds the tenant's id. ``ops`` lets platform jobs read it."""

    def __init__(self, *, name: str, column: str = "tenant_id", ops: bool = False) -> None:
        super().__init__(name=name)
        self.column = column
        self.ops = ops

    def create_statements(self, model: type[models.Model]) -> list[str]:
        """Enable, force, and one policy for reading and writing; a second one for platform jobs where asked."""
        table = model._meta.db_table
        rule = f"{self.column} = {CURRENT_TENANT_SQL}"
        statements = [
            f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
            f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
            f'CREATE POLICY "{self.name}" ON "{table}" USING ({rule}) WITH CHECK ({rule})',
        ]
        if self.ops:
            statements.append(f'CREATE POLICY "{self.name}_ops" ON "{table}" TO {OPS_ROLE} USING (true)')
        return statements

    def drop_statements(self, model: type[models.Model]) -> list[str]:
        """Take the policies and row level security away."""
        table = model._meta.db_table
        return [
            f'DROP POLICY IF EXISTS "{self.name}_ops" ON "{table}"',
            f'DROP POLICY "{self.name}" ON "{table}"',
            f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY',
            f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY',
        ]

    def deconstruct(self) -> tuple[str, Any, Any]:
        """For migrations."""
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "column": self.column, "ops": self.ops}


class SameTenant(_Constraint):
    """``field`` (a ForeignKey with ``db_constraint=False``) points into the row's own tenant; checked at once."""

    def __init__(self, *, field: str, name: str) -> None:
        super().__init__(name=name)
        self.field = field

    def _definition(self, model: type[models.Model]) -> str:
        field = model._meta.get_field(self.field)
        assert isinstance(field, models.ForeignKey)
        parent: type[models.Model] | str = field.remote_field.model
        parent_table = parent if isinstance(parent, str) else parent._meta.db_table
        return (
            f'CONSTRAINT "{self.name}" FOREIGN KEY ("tenant_id", "{field.column}") '
            f'REFERENCES "{parent_table}" ("tenant_id", "id") NOT DEFERRABLE'
        )

    def constraint_sql(self, model: type[models.Model] | None, schema_editor: Editor | None) -> str:
        """Added after CREATE TABLE, so that tables of one migration may be made in any order."""
        if model is not None and schema_editor is not None:
            schema_editor.deferred_sql.append(f'ALTER TABLE "{model._meta.db_table}" ADD {self._definition(model)}')
        return ""

    def create_sql(self, model: type[models.Model] | None, schema_editor: Editor | None) -> str:
        """For AddConstraint."""
        assert model is not None
        return f'ALTER TABLE "{model._meta.db_table}" ADD {self._definition(model)}'

    def remove_sql(self, model: type[models.Model] | None, schema_editor: Editor | None) -> str:
        """For RemoveConstraint."""
        assert model is not None
        return f'ALTER TABLE "{model._meta.db_table}" DROP CONSTRAINT "{self.name}"'

    def deconstruct(self) -> tuple[str, Any, Any]:
        """For migrations."""
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "field": self.field}


class _Kept(_DeferredConstraint):
    """Rows of which no role does what ``refused`` names: not by its grants, and a trigger stops whoever has more.

    The triggers' function is made by tenants' first migration.
    """

    refused: ClassVar[tuple[str, ...]]

    def create_statements(self, model: type[models.Model]) -> list[str]:
        """Take the grants away and set the triggers."""
        table = model._meta.db_table
        return [
            f'REVOKE {", ".join(self.refused)}, TRUNCATE ON "{table}" FROM {APP_ROLE}, {OPS_ROLE}',
            (
                f'CREATE TRIGGER "{self.name}" BEFORE {" OR ".join(self.refused)} ON "{table}" '
                "FOR EACH ROW EXECUTE FUNCTION livecode_refuse_history_change()"
            ),
            (
                f'CREATE TRIGGER "{self.name}_trunc" BEFORE TRUNCATE ON "{table}" '
                "FOR EACH STATEMENT EXECUTE FUNCTION livecode_refuse_history_change()"
            ),
        ]

    def drop_statements(self, model: type[models.Model]) -> list[str]:
        """Take the triggers away and give the grants back."""
        table = model._meta.db_table
        return [
            f'DROP TRIGGER "{self.name}" ON "{table}"',
            f'DROP TRIGGER "{self.name}_trunc" ON "{table}"',
            f'GRANT {", ".join(self.refused)} ON "{table}" TO {APP_ROLE}, {OPS_ROLE}',
        ]


class AppendOnly(_Kept):
    """History: the application role may INSERT and SELECT only, and a trigger refuses changes to every role."""

    refused = ("UPDATE", "DELETE")


class NeverDeleted(_Kept):
    """Rows that may change but never go: no role deletes or truncates, by grants and by a trigger (product.md §5.2)."""

    refused = ("DELETE",)
