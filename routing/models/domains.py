"""A company's hosts: the files that prove them to WeChat and WeCom, and how they answered (product.md §1.12)."""

from __future__ import annotations

from django.db import models

from tenants.models import TenantModel


class VerificationFile(TenantModel):
    """A file that WeChat or WeCom gave out, served at the root of the company's hosts."""

    name = models.CharField(max_length=60)
    content = models.CharField(max_length=1024)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "name"], name="routing_verificationfile_name"),
        ]

    def __str__(self) -> str:
        return self.name


class DomainHealth(TenantModel):
    """How a host answered the last probes.

    ``failures``: in a row; ``alerted_at``: since when people know that it fails; ``quiet_at``: since when they know
    that no scan arrives from WeChat. Both are null while all is well.
    """

    host = models.CharField(max_length=120)
    checked_at = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)
    problem = models.CharField(max_length=120, blank=True, default="")
    alerted_at = models.DateTimeField(null=True)
    quiet_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "host"], name="routing_domainhealth_host"),
            models.CheckConstraint(condition=models.Q(failures__gte=0), name="routing_domainhealth_failures"),
        ]

    def __str__(self) -> str:
        return f"{self.host}: {self.failures}"
