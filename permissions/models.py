"""Who may do what: users, members, departments, role bundles, their assignments, and the audit log."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, Group, PermissionsMixin, UserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from permissions.grants import GrantBase
from permissions.rules import Scope, Target, Tier
from tenants.constraints import AppendOnly, SameTenant, TenantIsolation
from tenants.models import Tenant, TenantModel

SCOPES = [(Scope.OWN.value, "本人"), (Scope.DEPARTMENT.value, "本部门及以下"), (Scope.ALL.value, "全部")]
TIERS = [(Tier.BASIC.value, "基础"), (Tier.STANDARD.value, "常规"), (Tier.SENSITIVE.value, "敏感")]
TARGETS = [(Target.TENANT.value, "全企业"), (Target.FOLDER.value, "分类"), (Target.CODE.value, "活码")]


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in; credentials belong to the person, who may be a member of several tenants."""

    username = models.CharField(max_length=60, unique=True, validators=[UnicodeUsernameValidator()])
    email = models.EmailField(blank=True, default="")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField()

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        # guardian answers yes to a superuser for every object of every tenant, so there is none.
        constraints = [models.CheckConstraint(condition=Q(is_superuser=False), name="permissions_user_no_superuser")]

    def __str__(self) -> str:
        return self.username


class Department(TenantModel):
    """部门: one node of the company's tree; ``path`` is ``/1/4/`` of ids, so "and below" is a prefix."""

    parent = models.ForeignKey("self", models.PROTECT, null=True, db_constraint=False, related_name="children")
    name = models.CharField(max_length=60)
    path = models.CharField(max_length=400, default="/")
    wecom_id = models.BigIntegerField(null=True)
    order = models.IntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "parent", "name"], name="permissions_department_name", nulls_distinct=False
            ),
            models.UniqueConstraint(fields=["tenant", "wecom_id"], name="permissions_department_wecom"),
            SameTenant(field="parent", name="permissions_department_parent_tenant"),
        ]

    def __str__(self) -> str:
        return self.name


class Member(TenantModel):
    """成员: a person's account in one tenant."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    display_name = models.CharField(max_length=40)
    department = models.ForeignKey(Department, models.PROTECT, null=True, db_constraint=False, related_name="members")
    is_active = models.BooleanField(default=True)
    is_owner = models.BooleanField(default=False)
    joined_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "user"], name="permissions_member_user"),
            SameTenant(field="department", name="permissions_member_department_tenant"),
        ]

    def __str__(self) -> str:
        return self.display_name


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


class AuditEntry(TenantModel):
    """One change, denial or sign-in: who, when, what, before and after, from where. Never changed, never deleted.

    ``actor`` says on whose behalf the system acted when there is no member. ``signature`` is an HMAC over the content,
    so that a row written past the application is recognised. Customers appear by our id alone.
    """

    at = models.DateTimeField()
    member = models.ForeignKey(Member, models.PROTECT, null=True, db_constraint=False, related_name="+")
    actor = models.CharField(max_length=80, blank=True, default="")
    origin = models.CharField(max_length=80, blank=True, default="")
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    object_label = models.CharField(max_length=120, blank=True, default="")
    before = models.JSONField()
    after = models.JSONField()
    nonce = models.CharField(max_length=16)
    signature = models.CharField(max_length=64)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["tenant", "object_type", "object_id", "-id"], name="permissions_audit_object"),
            models.Index(fields=["tenant", "-at"], name="permissions_audit_at"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="permissions_auditentry_tenant_id"),
            # The sealer finds in one statement which tenants have something to seal.
            TenantIsolation(name="permissions_auditentry_isolation", ops=True),
            SameTenant(field="member", name="permissions_auditentry_member_tenant"),
            AppendOnly(name="permissions_auditentry_history"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"


class AuditSeal(TenantModel):
    """The place of one audit entry in its tenant's chain: ``hash`` covers the entry and the hash before."""

    entry = models.OneToOneField(AuditEntry, models.PROTECT, db_constraint=False, related_name="seal")
    seq = models.BigIntegerField()
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="permissions_auditseal_tenant_id"),
            TenantIsolation(name="permissions_auditseal_isolation", ops=True),
            models.UniqueConstraint(fields=["tenant", "seq"], name="permissions_auditseal_seq"),
            SameTenant(field="entry", name="permissions_auditseal_entry_tenant"),
            AppendOnly(name="permissions_auditseal_history"),
        ]

    def __str__(self) -> str:
        return f"{self.seq}: {self.hash[:12]}"
