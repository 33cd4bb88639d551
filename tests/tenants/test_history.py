"""History can't be rewritten: the application lacks the grants, and a trigger refuses even the owner."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import DatabaseError, connections, transaction

from tenants.constraints import AppendOnly
from tenants.context import tenant_context
from tests.isolation.factory import make_side

HISTORY = [
    model for model in apps.get_models() if any(isinstance(rule, AppendOnly) for rule in model._meta.constraints)
]
CHANGES = ["UPDATE {table} SET id = id", "DELETE FROM {table}", "TRUNCATE {table} CASCADE"]


@pytest.fixture(scope="module")
def tenant_id() -> int:
    """A tenant with a row in every table."""
    return make_side("HISTORY").tenant_id


@pytest.mark.parametrize("model", HISTORY, ids=lambda model: model._meta.label)
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    ("alias", "said"), [("default", "denied"), ("ops", "denied"), ("owner", "history is never changed")]
)
def test_history_is_never_changed(model: type, change: str, alias: str, said: str, tenant_id: int) -> None:
    table = model._meta.db_table  # type: ignore[attr-defined]
    with tenant_context(tenant_id, using=alias), connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE tenant_id = %s", [tenant_id])
        assert cursor.fetchone() == (1,)
        with pytest.raises(DatabaseError, match=said), transaction.atomic(using=alias):
            cursor.execute(change.format(table=table))


def test_the_audit_log_and_snapshots_are_history() -> None:
    assert {"permissions.AuditEntry", "routing.Snapshot", "reception.ContactEvent"} <= {
        model._meta.label for model in HISTORY
    }
