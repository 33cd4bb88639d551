"""What every page needs beside its own data: background jobs with progress, and notices (the bell)."""

from __future__ import annotations

from django.db import models

from tenants.constraints import SameTenant
from tenants.models import TenantModel


class Job(TenantModel):
    """A long piece of work of one member. How far it is stands in Redis while it runs; the row holds how it ended.

    ``task``: the task that does it, called with the ids of tenant, job and user; it is sent again when its hint was
    lost. Empty for work that is found again by other means.
    """

    class State(models.TextChoices):
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"

    member = models.ForeignKey("permissions.Member", models.PROTECT, db_constraint=False, related_name="+")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=80)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    error = models.CharField(max_length=300, blank=True, default="")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    task = models.CharField(max_length=80, blank=True, default="")
    user_id = models.BigIntegerField(null=True)
    begun_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            SameTenant(field="member", name="workspace_job_member_tenant"),
        ]
        indexes = [
            models.Index(fields=["tenant", "member", "-id"], name="workspace_job_of_member"),
            models.Index(fields=["tenant", "id"], name="workspace_job_running", condition=models.Q(state="running")),
        ]

    def __str__(self) -> str:
        return self.title


class Notice(TenantModel):
    """One line in a member's bell menu."""

    member = models.ForeignKey("permissions.Member", models.PROTECT, db_constraint=False, related_name="+")
    kind = models.CharField(max_length=40)
    text = models.CharField(max_length=200)
    url = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            SameTenant(field="member", name="workspace_notice_member_tenant"),
        ]
        indexes = [models.Index(fields=["tenant", "member", "-id"], name="workspace_notice_of_member")]

    def __str__(self) -> str:
        return self.text
