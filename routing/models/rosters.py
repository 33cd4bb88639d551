"""Who receives: seats, limits, rules, and the published versions of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tenants.constraints import AppendOnly, SameTenant
from tenants.models import TenantModel


class Seat(TenantModel):
    """席位: one staff's place in one code's roster. Never deleted: ``removed_at`` ends it, its ways and past stay.

    ``hours`` are weekly windows as routing/rules/hours.py stores them (null: always). ``source`` is the group or
    department that brought the person; null for people who were put in by name. ``face_way_id`` is one live contact
    way, shown where no slot is taken; ``link_url`` the seat's acquisition link while it works.
    """

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
    hours = models.JSONField(null=True)
    paused_until = models.DateTimeField(null=True)
    source = models.ForeignKey(
        "routing.RosterSource", models.PROTECT, null=True, db_constraint=False, related_name="seats"
    )
    live_ways = models.IntegerField(default=0)
    face_way_id = models.BigIntegerField(null=True)
    link_url = models.CharField(max_length=200, blank=True, default="")
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
            SameTenant(field="source", name="routing_seat_source_tenant"),
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


class RosterSource(TenantModel):
    """A group or a department in a roster: its people have seats as long as they belong to it (product.md §2.11)."""

    code = models.ForeignKey("codes.LiveCode", models.PROTECT, db_constraint=False, related_name="+")
    group = models.ForeignKey("people.StaffGroup", models.PROTECT, null=True, db_constraint=False, related_name="+")
    department = models.ForeignKey(
        "permissions.Department", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    rung = models.SmallIntegerField(choices=Seat.Rung, default=Seat.Rung.ROSTER)
    position = models.IntegerField()
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.CheckConstraint(
                condition=Q(group=None, department__isnull=False) | Q(group__isnull=False, department=None),
                name="routing_rostersource_one_kind",
            ),
            SameTenant(field="code", name="routing_rostersource_code_tenant"),
            SameTenant(field="group", name="routing_rostersource_group_tenant"),
            SameTenant(field="department", name="routing_rostersource_department_tenant"),
        ]
        indexes = [
            models.Index(fields=["tenant", "code"], name="routing_rostersource_code"),
            models.Index(fields=["tenant", "group"], name="routing_rostersource_group"),
            models.Index(fields=["tenant", "department"], name="routing_rostersource_dept"),
        ]

    def __str__(self) -> str:
        return f"{self.code_id}: {self.group_id or self.department_id}"


class RosterFollow(TenantModel):
    """Up to which move of people (people.ContactSync.moves) the company's rosters with groups have been looked at."""

    moves = models.BigIntegerField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant"], name="routing_rosterfollow_one"),
        ]

    def __str__(self) -> str:
        return f"{self.tenant_id}: {self.moves}"


class StaffLimit(TenantModel):
    """What one staff member can take over all codes: the daily cap, a leave, 上线/下线 (product.md §2.2, §2.10)."""

    staff = models.ForeignKey("people.Staff", models.PROTECT, db_constraint=False, related_name="+")
    daily_cap = models.IntegerField(default=100)
    peak_threshold = models.IntegerField(default=50)
    paused_until = models.DateTimeField(null=True)
    online = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "staff"], name="routing_stafflimit_staff"),
            models.CheckConstraint(condition=Q(daily_cap__gte=0), name="routing_stafflimit_cap"),
            models.CheckConstraint(condition=Q(peak_threshold__gte=1), name="routing_stafflimit_peak"),
            SameTenant(field="staff", name="routing_stafflimit_staff_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id}: {self.daily_cap}"


class RoutingRule(TenantModel):
    """分流规则: how a code chooses among its seats. Felt after a publish.

    ``hours``, ``verify_hours`` (when 需验证 holds although ``skip_verify``) as routing/rules/hours.py stores them,
    ``conditions`` as routing/rules/conditions.py does.
    """

    class Strategy(models.TextChoices):
        """How turns are given (product.md §2.1)."""

        IN_TURN = "in_turn", "平均分配(按序号轮询)"
        WEIGHTED = "weighted", "按权重分配"
        LEAST_LOADED = "least_loaded", "最少接待优先"

    class TurnsCount(models.TextChoices):
        """What uses up a turn (product.md §2.1): being assigned, or only a customer who becomes a friend."""

        ASSIGNMENTS = "assignments", "按分配计"
        ADDS = "adds", "按添加计"

    class Fallback(models.TextChoices):
        """Where a scan ends that no person of the ladder can take, or of a closed code (product.md §1.5)."""

        DEFAULT = "", "按企业设置"
        PAGE = "page", "企业兜底页"
        DUTY = "duty", "值班人"
        CODE = "code", "另一个活码"

    code = models.ForeignKey("codes.LiveCode", models.PROTECT, db_constraint=False, related_name="+")
    strategy = models.CharField(max_length=12, choices=Strategy, default=Strategy.IN_TURN)
    turns_count = models.CharField(max_length=12, choices=TurnsCount, default=TurnsCount.ASSIGNMENTS)
    overflow = models.BooleanField(default=True)
    peak_overflow = models.BooleanField(default=False)
    peak_window_seconds = models.IntegerField(default=300)
    hours = models.JSONField(null=True)
    conditions = models.JSONField(default=list, blank=True)
    fallback = models.CharField(max_length=4, choices=Fallback, blank=True, default=Fallback.DEFAULT)
    fallback_code = models.ForeignKey(
        "codes.LiveCode", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    pending_seconds = models.IntegerField(default=1800)
    sticky_seconds = models.IntegerField(default=86400)
    duty_staff = models.ForeignKey("people.Staff", models.PROTECT, null=True, db_constraint=False, related_name="+")
    skip_verify = models.BooleanField(default=True)
    verify_hours = models.JSONField(null=True)

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
            models.CheckConstraint(
                condition=Q(peak_window_seconds__gte=60, peak_window_seconds__lte=3600), name="routing_rule_peak"
            ),
            SameTenant(field="code", name="routing_routingrule_code_tenant"),
            SameTenant(field="fallback_code", name="routing_routingrule_fallback_tenant"),
            SameTenant(field="duty_staff", name="routing_routingrule_duty_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.code_id}: {self.strategy}"


class Snapshot(TenantModel):
    """One published version of a code's routing (docs/snapshot.md). History: never changed.

    ``rule`` is the rule as people edit it, so that a version can be restored.
    """

    code = models.ForeignKey("codes.LiveCode", models.PROTECT, db_constraint=False, related_name="+")
    version = models.IntegerField()
    data = models.JSONField()
    rule = models.JSONField(null=True)
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
    """Which version of a code is current. Written by publishing alone, so that no publish ever holds up a scan.

    ``peak_window`` (seconds) and ``fallback_code`` repeat what the snapshot says, because the batch must load by them
    before it has read a snapshot.
    """

    code = models.ForeignKey("codes.LiveCode", models.PROTECT, db_constraint=False, related_name="+")
    version = models.IntegerField()
    peak_window = models.IntegerField(null=True)
    fallback_code = models.ForeignKey(
        "codes.LiveCode", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "code"], name="routing_coderoute_code"),
            SameTenant(field="code", name="routing_coderoute_code_tenant"),
            SameTenant(field="fallback_code", name="routing_coderoute_fallback_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.code_id} v{self.version}"
