"""What is printed: live codes, and how they are filed."""

from __future__ import annotations

from django.db import models

from permissions.grants import CodeGrantBase, FolderGrantBase
from tenants.constraints import SameTenant
from tenants.models import TenantModel


class CodeFolder(TenantModel):
    """分类: where a code is filed; permissions can be given per folder (product.md §5.3)."""

    name = models.CharField(max_length=40)
    parent = models.ForeignKey("self", models.PROTECT, null=True, db_constraint=False, related_name="children")
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "parent", "name"], name="codes_codefolder_name", nulls_distinct=False
            ),
            SameTenant(field="parent", name="codes_codefolder_parent_tenant"),
        ]

    def __str__(self) -> str:
        return self.name


class Channel(TenantModel):
    """渠道: where a code hangs. ``cost`` is what the channel costs a month, in yuan, for the cost per add."""

    name = models.CharField(max_length=30)
    abbreviation = models.CharField(max_length=8, blank=True, default="")
    cost = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "name"], name="codes_channel_name"),
            models.CheckConstraint(
                condition=models.Q(cost__isnull=True) | models.Q(cost__gte=0), name="codes_channel_cost_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LiveCode(TenantModel):
    """活码: a printed QR that stays right for ever. Never deleted; the slug is never given to another code."""

    class Purpose(models.TextChoices):
        """What the code is for; chosen by the creator, never guessed (product.md §1.4)."""

        CAMPAIGN = "campaign", "短期活动"
        SERVICE = "service", "长期服务"

    class Kind(models.TextChoices):
        """How many receive (product.md §1.1)."""

        SINGLE = "single", "单人"
        SEVERAL = "several", "多人"
        GROUP = "group", "拉群"

    class Delivery(models.TextChoices):
        """How the code reaches WeCom (product.md §1.2)."""

        HOSTED = "hosted", "托管"
        LINK = "link", "获客链接"
        NATIVE = "native", "原生"

    class State(models.TextChoices):
        """What people decided; whether it has expired follows from ``expires_at`` (codes/rules.py)."""

        DRAFT = "draft", "草稿"
        LIVE = "live", "启用"
        PAUSED = "paused", "已暂停"
        RETIRED = "retired", "已归档"

    name = models.CharField(max_length=30)
    slug = models.CharField(max_length=10, unique=True)
    purpose = models.CharField(max_length=8, choices=Purpose)
    purpose_text = models.CharField(max_length=30)
    purpose_abbreviation = models.CharField(max_length=8, blank=True, default="")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.SEVERAL)
    delivery = models.CharField(max_length=8, choices=Delivery, default=Delivery.HOSTED)
    folder = models.ForeignKey(CodeFolder, models.PROTECT, null=True, db_constraint=False, related_name="codes")
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, db_constraint=False, related_name="codes")
    owner = models.ForeignKey("permissions.Member", models.PROTECT, null=True, db_constraint=False, related_name="+")
    department = models.ForeignKey(
        "permissions.Department", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    expires_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    first_scan_at = models.DateTimeField(null=True)
    landing_text = models.CharField(max_length=120, blank=True, default="")
    remark_suffix = models.CharField(max_length=20, blank=True, default="")
    description = models.CharField(max_length=150, blank=True, default="")
    # What the QR of a native code says: WeCom's own address, known once its way is made (product.md §1.2).
    native_qr = models.CharField(max_length=400, editable=False, blank=True, default="")
    search_key = models.CharField(max_length=160, editable=False, default="")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        "permissions.Member", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "name"], name="codes_livecode_name"),
            SameTenant(field="folder", name="codes_livecode_folder_tenant"),
            SameTenant(field="channel", name="codes_livecode_channel_tenant"),
            SameTenant(field="owner", name="codes_livecode_owner_tenant"),
            SameTenant(field="department", name="codes_livecode_department_tenant"),
            SameTenant(field="created_by", name="codes_livecode_created_by_tenant"),
        ]
        indexes = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="codes_livecode_newest"),
            models.Index(fields=["tenant", "state", "expires_at"], name="codes_livecode_expiry"),
            models.Index(fields=["tenant", "purpose", "-created_at"], name="codes_livecode_purpose"),
            models.Index(fields=["tenant", "folder"], name="codes_livecode_folder"),
            models.Index(fields=["tenant", "channel"], name="codes_livecode_channel"),
            models.Index(fields=["tenant", "owner"], name="codes_livecode_owner"),
            models.Index(fields=["tenant", "department"], name="codes_livecode_department"),
        ]

    def __str__(self) -> str:
        return self.name


class CodeParticipant(TenantModel):
    """A member whose staff has a seat of the code: what scope *own* of a code goes by (design.md §4)."""

    code = models.ForeignKey(LiveCode, models.PROTECT, db_constraint=False, related_name="participants")
    member = models.ForeignKey("permissions.Member", models.PROTECT, db_constraint=False, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "member", "code"], name="codes_codeparticipant_once"),
            SameTenant(field="code", name="codes_codeparticipant_code_tenant"),
            SameTenant(field="member", name="codes_codeparticipant_member_tenant"),
        ]
        indexes = [models.Index(fields=["tenant", "code"], name="codes_codeparticipant_code")]

    def __str__(self) -> str:
        return f"{self.code_id}/{self.member_id}"


class FolderGrant(FolderGrantBase):
    """guardian's projection: a capability of a bundle's group on one folder (product.md §5.3)."""

    content_object = models.ForeignKey(CodeFolder, models.PROTECT, db_constraint=False, related_name="+")

    class Meta(FolderGrantBase.Meta):
        constraints = [
            *FolderGrantBase.Meta.constraints,
            SameTenant(field="content_object", name="codes_foldergrant_object_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.group_id}: {self.permission_id} @ {self.content_object_id}"


class CodeGrant(CodeGrantBase):
    """guardian's projection: a capability of a bundle's group on one code (product.md §5.3)."""

    content_object = models.ForeignKey(LiveCode, models.PROTECT, db_constraint=False, related_name="+")

    class Meta(CodeGrantBase.Meta):
        constraints = [
            *CodeGrantBase.Meta.constraints,
            SameTenant(field="content_object", name="codes_codegrant_object_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.group_id}: {self.permission_id} @ {self.content_object_id}"
