"""Who receives: rosters, rules, their published versions, counters of the day, slots, scans and contact ways.

``Slot``, ``Scan`` and the counters are written by ``routing/batch.py`` under the tenant's lock; the scan table is
partitioned and made by a migration in SQL. Ids in ``Slot`` and ``Scan`` are plain numbers: they are facts of a moment,
and foreign keys would lock the parents' rows on every scan.
"""

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
    """The hot row of one code: which version is current and where its turn stands. Kept narrow."""

    code = models.ForeignKey("codes.LiveCode", models.PROTECT, db_constraint=False, related_name="+")
    version = models.IntegerField()
    cursor = models.IntegerField(default=-1)
    credits = models.JSONField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "code"], name="routing_coderoute_code"),
            SameTenant(field="code", name="routing_coderoute_code_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.code_id} v{self.version} @{self.cursor}"


class StaffDay(TenantModel):
    """One staff's day: slots assigned (waiting or friend), friends added, late friends (product.md §2.2)."""

    staff = models.ForeignKey("people.Staff", models.PROTECT, db_constraint=False, related_name="+")
    day = models.DateField()
    assigned = models.IntegerField(default=0)
    added = models.IntegerField(default=0)
    late = models.IntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "staff", "day"], name="routing_staffday_once"),
            models.CheckConstraint(condition=Q(assigned__gte=0, late__gte=0), name="routing_staffday_counts"),
            SameTenant(field="staff", name="routing_staffday_staff_tenant"),
        ]
        indexes = [models.Index(fields=["tenant", "day"], name="routing_staffday_day")]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.day}: {self.assigned}+{self.late}"


class SeatDay(TenantModel):
    """One seat's day, for seats with a cap of their own and for the roster's figures."""

    seat = models.ForeignKey(Seat, models.PROTECT, db_constraint=False, related_name="+")
    day = models.DateField()
    assigned = models.IntegerField(default=0)
    added = models.IntegerField(default=0)
    late = models.IntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "seat", "day"], name="routing_seatday_once"),
            models.CheckConstraint(condition=Q(assigned__gte=0, late__gte=0), name="routing_seatday_counts"),
            SameTenant(field="seat", name="routing_seatday_seat_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.seat_id} {self.day}: {self.assigned}+{self.late}"


class ContactWay(TenantModel):
    """联系我: one WeCom contact way of one seat, with its opaque state; also the claim for making it."""

    class Status(models.TextChoices):
        """From the order to make it until the seat is gone."""

        PENDING = "pending", "生成中"
        LIVE = "live", "可用"
        FAILED = "failed", "失败"
        RETIRED = "retired", "停用"

    seat = models.ForeignKey(Seat, models.PROTECT, db_constraint=False, related_name="ways")
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


class Slot(TenantModel):
    """One assignment: it counts from the scan, leases a contact way, and ends as a friend or is given back."""

    class State(models.TextChoices):
        """``waiting`` and ``friend`` count to the caps of their day; ``returned`` does not."""

        WAITING = "waiting", "等待添加"
        FRIEND = "friend", "已添加"
        RETURNED = "returned", "已退回"

    scan_id = models.UUIDField()
    code_id = models.BigIntegerField()
    seat_id = models.BigIntegerField()
    staff_id = models.BigIntegerField()
    way_id = models.BigIntegerField(null=True)
    leased = models.BooleanField(default=True)
    visitor = models.CharField(max_length=32)
    sub_channel = models.CharField(max_length=64, blank=True, default="")
    day = models.DateField()
    taken_at = models.DateTimeField()
    held_until = models.DateTimeField()
    pending_seconds = models.IntegerField(default=1800)
    fetched_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    late = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "scan_id"], name="routing_slot_scan"),
            models.UniqueConstraint(
                fields=["tenant", "way_id"], condition=Q(state="waiting", leased=True), name="routing_slot_lease"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "code_id", "visitor", "-id"], name="routing_slot_visitor"),
            models.Index(fields=["tenant", "way_id", "-id"], name="routing_slot_way"),
            models.Index(
                fields=["tenant", "seat_id", "way_id"], condition=Q(state="waiting"), name="routing_slot_waiting"
            ),
            models.Index(fields=["tenant", "held_until"], condition=Q(state="waiting"), name="routing_slot_due"),
        ]

    def __str__(self) -> str:
        return f"{self.scan_id}: {self.state}"


class Scan(TenantModel):
    """扫码: one scan with its outcome and reason; never edited. Partitioned by ``scan_day``; ids commit in order.

    Holds no personal data: ``visitor`` is HMAC(tenant, cookie) (design.md §5).
    """

    scan_day = models.DateField()
    scan_id = models.UUIDField()
    code_id = models.BigIntegerField()
    scanned_at = models.DateTimeField()
    kind = models.CharField(max_length=10)
    outcome = models.CharField(max_length=10)
    reason = models.CharField(max_length=16)
    rung = models.SmallIntegerField(null=True)
    version = models.IntegerField(null=True)
    seat_id = models.BigIntegerField(null=True)
    staff_id = models.BigIntegerField(null=True)
    department_id = models.BigIntegerField(null=True)
    visitor = models.CharField(max_length=32, null=True)  # noqa: DJ001  # none for crawlers: not an empty visitor
    first_visit = models.BooleanField(default=False)
    sub_channel = models.CharField(max_length=64)
    trace = models.JSONField(null=True)
    degraded = models.BooleanField(default=False)

    class Meta:
        managed = False
        base_manager_name = "objects"
        db_table = "routing_scan"

    def __str__(self) -> str:
        return f"{self.scan_id}: {self.outcome}"


class OrphanScan(models.Model):
    """Scans of slugs that nobody has, counted by day. Of the platform: there is no tenant to give them to."""

    day = models.DateField()
    kind = models.CharField(max_length=12)
    hits = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "kind"], name="routing_orphanscan_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}: {self.hits}"
