"""The two sides of a contact: the staff who receive customers, and the customers."""

from __future__ import annotations

from django.db import models

from tenants.constraints import NeverDeleted, SameTenant
from tenants.models import TenantModel


class Staff(TenantModel):
    """客服: a WeCom employee who can receive customers. Never deleted: a person who left keeps the row and the past."""

    class Status(models.TextChoices):
        """What WeCom says of the account (wecom-contract.md, user/get ``status``)."""

        ACTIVE = "active", "在职"
        DISABLED = "disabled", "已禁用"
        INACTIVE = "inactive", "未激活"
        LEFT = "left", "已离职"

    class CannotReason(models.TextChoices):
        """Why somebody can't receive customers (product.md §2.14)."""

        NONE = "", "可接待"
        NO_FOLLOW = "no_follow", "未开客户联系"
        NOT_ACTIVATED = "not_activated", "未激活"
        UNVERIFIED = "unverified", "未实名"
        OUT_OF_SCOPE = "out_of_scope", "不在可见范围"
        DISABLED = "disabled", "已禁用"
        LEFT = "left", "已离职"

    wecom_userid = models.CharField(max_length=64)
    name = models.CharField(max_length=60)
    pinyin = models.CharField(max_length=200, blank=True, default="")
    pinyin_initials = models.CharField(max_length=60, blank=True, default="")
    avatar_url = models.CharField(max_length=400, blank=True, default="")
    alias = models.CharField(max_length=60, blank=True, default="")
    position = models.CharField(max_length=120, blank=True, default="")
    department = models.ForeignKey(
        "permissions.Department", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    member = models.ForeignKey("permissions.Member", models.PROTECT, null=True, db_constraint=False, related_name="+")
    status = models.CharField(max_length=8, choices=Status, default=Status.ACTIVE)
    can_receive = models.BooleanField(default=False)
    cannot_reason = models.CharField(max_length=16, choices=CannotReason, blank=True, default=CannotReason.NO_FOLLOW)
    reason_since = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    synced_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "wecom_userid"], name="people_staff_userid"),
            models.CheckConstraint(
                condition=models.Q(can_receive=False) | models.Q(cannot_reason="", status="active"),
                name="people_staff_receives_only_when_able",
            ),
            SameTenant(field="department", name="people_staff_department_tenant"),
            SameTenant(field="member", name="people_staff_member_tenant"),
        ]
        indexes = [
            models.Index(fields=["tenant", "status", "pinyin"], name="people_staff_list"),
            models.Index(fields=["tenant", "department"], name="people_staff_department"),
            models.Index(fields=["tenant", "member"], name="people_staff_member"),
        ]

    def __str__(self) -> str:
        return self.name


class StaffGroup(TenantModel):
    """客服分组: a named set of staff. With a ``department`` it holds that department's people and those below it,
    as the contact sync brings them; without one, those whom people put in (product.md §2.11).
    """

    name = models.CharField(max_length=40)
    department = models.ForeignKey(
        "permissions.Department", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "name"], name="people_staffgroup_name"),
            SameTenant(field="department", name="people_staffgroup_department_tenant"),
        ]

    def __str__(self) -> str:
        return self.name


class StaffGroupMember(TenantModel):
    """One staff in one group."""

    group = models.ForeignKey(StaffGroup, models.PROTECT, db_constraint=False, related_name="memberships")
    staff = models.ForeignKey(Staff, models.PROTECT, db_constraint=False, related_name="memberships")

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "group", "staff"], name="people_staffgroupmember_once"),
            SameTenant(field="group", name="people_staffgroupmember_group_tenant"),
            SameTenant(field="staff", name="people_staffgroupmember_staff_tenant"),
        ]
        indexes = [models.Index(fields=["tenant", "staff"], name="people_groupmember_staff")]

    def __str__(self) -> str:
        return f"{self.group_id}/{self.staff_id}"


class Customer(TenantModel):
    """客户: an external contact. Personal fields live here alone, so that erasing a person touches no history."""

    class Kind(models.IntegerChoices):
        """``type`` of external_contact."""

        WECHAT = 1, "微信"
        WECOM = 2, "企业微信"

    class Gender(models.IntegerChoices):
        """``gender`` of external_contact; 0 when the person doesn't say."""

        UNKNOWN = 0, "未知"
        MALE = 1, "男"
        FEMALE = 2, "女"

    external_userid = models.CharField(max_length=64)
    name = models.CharField(max_length=120, blank=True, default="")
    avatar_url = models.CharField(max_length=400, blank=True, default="")
    gender = models.SmallIntegerField(choices=Gender, default=Gender.UNKNOWN)
    kind = models.SmallIntegerField(choices=Kind, default=Kind.WECHAT)
    unionid = models.CharField(max_length=64, blank=True, default="")
    first_seen_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "external_userid"], name="people_customer_external"),
            NeverDeleted(name="people_customer_kept"),
        ]
        indexes = [models.Index(fields=["tenant", "-first_seen_at"], name="people_customer_recent")]

    def __str__(self) -> str:
        return self.name or "未命名客户"


class ContactSync(TenantModel):
    """The contact sync of a company: one row, claimed by whoever runs it, so that two never run at once.

    ``moves`` counts what changed who belongs where or can receive; rosters with groups follow it.
    """

    claimed_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    staff_count = models.IntegerField(default=0)
    receivable_count = models.IntegerField(default=0)
    left_count = models.IntegerField(default=0)
    error = models.CharField(max_length=200, blank=True, default="")
    moves = models.BigIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant"], name="people_contactsync_one"),
        ]

    def __str__(self) -> str:
        return f"{self.tenant_id}: {self.finished_at}"
