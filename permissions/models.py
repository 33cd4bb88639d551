"""Who may do what: users, members, departments, role bundles, their assignments, and the audit log."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin, UserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models

from tenants.constraints import SameTenant
from tenants.models import TenantModel


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in; credentials belong to the person, who may be a member of several tenants."""

    username = models.CharField(max_length=60, unique=True, validators=[UnicodeUsernameValidator()])
    email = models.EmailField(blank=True, default="")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField()

    objects: ClassVar[UserManager[User]] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

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
            models.UniqueConstraint(fields=["tenant", "parent", "name"], name="permissions_department_name"),
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
