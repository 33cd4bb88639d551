"""Rollups: facts counted by hour, and how far each source of facts has been counted."""

from __future__ import annotations

from django.db import models

from tenants.constraints import NeverDeleted
from tenants.models import TenantModel


class HourlyFigure(TenantModel):
    """What happened in one local hour of one code, colleague and sub-channel. Ids of 0 stand for "none"."""

    day = models.DateField()
    hour = models.PositiveSmallIntegerField()
    code_id = models.BigIntegerField()
    staff_id = models.BigIntegerField(default=0)
    sub_channel = models.CharField(max_length=64, default="", blank=True)
    scans = models.PositiveIntegerField(default=0)
    assigned = models.PositiveIntegerField(default=0)
    revisits = models.PositiveIntegerField(default=0)
    overflowed = models.PositiveIntegerField(default=0)
    fallbacks = models.PositiveIntegerField(default=0)
    machine = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    late = models.PositiveIntegerField(default=0)
    lost = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "day", "hour", "code_id", "staff_id", "sub_channel"], name="analytics_hour_cell"
            ),
            NeverDeleted(name="analytics_hourlyfigure_kept"),
        ]
        indexes = [models.Index(fields=["tenant", "code_id", "day"], name="analytics_hour_of_code")]

    def __str__(self) -> str:
        return f"{self.day} {self.hour} {self.code_id}"


class Watermark(TenantModel):
    """Up to which id the facts of one source are counted: moved in the transaction that counts them."""

    class Source(models.TextChoices):
        SCANS = "scans", "扫码"
        CONTACTS = "contacts", "好友关系"

    source = models.CharField(max_length=10, choices=Source.choices)
    last_id = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "source"], name="analytics_watermark_source"),
            NeverDeleted(name="analytics_watermark_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.last_id}"
