"""The audit log and its chain of seals."""

from __future__ import annotations

from django.db import models

from permissions.models.people import Member
from tenants.constraints import AppendOnly, SameTenant, TenantIsolation
from tenants.models import TenantModel


class AuditEntry(TenantModel):
    """One change, denial or sign-in: who, when, what, before and after, from where. Never changed, never deleted.

    ``actor`` says on whose behalf the system acted when there is no member. ``signature`` is an HMAC over the content,
    so that a row written past the application is recognised. Customers appear by our id alone.
    """

    at = models.DateTimeField()
    member = models.ForeignKey(Member, models.PROTECT, null=True, db_constraint=False, related_name="+")
    actor = models.CharField(max_length=80, blank=True, default="")
    origin = models.CharField(max_length=80, blank=True, default="")
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    object_label = models.CharField(max_length=120, blank=True, default="")
    before = models.JSONField()
    after = models.JSONField()
    nonce = models.CharField(max_length=16)
    signature = models.CharField(max_length=64)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["tenant", "object_type", "object_id", "-id"], name="permissions_audit_object"),
            models.Index(fields=["tenant", "-at"], name="permissions_audit_at"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="permissions_auditentry_tenant_id"),
            # The sealer finds in one statement which tenants have something to seal.
            TenantIsolation(name="permissions_auditentry_isolation", ops=True),
            SameTenant(field="member", name="permissions_auditentry_member_tenant"),
            AppendOnly(name="permissions_auditentry_history"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"


class AuditSeal(TenantModel):
    """The place of one audit entry in its tenant's chain: ``hash`` covers the entry and the hash before."""

    entry = models.OneToOneField(AuditEntry, models.PROTECT, db_constraint=False, related_name="seal")
    seq = models.BigIntegerField()
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="permissions_auditseal_tenant_id"),
            TenantIsolation(name="permissions_auditseal_isolation", ops=True),
            models.UniqueConstraint(fields=["tenant", "seq"], name="permissions_auditseal_seq"),
            SameTenant(field="entry", name="permissions_auditseal_entry_tenant"),
            AppendOnly(name="permissions_auditseal_history"),
        ]

    def __str__(self) -> str:
        return f"{self.seq}: {self.hash[:12]}"


class AuditReceipt(TenantModel):
    """That an entry was written: made by a trigger with the entry, so that one taken out unsealed is still missed.

    It stands alone (no foreign key): what vanishes is known by its number. ``nonce`` is the entry's.
    """

    number = models.BigIntegerField()
    nonce = models.CharField(max_length=16)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="permissions_auditreceipt_tenant_id"),
            TenantIsolation(name="permissions_auditreceipt_isolation"),
            models.UniqueConstraint(fields=["tenant", "number"], name="permissions_auditreceipt_number"),
            AppendOnly(name="permissions_auditreceipt_history"),
        ]

    def __str__(self) -> str:
        return f"{self.number}"
