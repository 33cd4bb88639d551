"""What holds for all codes of a company: its reception settings, and the days unlike their weekdays."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from routing.models.rosters import RoutingRule
from tenants.constraints import SameTenant
from tenants.models import TenantModel


class ReceptionDefault(TenantModel):
    """What holds for all codes of a company: the duty person and the fallback (a code may name others), 换一位.

    ``outside_count``: friends from outside our codes (名片, 搜索) count to the daily caps too (product.md §2.2).
    ``links_exhausted_at``: since when WeCom takes no more adds through acquisition links; null while it does.

    ``republish_job``: the background job that publishes codes anew for a change of this row (null: none is due), in
    the name of ``republish_user``, for what ``republish_what`` says (duty, fallback or both); a sweeper takes it up at
    ``republish_at`` when its hint or its worker was lost. Codes up to ``republish_after`` are done, the next one was
    tried ``republish_tries`` times, and those in ``republish_failed`` were given up.
    """

    duty_staff = models.ForeignKey("people.Staff", models.PROTECT, null=True, db_constraint=False, related_name="+")
    fallback = models.CharField(max_length=4, choices=RoutingRule.Fallback, default=RoutingRule.Fallback.PAGE)
    fallback_code = models.ForeignKey(
        "codes.LiveCode", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    swap_allowed = models.BooleanField(default=False)
    outside_count = models.BooleanField(default=False)
    links_exhausted_at = models.DateTimeField(null=True)
    republish_job = models.BigIntegerField(null=True)
    republish_user = models.BigIntegerField(null=True)
    republish_what = models.CharField(max_length=8, blank=True, default="")
    republish_at = models.DateTimeField(null=True)
    republish_after = models.BigIntegerField(default=0)
    republish_tries = models.SmallIntegerField(default=0)
    republish_failed = models.JSONField(default=list)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant"], name="routing_receptiondefault_one"),
            SameTenant(field="duty_staff", name="routing_receptiondefault_duty_tenant"),
            SameTenant(field="fallback_code", name="routing_receptiondefault_fallback_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.tenant_id}: {self.duty_staff_id}"


class CalendarDay(TenantModel):
    """A day that is not like its weekday: a holiday, or a make-up workday (调休上班, product.md §2.5)."""

    day = models.DateField()
    name = models.CharField(max_length=20, blank=True, default="")
    works_as = models.SmallIntegerField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "day"], name="routing_calendarday_once"),
            models.CheckConstraint(
                condition=Q(works_as=None) | Q(works_as__gte=0, works_as__lte=6), name="routing_calendarday_weekday"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {'holiday' if self.works_as is None else self.works_as}"
