"""Contact ways of seats and their pictures."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tenants.constraints import SameTenant
from tenants.models import TenantModel


class ContactWay(TenantModel):
    """联系我: one WeCom contact way of one seat, with its opaque state; also the claim for making it."""

    class Status(models.TextChoices):
        """From the order to make it until the seat is gone."""

        PENDING = "pending", "生成中"
        LIVE = "live", "可用"
        FAILED = "failed", "失败"
        RETIRED = "retired", "停用"

    seat = models.ForeignKey("routing.Seat", models.PROTECT, db_constraint=False, related_name="ways")
    state = models.CharField(max_length=30)
    config_id = models.CharField(max_length=64, blank=True, default="")
    qr_url = models.CharField(max_length=400, blank=True, default="")
    qr_content = models.CharField(max_length=400, blank=True, default="")
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    error = models.CharField(max_length=200, blank=True, default="")
    errcode = models.IntegerField(null=True)
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "state"], name="routing_contactway_state"),
            SameTenant(field="seat", name="routing_contactway_seat_tenant"),
        ]
        indexes = [
            models.Index(fields=["tenant", "seat", "status"], name="routing_contactway_seat"),
            models.Index(
                fields=["tenant", "next_at"],
                condition=Q(status__in=["pending", "failed"]),
                name="routing_contactway_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat_id}: {self.status}"


class WayImage(TenantModel):
    """The QR of a contact way as our own PNG, rendered again from what WeCom's image says."""

    way = models.ForeignKey(ContactWay, models.PROTECT, db_constraint=False, related_name="images")
    png = models.BinaryField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "way"], name="routing_wayimage_way"),
            SameTenant(field="way", name="routing_wayimage_way_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.way_id}"
