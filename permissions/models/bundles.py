"""Role bundles, who holds them on what and until when, and guardian's projection of them."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from permissions.grants import GrantBase
from permissions.models.people import Member
from permissions.rules import Scope, Target, Tier
from tenants.constraints import AppendOnly, SameTenant, TenantIsolation
from tenants.models import Tenant, TenantModel

SCOPES = [(Scope.OWN.value, "本人"), (Scope.DEPARTMENT.value, "本部门及以下"), (Scope.ALL.value, "全部")]
TIERS = [(Tier.BASIC.value, "基础"), (Tier.STANDARD.value, "常规"), (Tier.SENSITIVE.value, "敏感")]
TARGETS = [(Target.TENANT.value, "全企业"), (Target.FOLDER.value, "分类"), (Target.CODE.value, "活码")]


class RoleBundle(TenantModel):
    """角色权限包: a named set of capabilities. ``group`` carries its projection in guardian (design.md §4)."""

    key = models.CharField(max_length=40)
    name = models.CharField(max_length=40)
    builtin = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    capabilities = ArrayField(models.CharField(max_length=40))
    scope = models.CharField(max_length=12, choices=SCOPES)
    tier = models.CharField(max_length=12, choices=TIERS)
    group = models.OneToOneField(Group, models.PROTECT, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "key"], name="permissions_rolebundle_key"),
            models.UniqueConstraint(fields=["tenant", "name"], name="permissions_rolebundle_name"),
        ]

    def __str__(self) -> str:
        return self.name


class BundleVersion(TenantModel):
    """What a custom bundle held from one change to the next; never changed, never deleted."""

    bundle = models.ForeignKey(RoleBundle, models.PROTECT, db_constraint=False, related_name="versions")
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=40)
    capabilities = ArrayField(models.CharField(max_length=40))
    scope = models.CharField(max_length=12, choices=SCOPES)
    tier = models.CharField(max_length=12, choices=TIERS)
    changed_by = models.ForeignKey(Member, models.PROTECT, null=True, db_constraint=False, related_name="+")
    changed_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="permissions_bundleversion_tenant_id"),
            TenantIsolation(name="permissions_bundleversion_isolation"),
            models.UniqueConstraint(fields=["tenant", "bundle", "version"], name="permissions_bundleversion_once"),
            SameTenant(field="bundle", name="permissions_bundleversion_bundle_tenant"),
            SameTenant(field="changed_by", name="permissions_bundleversion_member_tenant"),
            AppendOnly(name="permissions_bundleversion_history"),
        ]

    def __str__(self) -> str:
        return f"{self.bundle_id} v{self.version}"


class BundleAssignment(TenantModel):
    """Truth about rights: this member holds this bundle, on the tenant or one object, until then.

    ``scope`` and ``tier`` replace the bundle's own when set. ``until`` is exclusive: at that moment it counts no more.
    """

    member = models.ForeignKey(Member, models.PROTECT, db_constraint=False, related_name="assignments")
    bundle = models.ForeignKey(RoleBundle, models.PROTECT, db_constraint=False, related_name="assignments")
    target = models.CharField(max_length=8, choices=TARGETS, default=Target.TENANT.value)
    target_id = models.BigIntegerField(null=True)
    until = models.DateTimeField(null=True)
    scope = models.CharField(max_length=12, choices=SCOPES, blank=True, default="")
    tier = models.CharField(max_length=12, choices=TIERS, blank=True, default="")
    given_by = models.ForeignKey(Member, models.PROTECT, null=True, db_constraint=False, related_name="+")
    given_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "member", "bundle", "target", "target_id"],
                name="permissions_bundleassignment_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(target=Target.TENANT.value, target_id__isnull=True)
                | (~Q(target=Target.TENANT.value) & Q(target_id__isnull=False)),
                name="permissions_bundleassignment_target",
            ),
            SameTenant(field="member", name="permissions_bundleassignment_member_tenant"),
            SameTenant(field="bundle", name="permissions_bundleassignment_bundle_tenant"),
            SameTenant(field="given_by", name="permissions_bundleassignment_giver_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.bundle_id}"


class PositionBundle(TenantModel):
    """The bundle that newcomers with this position are proposed with; it goes before the department's."""

    position = models.CharField(max_length=40)
    bundle = models.ForeignKey(RoleBundle, models.PROTECT, db_constraint=False, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "position"], name="permissions_positionbundle_once"),
            SameTenant(field="bundle", name="permissions_positionbundle_bundle_tenant"),
        ]

    def __str__(self) -> str:
        return self.position


class TenantGrant(GrantBase):
    """guardian's projection of a bundle: one capability of its group on the tenant's own row."""

    content_object = models.ForeignKey(Tenant, models.PROTECT, related_name="grants")

    class Meta(GrantBase.Meta):
        constraints = [
            *GrantBase.Meta.constraints,
            models.CheckConstraint(condition=Q(content_object=models.F("tenant")), name="permissions_tenantgrant_own"),
        ]

    def __str__(self) -> str:
        return f"{self.group_id}: {self.permission_id}"
