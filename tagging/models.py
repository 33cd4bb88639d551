"""Tags: the tree, the tags that codes carry, and the tags on customers with their history."""

from __future__ import annotations

from django.db import models

from tenants.constraints import SameTenant
from tenants.models import TenantModel


class Tag(TenantModel):
    """标签: a node of the three-level tree; only a node without children is put on customers (product.md §3.3)."""

    class Tier(models.TextChoices):
        """级别: bounds who sees the tag and who applies it; children have their root's tier or a higher one."""

        BASIC = "basic", "基础"
        STANDARD = "standard", "常规"
        SENSITIVE = "sensitive", "敏感"

    parent = models.ForeignKey("self", models.PROTECT, null=True, db_constraint=False, related_name="children")
    level = models.SmallIntegerField(default=1)
    name = models.CharField(max_length=30)
    tier = models.CharField(max_length=9, choices=Tier, default=Tier.STANDARD)
    position = models.IntegerField(default=0)
    is_active = models.BooleanField(default=True)
    wecom_tag_id = models.CharField(max_length=64, blank=True, default="")
    wecom_group_id = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "parent", "name"], name="tagging_tag_name", nulls_distinct=False),
            models.CheckConstraint(condition=models.Q(level__gte=1, level__lte=3), name="tagging_tag_three_levels"),
            SameTenant(field="parent", name="tagging_tag_parent_tenant"),
        ]
        indexes = [models.Index(fields=["tenant", "level", "position"], name="tagging_tag_tree")]

    def __str__(self) -> str:
        return self.name


class CodeTag(TenantModel):
    """A tag that a code puts on its customers at once."""

    code = models.ForeignKey("codes.LiveCode", models.PROTECT, db_constraint=False, related_name="+")
    tag = models.ForeignKey(Tag, models.PROTECT, db_constraint=False, related_name="+")
    set_by = models.ForeignKey("permissions.Member", models.PROTECT, null=True, db_constraint=False, related_name="+")
    set_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "code", "tag"], name="tagging_codetag_once"),
            SameTenant(field="code", name="tagging_codetag_code_tenant"),
            SameTenant(field="tag", name="tagging_codetag_tag_tenant"),
            SameTenant(field="set_by", name="tagging_codetag_set_by_tenant"),
        ]
        indexes = [models.Index(fields=["tenant", "tag"], name="tagging_codetag_tag")]

    def __str__(self) -> str:
        return f"{self.code_id}/{self.tag_id}"


class CustomerTag(TenantModel):
    """A tag on a customer of one colleague: who set it, when, by which code. Rows stay; removal is a state."""

    class Source(models.TextChoices):
        """What put it there."""

        CODE = "code", "活码"
        RULE = "rule", "规则"
        PERSON = "person", "手动"
        WECOM = "wecom", "企业微信"

    class State(models.TextChoices):
        """Where it stands with WeCom: ``failed`` is tried again until ``next_at`` is null."""

        PENDING = "pending", "待同步"
        SET = "set", "已生效"
        FAILED = "failed", "同步失败"
        REMOVED = "removed", "已移除"

    customer = models.ForeignKey("people.Customer", models.PROTECT, db_constraint=False, related_name="+")
    staff = models.ForeignKey("people.Staff", models.PROTECT, db_constraint=False, related_name="+")
    tag = models.ForeignKey(Tag, models.PROTECT, db_constraint=False, related_name="+")
    source = models.CharField(max_length=6, choices=Source)
    code = models.ForeignKey("codes.LiveCode", models.PROTECT, null=True, db_constraint=False, related_name="+")
    set_by = models.ForeignKey("permissions.Member", models.PROTECT, null=True, db_constraint=False, related_name="+")
    set_at = models.DateTimeField()
    state = models.CharField(max_length=7, choices=State, default=State.PENDING)
    errcode = models.IntegerField(null=True)
    error = models.CharField(max_length=200, blank=True, default="")
    attempts = models.SmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "customer", "staff", "tag"],
                condition=~models.Q(state="removed"),
                name="tagging_customertag_standing_once",
            ),
            SameTenant(field="customer", name="tagging_customertag_customer_tenant"),
            SameTenant(field="staff", name="tagging_customertag_staff_tenant"),
            SameTenant(field="tag", name="tagging_customertag_tag_tenant"),
            SameTenant(field="code", name="tagging_customertag_code_tenant"),
            SameTenant(field="set_by", name="tagging_customertag_set_by_tenant"),
        ]
        indexes = [
            models.Index(fields=["tenant", "tag", "-set_at"], name="tagging_customertag_tag"),
            models.Index(
                fields=["tenant", "next_at"],
                condition=models.Q(next_at__isnull=False),
                name="tagging_customertag_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}/{self.tag_id}"
