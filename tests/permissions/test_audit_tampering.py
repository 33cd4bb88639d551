"""`verify_audit` names the row, by entry and place in the chain: also of entries not sealed yet, also at the end."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from permissions.models import AuditEntry
from permissions.verification import (
    CHANGED,
    CUT_OFF,
    INSERTED,
    REMOVED,
    SEAL_SWAPPED,
    SWAPPED,
    UNRECEIPTED,
    Flaw,
    verify_chain,
)
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.permissions.test_audit import Superuser, superuser, write, write_and_seal

__all__ = ["superuser"]  # a fixture

SWAP = (
    "UPDATE permissions_auditentry e SET id = -e.id WHERE id IN (%s, %s);"
    "UPDATE permissions_auditentry e SET id = CASE id WHEN -%s THEN %s ELSE %s END WHERE id < 0"
)
SWAP_SEALS = (
    "UPDATE permissions_auditseal SET seq = -seq WHERE tenant_id = %s AND seq IN (2, 3);"
    "UPDATE permissions_auditseal SET seq = 5 + seq WHERE tenant_id = %s AND seq < 0"
)


def unsealed(tenant: TenantFixture, count: int = 3) -> list[int]:
    """The ids of entries that wait for their seal."""
    with tenant_context(tenant.id):
        for number in range(count):
            write(tenant, number)
        waiting = AuditEntry.objects.filter(seal__isnull=True).order_by("id")
        return list(waiting.values_list("id", flat=True))[-count:]


def told(tenant: TenantFixture, heads: str = "") -> str:
    """What the command says of a log that has a flaw."""
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_audit", tenant=tenant.slug, heads=heads, stdout=out)
    return out.getvalue()


def line(tenant: TenantFixture, entry_id: int, what: str) -> str:
    """The line that names an entry that has a seal by now."""
    with tenant_context(tenant.id):
        seq = AuditEntry.objects.values_list("seal__seq", flat=True).get(pk=entry_id)
    return f"tenant {tenant.id}: permissions_auditentry {entry_id}, permissions_auditseal seq {seq}: {what}"


def test_a_change_before_the_seal_is_named(tenant: TenantFixture, superuser: Superuser) -> None:
    write_and_seal(tenant)
    *_, last = unsealed(tenant)
    superuser("UPDATE permissions_auditentry SET object_label = '别的' WHERE id = %s", last)
    text = told(tenant)
    assert line(tenant, last, CHANGED) in text
    assert "1 flaws" in text


@pytest.mark.parametrize("place", [0, -1])
def test_an_entry_removed_before_its_seal_is_named(tenant: TenantFixture, superuser: Superuser, place: int) -> None:
    write_and_seal(tenant)
    gone = unsealed(tenant)[place]
    superuser("DELETE FROM permissions_auditentry WHERE id = %s", gone)
    text = told(tenant)
    assert f"tenant {tenant.id}: permissions_auditentry {gone}: {REMOVED}" in text
    assert "1 flaws" in text


def test_two_entries_swapped_before_their_seal_are_both_named(tenant: TenantFixture, superuser: Superuser) -> None:
    first, second, _ = unsealed(tenant)
    superuser(SWAP, first, second, first, second, first)
    text = told(tenant)
    assert line(tenant, first, SWAPPED) in text
    assert line(tenant, second, SWAPPED) in text
    assert "2 flaws" in text


def test_a_forged_entry_is_named_before_its_seal(tenant: TenantFixture, superuser: Superuser) -> None:
    model, *_ = unsealed(tenant)
    columns = "tenant_id, at, actor, origin, action, object_type, object_id, object_label, before, after"
    superuser(
        f"INSERT INTO permissions_auditentry ({columns}, nonce, signature) "
        f"SELECT {columns}, 'made-up', repeat('0', 64) FROM permissions_auditentry WHERE id = %s",
        model,
    )
    with tenant_context(tenant.id):
        forged = AuditEntry.objects.latest("id").pk
    text = told(tenant)
    assert line(tenant, forged, INSERTED) in text
    assert "1 flaws" in text


def test_two_swapped_seals_are_both_named(tenant: TenantFixture, superuser: Superuser) -> None:
    ids = write_and_seal(tenant)
    superuser(SWAP_SEALS, tenant.id, tenant.id)
    with tenant_context(tenant.id):
        found = set(verify_chain().flaws)
    assert found == {Flaw(SEAL_SWAPPED, entry_id=ids[1], seq=3), Flaw(SEAL_SWAPPED, entry_id=ids[2], seq=2)}


def test_a_tail_cut_off_with_its_seals_is_named_entry_by_entry(tenant: TenantFixture, superuser: Superuser) -> None:
    *_, third, fourth = write_and_seal(tenant)
    superuser("DELETE FROM permissions_auditseal WHERE entry_id >= %s AND tenant_id = %s", third, tenant.id)
    superuser("DELETE FROM permissions_auditentry WHERE id >= %s AND tenant_id = %s", third, tenant.id)
    text = told(tenant)
    for gone in (third, fourth):
        assert f"permissions_auditentry {gone}: {REMOVED}" in text
    assert "2 flaws" in text


def test_a_removed_receipt_is_named(tenant: TenantFixture, superuser: Superuser) -> None:
    ids = write_and_seal(tenant)
    superuser("DELETE FROM permissions_auditreceipt WHERE number = %s", ids[-1])
    assert line(tenant, ids[-1], UNRECEIPTED) in told(tenant)


def test_a_tail_of_which_nothing_is_left_is_known_by_the_head_noted_outside(
    tenant: TenantFixture, superuser: Superuser, tmp_path: Path
) -> None:
    ids, heads = write_and_seal(tenant), str(tmp_path / "heads.json")
    call_command("verify_audit", tenant=tenant.slug, heads=heads, stdout=StringIO())
    for table, column in (("auditseal", "entry_id"), ("auditentry", "id"), ("auditreceipt", "number")):
        superuser(f"DELETE FROM permissions_{table} WHERE {column} >= %s AND tenant_id = %s", ids[-2], tenant.id)
    call_command("verify_audit", tenant=tenant.slug, stdout=StringIO())  # the control: the database alone can't know
    assert f"tenant {tenant.id}: permissions_auditseal seq {len(ids)}: {CUT_OFF}" in told(tenant, heads)
    # What was noted stays noted: the next check says so again.
    assert CUT_OFF in told(tenant, heads)
