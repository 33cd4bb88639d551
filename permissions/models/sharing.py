"""跨部门数据共享 (product.md §5.3): a department's metric groups opened to others, on dashboards and nowhere else."""

from __future__ import annotations

from django.db import models

from permissions.models.people import Department, Member
from tenants.constraints import SameTenant
from tenants.models import TenantModel


class DepartmentShare(TenantModel):
    """One metric group (``analytics.traffic`` …) of a department and those below, open to another one.

    ``with_department`` None: to the whole company. ``until`` is exclusive; None: for good.
    """

    department = models.ForeignKey(Department, models.PROTECT, db_constraint=False, related_name="shares")
    group = models.CharField(max_length=40)
    with_department = models.ForeignKey(Department, models.PROTECT, null=True, db_constraint=False, related_name="+")
    until = models.DateTimeField(null=True)
    given_by = models.ForeignKey(Member, models.PROTECT, null=True, db_constraint=False, related_name="+")
    given_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "department", "group", "with_department"],
                name="permissions_departmentshare_once",
                nulls_distinct=False,
            ),
            SameTenant(field="department", name="permissions_departmentshare_department_tenant"),
            SameTenant(field="with_department", name="permissions_departmentshare_with_tenant"),
            SameTenant(field="given_by", name="permissions_departmentshare_giver_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.department_id}: {self.group}"
