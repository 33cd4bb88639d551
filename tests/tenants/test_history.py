"""History can't be rewritten: the application lacks the grants, and a trigger refuses even the owner."""

from __future__ import annotations

from contextlib import closing

import psycopg2
import pytest
from django.apps import apps
from django.db import DatabaseError, connections, transaction

from tenants.constraints import AppendOnly, NeverDeleted
from tenants.context import tenant_context
from tests.isolation.factory import make_side

HISTORY = [
    model for model in apps.get_models() if any(isinstance(rule, AppendOnly) for rule in model._meta.constraints)
]
KEPT = [model for model in apps.get_models() if any(isinstance(rule, NeverDeleted) for rule in model._meta.constraints)]
# What stands as it is now: its past is in the audit log, in versions and in events.
PRESENT = {
    "codes": "CodeFolder Channel LiveCode CodeParticipant FolderGrant CodeGrant",
    "crm": "CrmEndpoint",
    "people": "Staff StaffGroup StaffGroupMember ContactSync",
    "permissions": (
        "User Department Member RoleBundle BundleAssignment PositionBundle TenantGrant Invitation Newcomer "
        "DepartmentShare TotpDevice RecoveryCode SignIn"
    ),
    "reception": "InboxEvent WelcomeTemplate CodeWelcome",
    "routing": (
        "VerificationFile DomainHealth CodeTurn VisitorFriend StaffSuspect Seat RosterSource RosterFollow StaffLimit "
        "RoutingRule CodeRoute ReceptionDefault CalendarDay ContactWay WayImage AcquisitionLink NativeWay"
    ),
    "tagging": "Tag CodeTag CustomerTag",
    "tenants": "Tenant WeComConnection",
}
SQL_ONLY = {"routing.Scan"}  # its triggers are made with its partitions, see below
CHANGES = ["UPDATE {table} SET id = id", "DELETE FROM {table}", "TRUNCATE {table} CASCADE"]


@pytest.fixture(scope="module")
def tenant_id() -> int:
    """A tenant with a row in every table; the platform's count of stray scans has one too."""
    side = make_side("HISTORY")
    with connections["default"].cursor() as cursor:
        day = "INSERT INTO routing_orphanscan (day, kind, hits) VALUES ('2020-01-01', 'history', 1)"
        cursor.execute(f"{day} ON CONFLICT DO NOTHING")
    return side.tenant_id


@pytest.mark.parametrize("model", HISTORY, ids=lambda model: model._meta.label)
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    ("alias", "said"), [("default", "denied"), ("ops", "denied"), ("owner", "history is never changed")]
)
def test_history_is_never_changed(model: type, change: str, alias: str, said: str, tenant_id: int) -> None:
    table = model._meta.db_table  # type: ignore[attr-defined]
    with tenant_context(tenant_id, using=alias), connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE tenant_id = %s", [tenant_id])
        assert cursor.fetchone() != (0,)
        with pytest.raises(DatabaseError, match=said), transaction.atomic(using=alias):
            cursor.execute(change.format(table=table))


@pytest.mark.parametrize("model", KEPT, ids=lambda model: model._meta.label)
@pytest.mark.parametrize("change", CHANGES[1:])
@pytest.mark.parametrize(
    ("alias", "said"), [("default", "denied"), ("ops", "denied"), ("owner", "history is never changed")]
)
def test_what_goes_on_being_counted_is_never_deleted(
    model: type, change: str, alias: str, said: str, tenant_id: int
) -> None:
    table = model._meta.db_table  # type: ignore[attr-defined]
    with tenant_context(tenant_id, using=alias), connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone() != (0,)
        with pytest.raises(DatabaseError, match=said), transaction.atomic(using=alias):
            cursor.execute(change.format(table=table))


def test_each_model_is_history_or_kept_or_only_the_present() -> None:
    ours = {m._meta.label for m in apps.get_models() if m._meta.app_label in {*PRESENT, "analytics"}}
    guarded = {model._meta.label for model in [*HISTORY, *KEPT]} | SQL_ONLY
    present = {f"{app}.{name}" for app, names in PRESENT.items() for name in names.split()}
    assert guarded | present == ours
    assert not guarded & present


PARTS = """
SELECT relid::regclass::text FROM pg_partition_tree('routing_scan') WHERE parentrelid IS NOT NULL
"""
GUARDS = """
SELECT bool_or(t.tgtype & 16 > 0), bool_or(t.tgtype & 8 > 0) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
WHERE t.tgrelid = %s::regclass AND p.proname = 'livecode_refuse_history_change' AND t.tgenabled = 'O'
"""


def test_each_part_of_the_scan_table_refuses_as_the_whole_does() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(PARTS)
        parts = [name for (name,) in cursor.fetchall()]
        assert parts
        for part in parts:
            cursor.execute(GUARDS, [part])
            assert cursor.fetchone() == (True, True), part
            for role in ("livecode_app", "livecode_ops"):
                for right in ("UPDATE", "DELETE", "TRUNCATE"):
                    cursor.execute("SELECT has_table_privilege(%s, %s, %s)", [role, part, right])
                    assert cursor.fetchone() == (False,), (part, role, right)


@pytest.mark.parametrize("model", HISTORY, ids=lambda model: model._meta.label)
def test_the_control_without_trigger_and_grants_history_would_change(
    model: type, tenant_id: int, admin_url: str
) -> None:
    table = model._meta.db_table  # type: ignore[attr-defined]
    with closing(psycopg2.connect(admin_url)) as connection, connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(f"GRANT UPDATE ON {table} TO livecode_app")
        for role in ("livecode_app", "livecode_owner"):
            cursor.execute(f"SET LOCAL ROLE {role}")
            cursor.execute("SELECT set_config('app.tenant', %s, true)", [str(tenant_id)])
            cursor.execute(f"UPDATE {table} SET id = id")
            assert cursor.rowcount > 0
            cursor.execute("RESET ROLE")
        connection.rollback()


def test_the_audit_log_and_snapshots_are_history() -> None:
    assert {
        "permissions.AuditEntry",
        "permissions.BundleVersion",
        "permissions.AuditReceipt",
        "routing.Snapshot",
        "reception.ContactEvent",
    } <= {model._meta.label for model in HISTORY}
