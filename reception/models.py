"""Customers arriving: the callback inbox, contacts and their history, greetings and their ledger."""

from __future__ import annotations

from django.db import models

from reception.rules import Change, ContactState
from tenants.constraints import AppendOnly, NeverDeleted, SameTenant, TenantIsolation
from tenants.models import TenantModel


class InboxEvent(TenantModel):
    """One callback of WeCom, durable before it is answered. Its content is sealed and dropped after 30 days."""

    class State(models.TextChoices):
        NEW = "new", "待处理"
        DONE = "done", "已处理"
        FAILED = "failed", "处理失败"

    dedup = models.CharField(max_length=64)
    event = models.CharField(max_length=40)
    change_type = models.CharField(max_length=40, blank=True, default="")
    payload_sealed = models.TextField(blank=True, default="")
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.NEW)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [
            TenantModel.Meta.constraints[0],
            TenantIsolation(name="reception_inboxevent_isolation", ops=True),
            models.UniqueConstraint(fields=["tenant", "dedup"], name="reception_inbox_once"),
        ]
        indexes = [
            models.Index(fields=["tenant", "next_at"], name="reception_inbox_due", condition=models.Q(state="new"))
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.change_type}"


class Contact(TenantModel):
    """好友关系: one customer with one colleague, as it stands now; the past is in ContactEvent."""

    class Match(models.TextChoices):
        """How the add was tied to a scan (product.md §2.12); the first two are 精确."""

        EXACT = "exact", "精确"
        SOLE = "sole", "精确"
        OLDEST = "oldest", "估算"
        NONE = "none", "无扫码"

    customer = models.ForeignKey("people.Customer", models.PROTECT, db_constraint=False, related_name="+")
    staff = models.ForeignKey("people.Staff", models.PROTECT, db_constraint=False, related_name="+")
    state = models.CharField(max_length=8, choices=[(state.value, state.value) for state in ContactState])
    state_since = models.DateTimeField(null=True)
    state_rank = models.PositiveSmallIntegerField(default=0)
    code = models.ForeignKey("codes.LiveCode", models.PROTECT, null=True, db_constraint=False, related_name="+")
    seat_id = models.BigIntegerField(null=True)
    sub_channel = models.CharField(max_length=64, blank=True, default="")
    match = models.CharField(max_length=6, choices=Match.choices, default=Match.NONE)
    late = models.BooleanField(default=False)
    added_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "customer", "staff"], name="reception_contact_pair"),
            SameTenant(field="customer", name="reception_contact_customer_tenant"),
            SameTenant(field="staff", name="reception_contact_staff_tenant"),
            SameTenant(field="code", name="reception_contact_code_tenant"),
            NeverDeleted(name="reception_contact_kept"),
        ]
        indexes = [
            models.Index(fields=["tenant", "-added_at", "-id"], name="reception_contact_recent"),
            models.Index(fields=["tenant", "code", "-added_at"], name="reception_contact_of_code"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} × {self.staff_id}"


class ContactEvent(TenantModel):
    """One thing that happened between a customer and a colleague. History: it never moves to another code."""

    contact = models.ForeignKey(Contact, models.PROTECT, db_constraint=False, related_name="events")
    inbox_id = models.BigIntegerField()
    change = models.CharField(max_length=12, choices=[(change.value, change.value) for change in Change])
    customer_id = models.BigIntegerField()
    staff_id = models.BigIntegerField()
    department_id = models.BigIntegerField(null=True)
    code_id = models.BigIntegerField(null=True)
    seat_id = models.BigIntegerField(null=True)
    scan_id = models.UUIDField(null=True)
    sub_channel = models.CharField(max_length=64, blank=True, default="")
    match = models.CharField(max_length=6, choices=Contact.Match.choices, default=Contact.Match.NONE)
    late = models.BooleanField(default=False)
    first_time = models.BooleanField(default=False)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "inbox_id"], name="reception_contactevent_once"),
            SameTenant(field="contact", name="reception_contactevent_contact_tenant"),
            AppendOnly(name="reception_contactevent_history"),
        ]
        indexes = [
            models.Index(fields=["tenant", "contact", "id"], name="reception_event_of_contact"),
            models.Index(fields=["tenant", "occurred_at"], name="reception_event_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.change} {self.contact_id}"


class WelcomeTemplate(TenantModel):
    """欢迎语模板: a greeting of the library (素材库), filed by folder."""

    folder = models.CharField(max_length=40, default="通用")
    name = models.CharField(max_length=40)
    text = models.TextField()
    attachments = models.JSONField(default=list)
    updated_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "folder", "name"], name="reception_template_name"),
        ]

    def __str__(self) -> str:
        return self.name


class CodeWelcome(TenantModel):
    """Which greeting a code has: a template of the library, or a text of its own."""

    code = models.ForeignKey("codes.LiveCode", models.PROTECT, db_constraint=False, related_name="+")
    template = models.ForeignKey(WelcomeTemplate, models.PROTECT, null=True, db_constraint=False, related_name="+")
    text = models.TextField(blank=True, default="")
    updated_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "code"], name="reception_codewelcome_one"),
            SameTenant(field="code", name="reception_codewelcome_code_tenant"),
            SameTenant(field="template", name="reception_codewelcome_template_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.code_id}"


class WelcomeDelivery(TenantModel):
    """One greeting to send within WeCom's 20 s: the ledger, with the time it took and how it ended."""

    class State(models.TextChoices):
        PENDING = "pending", "待发送"
        SENT = "sent", "已发送"
        ALREADY = "already", "会话已开始或另有欢迎语"
        MISSED = "missed", "超过 20 秒未发送"
        FAILED = "failed", "发送失败"
        NONE = "none", "未设置欢迎语"

    inbox = models.ForeignKey(InboxEvent, models.PROTECT, db_constraint=False, related_name="+")
    welcome_code_sealed = models.TextField(blank=True, default="")
    way_state = models.CharField(max_length=64, blank=True, default="")
    staff_userid = models.CharField(max_length=64)
    external_sealed = models.TextField(blank=True, default="")
    code_id = models.BigIntegerField(null=True)
    received_at = models.DateTimeField()
    deadline = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    called_at = models.DateTimeField(null=True)
    took_ms = models.PositiveIntegerField(null=True)
    errcode = models.IntegerField(null=True)
    note = models.CharField(max_length=200, blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [
            TenantModel.Meta.constraints[0],
            TenantIsolation(name="reception_welcomedelivery_isolation", ops=True),
            models.UniqueConstraint(fields=["tenant", "inbox"], name="reception_welcome_once"),
            SameTenant(field="inbox", name="reception_welcome_inbox_tenant"),
            NeverDeleted(name="reception_welcomedelivery_kept"),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "deadline"], name="reception_welcome_due", condition=models.Q(state="pending")
            ),
            models.Index(fields=["tenant", "-id"], name="reception_welcome_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.inbox_id}"
