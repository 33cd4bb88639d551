"""Who receives: seats, limits, rules, and the published versions of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tenants.constraints import AppendOnly, SameTenant
from tenants.models import TenantModel


class Seat(TenantModel):
    """席位: one staff's place in one code's roster. Never deleted: ``removed_at`` ends it, its ways and past stay."""

    class Rung(models.IntegerChoices):
        """Where on the ladder the seat stands (product.md §2.8)."""

        ROSTER = 1, "接待名单"
        BACKUP = 2, "备用客服"
        DUTY = 3, "值班人"

    code = models.ForeignKey("codes.LiveCode", models.PROTECT, db_constraint=False, related_name="+")
    staff = models.ForeignKey("people.Staff", models.PROTECT, db_constraint=False, related_name="+")
    rung = models.SmallIntegerField(choices=Rung, default=Rung.ROSTER)
    position = models.IntegerField()
    daily_cap = models.IntegerField(null=True)
    weight = models.IntegerField(default=1)
    paused_until = models.DateTimeField(null=True)
    live_ways = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "code", "staff"], condition=~Q(rung=3), name="routing_seat_staff_once"
            ),
            models.UniqueConstraint(
                fields=["tenant", "code"], condition=Q(rung=3, removed_at=None), name="routing_seat_one_duty"
            ),
            models.CheckConstraint(condition=Q(daily_cap=None) | Q(daily_cap__gte=0), name="routing_seat_cap"),
            models.CheckConstraint(condition=Q(weight__gte=0), name="routing_seat_weight"),
            SameTenant(field="code", name="routing_seat_code_tenant"),
            SameTenant(field="staff", name="routing_seat_staff_tenant"),
        ]
        indexes = [
            models.Index(fields=["tenant", "code", "rung", "position"], name="routing_seat_roster"),
            models.Index(fields=["tenant", "staff"], name="routing_seat_staff"),
        ]

    @property
    def is_backup(self) -> bool:
        """Whether the seat is one of the backups."""
        return self.rung == Seat.Rung.BACKUP

    def __str__(self) -> str:
        return f"{self.code_id}/{self.staff_id}"


class StaffLimit(TenantModel):
    """What one staff member can take over all codes: the daily cap, a leave, 上线/下线 (product.md §2.2, §2.10)."""

    staff = models.ForeignKey("people.Staff", models.PROTECT, db_constraint=False, related_name="+")
    daily_cap = models.IntegerField(default=100)
    paused_until = models.DateTimeField(null=True)
    online = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "staff"], name="routing_stafflimit_staff"),
            models.CheckConstraint(condition=Q(daily_cap__gte=0), name="routing_stafflimit_cap"),
            SameTenant(field="staff", name="routing_stafflimit_staff_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id}: {self.daily_cap}"


class RoutingRule(TenantModel):
    """分流规则: how a code chooses among its seats. Felt after a publish."""

    class Strategy(models.TextChoices):
        """How turns are given (product.md §2.1)."""

        IN_TURN = "in_turn", "平均分配(按序号轮询)"

    code = models.ForeignKey("codes.LiveCode", models.PROTECT, db_constraint=False, related_name="+")
    strategy = models.CharField(max_length=12, choices=Strategy, default=Strategy.IN_TURN)
    overflow = models.BooleanField(default=True)
    pending_seconds = models.IntegerField(default=1800)
    sticky_seconds = models.IntegerField(default=86400)
    duty_staff = models.ForeignKey("people.Staff", models.PROTECT, null=True, db_constraint=False, related_name="+")
    skip_verify = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "code"], name="routing_routingrule_code"),
            models.CheckConstraint(
                condition=Q(pending_seconds__gte=60, pending_seconds__lte=86400), name="routing_rule_pending"
            ),
            models.CheckConstraint(
                condition=Q(sticky_seconds__gte=0, sticky_seconds__lte=30 * 86400), name="routing_rule_sticky"
            ),
            SameTenant(field="code", name="routing_routingrule_code_tenant"),
            SameTenant(field="duty_staff", name="routing_routingrule_duty_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.code_id}: {self.strategy}"


class ReceptionDefault(TenantModel):
    """What holds for all codes of a company: the duty person (a code may name another)."""

    duty_staff = models.ForeignKey("people.Staff", models.PROTECT, null=True, db_constraint=False, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant"], name="routing_receptiondefault_one"),
            SameTenant(field="duty_staff", name="routing_receptiondefault_duty_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.tenant_id}: {self.duty_staff_id}"


class Snapshot(TenantModel):
    """One published version of a code's routing (docs/snapshot.md). History: never changed."""

    code = models.ForeignKey("codes.LiveCode", models.PROTECT, db_constraint=False, related_name="+")
    version = models.IntegerField()
    data = models.JSONField()
    reason = models.CharField(max_length=12, default="publish")
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        "permissions.Member", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "code", "version"], name="routing_snapshot_version"),
            SameTenant(field="code", name="routing_snapshot_code_tenant"),
            SameTenant(field="published_by", name="routing_snapshot_by_tenant"),
            AppendOnly(name="routing_snapshot_history"),
        ]

    def __str__(self) -> str:
        return f"{self.code_id} v{self.version}"


class CodeRoute(TenantModel):
    """Which version of a code is current. Written by publishing alone, so that no publish ever holds up a scan."""

    code = models.ForeignKey("codes.LiveCode", models.PROTECT, db_constraint=False, related_name="+")
    version = models.IntegerField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "code"], name="routing_coderoute_code"),
            SameTenant(field="code", name="routing_coderoute_code_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.code_id} v{self.version}"
