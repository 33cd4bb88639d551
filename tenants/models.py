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
    # Null, not empty, while WeCom isn't connected: nulls may repeat in a unique column.
    corp_id = models.CharField(max_length=64, unique=True, null=True, default=None)  # noqa: DJ001
    brand_color = models.CharField(max_length=7, default="#1f6f63")
    tagline = models.CharField(max_length=60, blank=True, default="")
    telephone = models.CharField(max_length=30, blank=True, default="")
    entry_host = models.CharField(max_length=120, blank=True, default="")
    landing_host = models.CharField(max_length=120, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            TenantIsolation(name="tenants_tenant_isolation", column="id", ops=True),
            # A host leads to one company; that one's entry host is not another's landing host is looked at on saving.
            models.UniqueConstraint(
                fields=["entry_host"], condition=~models.Q(entry_host=""), name="tenants_tenant_entry_host"
            ),
            models.UniqueConstraint(
                fields=["landing_host"], condition=~models.Q(landing_host=""), name="tenants_tenant_landing_host"
            ),
        ]

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

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """As Django's, for a row of the current tenant alone (Django deletes by the key, past every manager)."""
        check_tenant_of(self)
        return super().delete(*args, **kwargs)


class WeComConnection(TenantModel):
    """How a company's WeCom is reached; secrets are sealed for this tenant and field (design.md §3, kernel.sealing).

    ``callback_key`` is the unguessable part of the callback URL: it names the tenant before anything is decrypted.
    """

    corp_id = models.CharField(max_length=64)
    agent_id = models.CharField(max_length=20, blank=True, default="")
    secret = models.TextField(blank=True, default="")
    callback_token = models.TextField(blank=True, default="")
    aes_key = models.TextField(blank=True, default="")
    callback_key = models.CharField(max_length=64, unique=True)
    base_url = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant"], name="tenants_wecomconnection_one"),
        ]

    def __str__(self) -> str:
        return self.corp_id
