"""Doors into WeCom: contact ways of seats with their pictures, acquisition links, and the ways of native codes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tenants.constraints import SameTenant
from tenants.models import TenantModel


class Door(TenantModel):
    """What every door into WeCom keeps of being made and rewritten (routing/services/doors.py).

    ``error`` and ``errcode`` say why the last try failed, ``attempts`` counts tries, ``next_at`` is when the sweeper
    takes it up (null: nothing to do), ``claimed_until`` whose hands it is in until then.
    """

    error = models.CharField(max_length=200, blank=True, default="")
    errcode = models.IntegerField(null=True)
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        abstract = True


class ContactWay(Door):
    """联系我: one WeCom contact way of one seat, with its opaque state; also the claim for making it.

    ``skip_verify`` is what WeCom holds now; it is rewritten when the code's 免验证 changes (product.md §1.10).
    """

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
    skip_verify = models.BooleanField(default=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)

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
            models.Index(fields=["tenant", "seat"], condition=Q(skip_verify=False), name="routing_contactway_verify"),
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


class AcquisitionLink(Door):
    """获客链接 of one seat (document 97297); also the claim for making it. One user, so that we choose, not WeCom."""

    class Status(models.TextChoices):
        """``unavailable``: WeCom says that it can't add anybody now; the hosted page takes over."""

        PENDING = "pending", "生成中"
        LIVE = "live", "可用"
        FAILED = "failed", "失败"
        UNAVAILABLE = "unavailable", "暂不可用"
        RETIRED = "retired", "停用"

    seat = models.ForeignKey("routing.Seat", models.PROTECT, db_constraint=False, related_name="links")
    link_id = models.CharField(max_length=64, blank=True, default="")
    url = models.CharField(max_length=200, blank=True, default="")
    skip_verify = models.BooleanField(default=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.PENDING)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "seat"], condition=~Q(status="retired"), name="routing_acquisitionlink_seat"
            ),
            SameTenant(field="seat", name="routing_acquisitionlink_seat_tenant"),
        ]
        indexes = [
            models.Index(fields=["tenant", "link_id"], name="routing_acquisitionlink_id"),
            models.Index(fields=["tenant", "next_at"], name="routing_acquisitionlink_due"),
        ]

    def __str__(self) -> str:
        return f"{self.seat_id}: {self.status}"


class NativeWay(Door):
    """The contact way of a native code: its printed QR, whose users we keep right (product.md §1.2).

    ``wanted`` and ``pushed`` are ``{"users": [userid …], "skip_verify": bool}``; ``wanted_version`` grows with each
    change, so that a push that comes late can't win. ``drift`` names what the nightly check found different.
    """

    class Status(models.TextChoices):
        """From the order to make it; it is never deleted."""

        PENDING = "pending", "生成中"
        LIVE = "live", "可用"
        FAILED = "failed", "失败"

    code = models.ForeignKey("codes.LiveCode", models.PROTECT, db_constraint=False, related_name="+")
    state = models.CharField(max_length=30)
    config_id = models.CharField(max_length=64, blank=True, default="")
    qr_url = models.CharField(max_length=400, blank=True, default="")
    qr_content = models.CharField(max_length=400, blank=True, default="")
    png = models.BinaryField(null=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    wanted = models.JSONField(default=dict)
    wanted_version = models.IntegerField(default=0)
    pushed = models.JSONField(default=dict)
    pushed_version = models.IntegerField(default=0)
    pushed_at = models.DateTimeField(null=True)
    next_look_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    drift = models.CharField(max_length=200, blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "code"], name="routing_nativeway_code"),
            models.UniqueConstraint(fields=["tenant", "state"], name="routing_nativeway_state"),
            SameTenant(field="code", name="routing_nativeway_code_tenant"),
        ]
        indexes = [models.Index(fields=["tenant", "next_look_at"], name="routing_nativeway_look")]

    def __str__(self) -> str:
        return f"{self.code_id}: {self.status}"
