"""Which database alias does what."""

from django.db.models import Model


class MigrateAsOwner:
    """Only the alias `owner` may change the schema; the three aliases are roles on one database."""

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: object) -> bool:
        """Return whether a migration may run on this alias."""
        return db == "owner"

    def allow_relation(self, obj1: Model, obj2: Model, **hints: object) -> bool:
        """Rows read through different roles are rows of the same database."""
        return True
