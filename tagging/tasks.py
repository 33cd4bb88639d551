"""Tags on their way to WeCom: one task per customer and colleague, and a sweeper for lost hints and waits."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task

from livecode_admin.kernel import clock
from tagging.services import channels_tag, customer_mark, marks_due
from tenants.context import tenant_context
from tenants.selectors import tenant_ids
from tenants.tasks import PlatformTask, SendingTask, TenantTask

# A hint that was just sent is on its way: no second one.
GRACE = timedelta(seconds=10)
SCHEDULE = {"tagging.tasks.sweep_marks": 20.0}


@shared_task(base=SendingTask, name="tagging.tasks.mark_customer", queue="wecom")
def mark_customer(*, tenant_id: int, customer_id: int, staff_id: int, **_: object) -> None:
    """Put the tags that are due on a customer of a colleague in WeCom."""
    customer_mark(tenant_id=tenant_id, customer_id=customer_id, staff_id=staff_id, now=clock.now())


@shared_task(base=TenantTask, name="tagging.tasks.tag_channels", queue="default")
def tag_channels(*, tenant_id: int, **_: object) -> None:
    """Make the tags of new channels. A lost hint costs nothing: a channel's first customer makes its tag too."""
    channels_tag(now=clock.now())


@shared_task(base=PlatformTask, name="tagging.tasks.sweep_marks", queue="default")
def sweep_marks(**_: object) -> None:
    """Hint again at everything that is due in any company; a claimed row isn't due."""
    for tenant_id in tenant_ids():
        with tenant_context(tenant_id):
            pairs = marks_due(now=clock.now() - GRACE)
        for customer_id, staff_id in pairs:
            mark_customer.apply_async(kwargs={"tenant_id": tenant_id, "customer_id": customer_id, "staff_id": staff_id})
