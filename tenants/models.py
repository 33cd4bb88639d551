"""Tenant and the base of every model that belongs to one."""

from __future__ import annotations

from typing import Any

from django.db import models

from tenants.constraints import TenantIsolation
from tenants.managers import TenantManager, check_tenant_of


class Tenant(models.Model):
    """企业: one company. Nothing of one tenant is ever visible to another (product.md, Words)."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    time_zone = models.CharField(max_length=40, default="Asia/Shanghai")
    corp_id = models.CharField(max_length=64, unique=True, null=True, default=None)
    brand_color = models.CharField(max_length=7, default="#1f6f63")
    tagline = models.CharField(max_length=60, blank=True, default="")
    telephone = models.CharField(max_length=30, blank=True, default="")
    entry_host = models.CharField(max_length=120, blank=True, default="")
    landing_host = models.CharField(max_length=120, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [TenantIsolation(name="tenants_tenant_isolation", column="id", ops=True)]

    def __str__(self) -> str:
        return self.name


class TenantModel(models.Model):
    """A row of one tenant, behind both walls (design.md §3).

    Every subclass declares ``class Meta(TenantModel.Meta)`` and, when it has constraints of its own,
    ``constraints = [*TenantModel.Meta.constraints, …]``. Foreign keys to other tenant models are
    ``ForeignKey(…, db_constraint=False)`` with a ``SameTenant`` constraint beside them.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+", editable=False)

    objects = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="%(app_label)s_%(class)s_tenant_id"),
            TenantIsolation(name="%(app_label)s_%(class)s_isolation"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As Django's, for a row of the current tenant alone; a new row gets the current tenant."""
        check_tenant_of(self)
        super().save(*args, **kwargs)
