"""The audit log: written with the change, sealed in a chain, and every tampering is named with its row."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from threading import Barrier
from typing import Any

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections, transaction
from django.test import override_settings

from livecode_admin.kernel import clock
from permissions import audit
from permissions.models import AuditEntry, AuditSeal
from permissions.selectors import audit_entries
from permissions.services import audit_seal
from permissions.services.sealing import tenants_to_seal
from permissions.tasks import seal_audit
from permissions.verification import CHANGED, INSERTED, REMOVED, SEAL_CHANGED, SEAL_MISSING, SWAPPED, Flaw, verify_chain
from tenants.context import tenant_context
from tests.factories import TenantFixture

NOW = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)
Superuser = Callable[..., None]


def write(tenant: TenantFixture, number: int, **after: Any) -> None:
    audit.record(
        access=tenant.owner,
        action="code.updated",
        object_type="code",
        object_id=number,
        object_label=f"活码 {number}",
        before={"name": "旧"},
        after=after or {"name": "新"},
        now=NOW,
    )


def write_and_fail(tenant: TenantFixture) -> None:
    with transaction.atomic():
        write(tenant, 1)
        raise RuntimeError


def rewrite(tenant: TenantFixture, alias: str, sql: str) -> None:
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute("SELECT set_config('app.tenant', %s, true)", [str(tenant.id)])
        cursor.execute(sql)


def write_and_seal(tenant: TenantFixture, count: int = 4) -> list[int]:
    """The ids of ``count`` entries after the seal."""
    with tenant_context(tenant.id):
        for number in range(count):
            write(tenant, number)
        audit_seal(now=NOW)
        return list(AuditEntry.objects.order_by("id").values_list("id", flat=True))


def flaws(tenant: TenantFixture) -> set[Flaw]:
    """What is wrong; where an entry is named, without its place in the chain (test_audit_tampering.py names both)."""
    with tenant_context(tenant.id):
        audit_seal(now=NOW, batch=None)
        return {Flaw(one.what, one.entry_id, None if one.entry_id else one.seq) for one in verify_chain().flaws}


@pytest.fixture
def superuser(admin_url: str) -> Superuser:
    """The hand that no wall stops: it takes the triggers off, writes, and puts them on again."""

    def run(sql: str, *arguments: object) -> None:
        with psycopg2.connect(admin_url) as connection, connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(sql, arguments)
        connection.close()

    return run


def test_an_entry_says_who_when_what_before_and_after_and_from_where(tenant: TenantFixture) -> None:
    owner = tenant.owner
    with tenant_context(tenant.id):
        write(tenant, 7, name="新", until=date(2026, 12, 1), cost=Decimal("1.50"), weights=0.5, tags={3, 1})
        (row,) = audit_entries(owner, "code", 7)
    assert (row.who, row.at, row.action, row.object_label) == ("方圆", NOW, "code.updated", "活码 7")
    assert {c.name: (c.before, c.after) for c in row.changes} == {
        "name": ("旧", "新"),
        "until": (None, "2026-12-01"),
        "cost": (None, "1.50"),
        "weights": (None, "0.5"),
        "tags": (None, [1, 3]),
    }


def test_what_is_undone_leaves_no_entry(tenant: TenantFixture) -> None:
    with tenant_context(tenant.id):
        known = AuditEntry.objects.count()
        with pytest.raises(RuntimeError):
            write_and_fail(tenant)
        assert AuditEntry.objects.count() == known


@pytest.mark.parametrize("table", ["permissions_auditentry", "permissions_auditseal"])
@pytest.mark.parametrize("change", ["UPDATE {} SET tenant_id = tenant_id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize("alias", ["default", "ops", "owner"])
def test_nobody_changes_history(tenant: TenantFixture, table: str, change: str, alias: str) -> None:
    ids = write_and_seal(tenant)
    with pytest.raises(DatabaseError):
        rewrite(tenant, alias, change.format(table))
    with tenant_context(tenant.id):
        assert list(AuditEntry.objects.order_by("id").values_list("id", flat=True)) == ids


def test_an_honest_log_has_no_flaw_and_one_chain(tenant: TenantFixture) -> None:
    ids = write_and_seal(tenant)
    assert flaws(tenant) == set()
    with tenant_context(tenant.id):
        seals = list(AuditSeal.objects.order_by("seq"))
    assert [seal.seq for seal in seals] == list(range(1, len(ids) + 1))
    assert [seal.previous for seal in seals] == ["", *(seal.hash for seal in seals[:-1])]


def test_awkward_values_come_back_as_they_were_signed(tenant: TenantFixture) -> None:
    with tenant_context(tenant.id):
        write(tenant, 1, text='引号" \x00 \ud800 🙂 </script>', order=2**70, weights={"b": [None, True, 1e300], "a": 1})
    assert flaws(tenant) == set()


def test_a_changed_entry_is_named(tenant: TenantFixture, superuser: Superuser) -> None:
    ids = write_and_seal(tenant)
    superuser('UPDATE permissions_auditentry SET after = \'{"name": "别的"}\' WHERE id = %s', ids[1])
    assert flaws(tenant) == {Flaw(CHANGED, entry_id=ids[1])}


@pytest.mark.parametrize("place", [0, 1, -1])
def test_a_removed_entry_is_named(tenant: TenantFixture, superuser: Superuser, place: int) -> None:
    ids = write_and_seal(tenant)
    superuser("DELETE FROM permissions_auditentry WHERE id = %s", ids[place])
    assert flaws(tenant) == {Flaw(REMOVED, entry_id=ids[place])}


def test_an_inserted_entry_is_named(tenant: TenantFixture, superuser: Superuser) -> None:
    ids = write_and_seal(tenant)
    columns = "tenant_id, at, member_id, actor, origin, action, object_type, object_id, object_label, before, after"
    superuser(
        f"INSERT INTO permissions_auditentry ({columns}, nonce, signature) "
        f"SELECT {columns}, 'forged', repeat('0', 64) FROM permissions_auditentry WHERE id = %s",
        ids[1],
    )
    with tenant_context(tenant.id):
        forged = AuditEntry.objects.latest("id").pk
    assert flaws(tenant) == {Flaw(INSERTED, entry_id=forged)}


def test_a_copied_entry_is_named_although_its_signature_is_ours(tenant: TenantFixture, superuser: Superuser) -> None:
    ids = write_and_seal(tenant)
    columns = (
        "tenant_id, at, member_id, actor, origin, action, object_type, object_id, object_label, before, after, "
        "nonce, signature"
    )
    superuser(
        f"INSERT INTO permissions_auditentry ({columns}) SELECT {columns} FROM permissions_auditentry WHERE id = %s",
        ids[1],
    )
    with tenant_context(tenant.id):
        copy = AuditEntry.objects.latest("id").pk
    assert flaws(tenant) == {Flaw(INSERTED, entry_id=copy)}


def test_two_swapped_entries_are_both_named(tenant: TenantFixture, superuser: Superuser) -> None:
    ids = write_and_seal(tenant)
    superuser(
        "UPDATE permissions_auditentry e SET id = -e.id WHERE id IN (%s, %s);"
        "UPDATE permissions_auditentry e SET id = CASE id WHEN -%s THEN %s ELSE %s END WHERE id < 0",
        ids[1], ids[2], ids[1], ids[2], ids[1],
    )  # fmt: skip
    assert flaws(tenant) == {Flaw(SWAPPED, entry_id=ids[1]), Flaw(SWAPPED, entry_id=ids[2])}


def test_a_changed_seal_is_named(tenant: TenantFixture, superuser: Superuser) -> None:
    ids = write_and_seal(tenant)
    superuser("UPDATE permissions_auditseal SET hash = repeat('a', 64) WHERE tenant_id = %s AND seq = 2", tenant.id)
    assert flaws(tenant) == {Flaw(SEAL_CHANGED, entry_id=ids[1])}


def test_a_removed_seal_is_named(tenant: TenantFixture, superuser: Superuser) -> None:
    write_and_seal(tenant)
    superuser("DELETE FROM permissions_auditseal WHERE tenant_id = %s AND seq = 2", tenant.id)
    assert Flaw(SEAL_MISSING, seq=2) in flaws(tenant)


def test_a_rotated_secret_still_knows_its_own_entries(tenant: TenantFixture) -> None:
    write_and_seal(tenant)
    from django.conf import settings

    with override_settings(SECRET_KEY="the-next-one", SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        with tenant_context(tenant.id):
            write(tenant, 99)
        assert flaws(tenant) == set()
    with override_settings(SECRET_KEY="a-stranger", SECRET_KEY_FALLBACKS=[]):
        assert flaws(tenant) != set()


def test_sealing_goes_in_batches_and_ends(tenant: TenantFixture) -> None:
    with tenant_context(tenant.id):
        for number in range(5):
            write(tenant, number)
        waiting = AuditEntry.objects.filter(seal__isnull=True).count()
        done = [audit_seal(now=NOW, batch=3) for _ in range(4)]
    assert sum(done) == waiting
    assert done[-1] == 0


def test_the_task_seals_every_tenant_that_waits(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    for one in (tenant, other_tenant):
        with tenant_context(one.id):
            write(one, 1)
    assert {tenant.id, other_tenant.id} <= set(tenants_to_seal())
    seal_audit()
    assert not {tenant.id, other_tenant.id} & set(tenants_to_seal())
    for one in (tenant, other_tenant):
        with tenant_context(one.id):
            assert not AuditEntry.objects.filter(seal__isnull=True).exists()


def test_the_command_passes_an_honest_log_and_names_the_row_of_another(
    tenant: TenantFixture, superuser: Superuser
) -> None:
    ids, out = write_and_seal(tenant), StringIO()
    call_command("verify_audit", tenant=tenant.slug, stdout=out)
    assert f"tenant {tenant.id}: {len(ids)} entries" in out.getvalue()
    superuser("UPDATE permissions_auditentry SET action = 'code.x' WHERE id = %s", ids[2])
    with pytest.raises(CommandError, match="1 flaws"):
        call_command("verify_audit", tenant=tenant.slug, stdout=out)
    assert f"permissions_auditentry {ids[2]}, permissions_auditseal seq 3: {CHANGED}" in out.getvalue()


def test_the_command_knows_no_unknown_tenant() -> None:
    with pytest.raises(CommandError, match="no tenant"):
        call_command("verify_audit", tenant="no-such")


def test_one_tenant_never_sees_the_log_of_another(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    write_and_seal(tenant)
    with tenant_context(other_tenant.id):
        assert not AuditEntry.objects.filter(tenant_id=tenant.id).exists()
        assert audit_entries(other_tenant.owner, "code", 1) == []


def test_clock_is_what_the_caller_says(tenant: TenantFixture) -> None:
    now = clock.now()
    with tenant_context(tenant.id):
        write(tenant, 3)
        assert AuditEntry.objects.latest("id").at == NOW < now


def test_four_sealers_at_once_make_one_chain(tenant: TenantFixture) -> None:
    with tenant_context(tenant.id):
        for number in range(20):
            write(tenant, number)
        waiting = AuditEntry.objects.filter(seal__isnull=True).count()
    start = Barrier(4)

    def seal(_: int) -> int:
        try:
            with tenant_context(tenant.id):
                start.wait(10)
                return audit_seal(now=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(seal, range(4))) == waiting
    assert flaws(tenant) == set()
