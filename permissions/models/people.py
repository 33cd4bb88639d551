"""People who sign in, the departments of a tenant, and its members."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin, UserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models import Q

from tenants.constraints import SameTenant
from tenants.models import TenantModel


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
    """部门: one node of the company's tree; ``path`` is ``/1/4/`` of ids, so "and below" is a prefix.

    ``default_bundle``: what newcomers of the department are proposed with (product.md §5.1).
    """

    parent = models.ForeignKey("self", models.PROTECT, null=True, db_constraint=False, related_name="children")
    name = models.CharField(max_length=60)
    path = models.CharField(max_length=400, default="/")
    wecom_id = models.BigIntegerField(null=True)
    order = models.IntegerField(default=0)
    default_bundle = models.ForeignKey(
        "permissions.RoleBundle", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "parent", "name"], name="permissions_department_name", nulls_distinct=False
            ),
            models.UniqueConstraint(fields=["tenant", "wecom_id"], name="permissions_department_wecom"),
            SameTenant(field="parent", name="permissions_department_parent_tenant"),
            SameTenant(field="default_bundle", name="permissions_department_bundle_tenant"),
        ]

    def __str__(self) -> str:
        return self.name


class Member(TenantModel):
    """成员: a person's account in one tenant. ``wecom_userid``: who they are in the company's WeCom, for signing in."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    display_name = models.CharField(max_length=40)
    department = models.ForeignKey(Department, models.PROTECT, null=True, db_constraint=False, related_name="members")
    is_active = models.BooleanField(default=True)
    is_owner = models.BooleanField(default=False)
    joined_at = models.DateTimeField()
    wecom_userid = models.CharField(max_length=64, blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "user"], name="permissions_member_user"),
            models.UniqueConstraint(
                fields=["tenant", "wecom_userid"], condition=~Q(wecom_userid=""), name="permissions_member_wecom"
            ),
            SameTenant(field="department", name="permissions_member_department_tenant"),
        ]

    def __str__(self) -> str:
        return self.display_name
