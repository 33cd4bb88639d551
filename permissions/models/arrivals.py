"""How people become members: invited by a link, or known from WeCom and one click away (product.md §5.1)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from permissions.models.bundles import RoleBundle
from permissions.models.people import Department, Member
from tenants.constraints import SameTenant
from tenants.models import TenantModel


class Invitation(TenantModel):
    """A link that makes whoever opens it a member, once, until then. Only the token's hash is kept.

    ``bundles`` are keys of role bundles; what the inviter may not hand out any more when it is accepted is left out.
    """

    token_hash = models.CharField(max_length=64)
    display_name = models.CharField(max_length=40)
    department = models.ForeignKey(Department, models.PROTECT, null=True, db_constraint=False, related_name="+")
    bundles = ArrayField(models.CharField(max_length=40), default=list)
    expires_at = models.DateTimeField()
    invited_by = models.ForeignKey(Member, models.PROTECT, db_constraint=False, related_name="+")
    invited_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    member = models.ForeignKey(Member, models.PROTECT, null=True, db_constraint=False, related_name="+")

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "-id"], name="permissions_invitation_list")]
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "token_hash"], name="permissions_invitation_token"),
            SameTenant(field="department", name="permissions_invitation_department_tenant"),
            SameTenant(field="invited_by", name="permissions_invitation_inviter_tenant"),
            SameTenant(field="member", name="permissions_invitation_member_tenant"),
        ]

    def __str__(self) -> str:
        return self.display_name


class Newcomer(TenantModel):
    """待开通: somebody of the company's WeCom who is no member yet, with the bundle that is proposed.

    ``settled_at``: opened, set aside, or gone from WeCom; the row stays.
    """

    wecom_userid = models.CharField(max_length=64)
    display_name = models.CharField(max_length=40)
    position = models.CharField(max_length=40, blank=True, default="")
    department = models.ForeignKey(Department, models.PROTECT, null=True, db_constraint=False, related_name="+")
    bundle = models.ForeignKey(RoleBundle, models.PROTECT, null=True, db_constraint=False, related_name="+")
    arrived_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "wecom_userid"], name="permissions_newcomer_once"),
            SameTenant(field="department", name="permissions_newcomer_department_tenant"),
            SameTenant(field="bundle", name="permissions_newcomer_bundle_tenant"),
        ]

    def __str__(self) -> str:
        return self.display_name
