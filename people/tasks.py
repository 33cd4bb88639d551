"""Contact sync in the background: on demand after a click or a callback, and every night."""

from __future__ import annotations

from celery import shared_task
from celery.schedules import crontab

from livecode_admin.kernel import clock
from people.services import contacts_sync
from permissions.access import Access
from tenants.context import tenant_context
from tenants.selectors import tenant_facts, tenant_ids
from tenants.tasks import PlatformTask, SendingTask

# 18:30 UTC is 02:30 in China, where the companies are: nobody waits for WeCom then.
SCHEDULE = {"people.tasks.sync_all_contacts": crontab(hour=18, minute=30)}


@shared_task(base=SendingTask, name="people.tasks.sync_contacts", queue="wecom")
def sync_contacts(*, tenant_id: int, **_: object) -> None:
    """Sync one company's contacts; a second one at the same time does nothing."""
    with tenant_context(tenant_id):
        slug = tenant_facts().slug
    contacts_sync(access=Access.system(tenant_id=tenant_id, tenant_slug=slug, reason="通讯录同步"), now=clock.now())


@shared_task(base=PlatformTask, name="people.tasks.sync_all_contacts", queue="default")
def sync_all_contacts(**_: object) -> None:
    """Ask for the sync of every company."""
    for tenant_id in tenant_ids():
        sync_contacts.apply_async(kwargs={"tenant_id": tenant_id})
