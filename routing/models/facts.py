"""What scans leave behind: turns, counters of the day, slots and scans; written under the tenant's lock.

``Slot`` and ``Scan`` hold ids as plain numbers: they are facts of a moment, and foreign keys would lock the parents'
rows on every scan. The scan table is partitioned and made by a migration in SQL.
"""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from tenants.constraints import NeverDeleted, SameTenant
from tenants.models import TenantModel


class CodeTurn(TenantModel):
    """Where a code's turn stands: the hot row of one code, narrow, written by the batch alone."""

    code = models.ForeignKey("codes.LiveCode", models.PROTECT, db_constraint=False, related_name="+")
    cursor = models.IntegerField(default=-1)
    credits = models.JSONField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "code"], name="routing_codeturn_code"),
            SameTenant(field="code", name="routing_codeturn_code_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.code_id} @{self.cursor}"


class StaffDay(TenantModel):
    """One staff's day: slots assigned (waiting or friend), friends added, late friends (product.md §2.2).

    ``last_add_at``: the newest add, by whatever way; it tells who looks full (product.md §2.13).
    """

    staff = models.ForeignKey("people.Staff", models.PROTECT, db_constraint=False, related_name="+")
    day = models.DateField()
    assigned = models.IntegerField(default=0)
    added = models.IntegerField(default=0)
    late = models.IntegerField(default=0)
    last_add_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "staff", "day"], name="routing_staffday_once"),
            models.CheckConstraint(condition=Q(assigned__gte=0, late__gte=0), name="routing_staffday_counts"),
            SameTenant(field="staff", name="routing_staffday_staff_tenant"),
            NeverDeleted(name="routing_staffday_kept"),
        ]
        indexes = [models.Index(fields=["tenant", "day"], name="routing_staffday_day")]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.day}: {self.assigned}+{self.late}"


class SeatDay(TenantModel):
    """One seat's day, for seats with a cap of their own and for the roster's figures.

    ``owed``: turns given back because nobody was added; they are made up for where turns count adds (product.md §2.1).
    """

    seat = models.ForeignKey("routing.Seat", models.PROTECT, db_constraint=False, related_name="+")
    day = models.DateField()
    assigned = models.IntegerField(default=0)
    added = models.IntegerField(default=0)
    late = models.IntegerField(default=0)
    owed = models.IntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "seat", "day"], name="routing_seatday_once"),
            models.CheckConstraint(condition=Q(assigned__gte=0, late__gte=0), name="routing_seatday_counts"),
            SameTenant(field="seat", name="routing_seatday_seat_tenant"),
            NeverDeleted(name="routing_seatday_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.seat_id} {self.day}: {self.assigned}+{self.late}"


class Slot(TenantModel):
    """One assignment: it counts from the scan, leases a contact way, and ends as a friend or is given back.

    Through an acquisition link there is no way: ``link`` is true, the scan's id is the ``customer_channel``, and
    ``requested_at`` is when WeCom reported the friend request (product.md §2.4); ``reminded`` after how many minutes of
    it somebody was last reminded (3: the receptionist, 10: the lead; product.md §1.10).
    """

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
    link = models.BooleanField(default=False)
    visitor = models.CharField(max_length=32)
    sub_channel = models.CharField(max_length=64, blank=True, default="")
    day = models.DateField()
    taken_at = models.DateTimeField()
    held_until = models.DateTimeField()
    pending_seconds = models.IntegerField(default=1800)
    fetched_at = models.DateTimeField(null=True)
    requested_at = models.DateTimeField(null=True)
    reminded = models.SmallIntegerField(null=True)
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
            NeverDeleted(name="routing_slot_kept"),
        ]
        indexes = [
            models.Index(fields=["tenant", "visitor", "code_id", "-id"], name="routing_slot_visitor"),
            models.Index(fields=["tenant", "way_id", "-id"], name="routing_slot_way"),
            models.Index(
                fields=["tenant", "staff_id", "seat_id", "taken_at"],
                condition=Q(state="waiting"),
                name="routing_slot_waiting",
            ),
            models.Index(fields=["tenant", "held_until"], condition=Q(state="waiting"), name="routing_slot_due"),
            models.Index(
                fields=["tenant", "requested_at"],
                condition=~Q(state="friend") & Q(requested_at__isnull=False) & (Q(reminded=None) | Q(reminded__lt=10)),
                name="routing_slot_unanswered",
            ),
            # Slots come in the order of time: a few pages tell the last hour, and a scan pays next to nothing for it.
            BrinIndex(
                fields=["tenant", "taken_at"], pages_per_range=32, autosummarize=True, name="routing_slot_recent"
            ),
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
    condition = models.IntegerField(null=True)
    trace = models.JSONField(null=True)
    degraded = models.BooleanField(default=False)

    class Meta:
        managed = False
        base_manager_name = "objects"
        db_table = "routing_scan"

    def __str__(self) -> str:
        return f"{self.scan_id}: {self.outcome}"


class VisitorFriend(TenantModel):
    """A visitor's cookie tied to a friend, by an exact match alone (product.md §2.6); gone when the friendship ends."""

    visitor = models.CharField(max_length=32)
    customer_id = models.BigIntegerField()
    staff_id = models.BigIntegerField()
    tied_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "visitor", "staff_id"], name="routing_visitorfriend_once"),
        ]
        indexes = [models.Index(fields=["tenant", "customer_id"], name="routing_visitorfriend_customer")]

    def __str__(self) -> str:
        return f"{self.visitor}: {self.staff_id}"


class StaffSuspect(TenantModel):
    """疑似已满或异常: many assignments and no add within an hour (product.md §2.13); passed over until ``until``."""

    staff = models.ForeignKey("people.Staff", models.PROTECT, db_constraint=False, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    assigned = models.IntegerField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "staff"], name="routing_staffsuspect_once"),
            SameTenant(field="staff", name="routing_staffsuspect_staff_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} until {self.until}"


class OrphanScan(models.Model):
    """Scans of slugs that nobody has, counted by day. Of the platform: there is no tenant to give them to."""

    day = models.DateField()
    kind = models.CharField(max_length=12)
    hits = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "kind"], name="routing_orphanscan_once"),
            NeverDeleted(name="routing_orphanscan_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}: {self.hits}"
