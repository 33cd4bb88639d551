"""Sealing the audit log: each tenant's entries become a chain in which no link can be changed, cut out or swapped."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, connections, transaction

from permissions.audit import chain_hashes
from permissions.models import AuditEntry, AuditSeal
from tenants.context import require_tenant_id

# A transaction may commit an entry whose number is lower than one sealed before it; none lags further than this.
LAG = 10_000
BATCH = 500
_LOCK = 0x5EA1
_WAITING = """
SELECT t.id FROM tenants_tenant t WHERE EXISTS (
  SELECT 1 FROM permissions_auditentry e
  WHERE e.tenant_id = t.id
    AND e.id > coalesce((SELECT max(s.entry_id) FROM permissions_auditseal s WHERE s.tenant_id = t.id), 0) - %s
    AND NOT EXISTS (SELECT 1 FROM permissions_auditseal s WHERE s.tenant_id = t.id AND s.entry_id = e.id)
) ORDER BY t.id
"""


def tenants_to_seal() -> list[int]:
    """The tenants with entries that wait for their seal; one statement over all of them, by the platform's role."""
    with connections["ops"].cursor() as cursor:
        cursor.execute(_WAITING, [LAG])
        return [row[0] for row in cursor.fetchall()]


@transaction.atomic
def audit_seal(*, now: datetime, batch: int | None = BATCH) -> int:
    """Seal waiting entries of the current tenant, oldest first; how many. ``batch=None`` seals all, however old.

    One sealer per tenant at a time: the lock is on sealing alone, never on those who write entries.
    """
    tenant_id = require_tenant_id()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashint8(%s))", [_LOCK, tenant_id])
    last = AuditSeal.objects.order_by("-seq").first()
    waiting = AuditEntry.objects.filter(seal__isnull=True).order_by("id")
    if batch is not None:
        newest = AuditSeal.objects.order_by("-entry_id").values_list("entry_id", flat=True).first()
        waiting = waiting.filter(id__gt=(newest or 0) - LAG)[:batch]
    seq, previous = (last.seq, last.hash) if last else (0, "")
    seals = []
    for entry in waiting:
        seq += 1
        seal = AuditSeal(
            tenant_id=tenant_id,
            entry=entry,
            seq=seq,
            previous=previous,
            hash=chain_hashes(entry, seq, previous)[0],
            sealed_at=now,
        )
        previous = seal.hash
        seals.append(seal)
    AuditSeal.objects.bulk_create(seals, batch_size=BATCH)
    return len(seals)
