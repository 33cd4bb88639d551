"""Where customers are synced to, and what is still to be delivered (product.md §7)."""

from __future__ import annotations

from django.db import models

from tenants.constraints import AppendOnly, NeverDeleted, SameTenant, TenantIsolation
from tenants.models import TenantModel


class CrmEndpoint(TenantModel):
    """CRM 对接: the tenant's one endpoint and its one switch."""

    url = models.URLField(max_length=500)
    secret_sealed = models.TextField()
    enabled = models.BooleanField(default=True)
    failing_since = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_reason = models.CharField(max_length=200, blank=True, default="")
    updated_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant"], name="crm_endpoint_one_per_tenant"),
        ]

    def __str__(self) -> str:
        return self.url


class OutboxMessage(TenantModel):
    """待发消息: one customer event, written with its change; delivered at least once, in order per customer."""

    class State(models.TextChoices):
        HELD = "held", "未开启，已留存"
        PENDING = "pending", "待发送"
        DELIVERED = "delivered", "已送达"
        DEAD = "dead", "多次失败"

    message_id = models.CharField(max_length=40)
    event_type = models.CharField(max_length=40)
    customer_id = models.BigIntegerField()
    body_sealed = models.TextField()
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [
            TenantModel.Meta.constraints[0],
            TenantIsolation(name="crm_outboxmessage_isolation", ops=True),
            models.UniqueConstraint(fields=["tenant", "message_id"], name="crm_outbox_message_id"),
            NeverDeleted(name="crm_outboxmessage_kept"),
        ]
        indexes = [
            models.Index(fields=["tenant", "next_at"], name="crm_outbox_due", condition=models.Q(state="pending")),
            models.Index(
                fields=["tenant", "customer_id", "id"], name="crm_outbox_order", condition=models.Q(state="pending")
            ),
            models.Index(fields=["tenant", "-id"], name="crm_outbox_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.message_id}"


class DeliveryAttempt(TenantModel):
    """One try to deliver one message: what the endpoint answered. History."""

    message = models.ForeignKey(OutboxMessage, models.PROTECT, db_constraint=False, related_name="tries")
    tried_at = models.DateTimeField()
    took_ms = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            SameTenant(field="message", name="crm_deliveryattempt_message_tenant"),
            AppendOnly(name="crm_deliveryattempt_history"),
        ]
        indexes = [models.Index(fields=["tenant", "message"], name="crm_attempt_message")]

    def __str__(self) -> str:
        return f"{self.message_id} {self.status or self.error}"
