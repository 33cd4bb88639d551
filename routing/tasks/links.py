"""Acquisition links in the background: made, looked at again, and the quota watched. No HTTP in a transaction."""

from __future__ import annotations

from celery import shared_task

from livecode_admin.kernel import clock
from people.wecom_client import client_for
from routing.services.links import (
    LinkOrder,
    balance_noted,
    link_claim,
    link_created,
    link_failed,
    link_recovered,
    links_due,
    probe_claim,
    tenants_with_links,
)
from tenants.context import tenant_context
from tenants.selectors import wecom_credentials
from tenants.tasks import PlatformTask, SendingTask, enqueue_now
from wecom.client import Client
from wecom.errors import WecomError

SCHEDULE = {"routing.tasks.links.sweep_links": 10.0, "routing.tasks.links.watch_quotas": 600.0}


@shared_task(base=SendingTask, name="routing.tasks.links.provision_link", queue="wecom")
def provision_link(*, tenant_id: int, link: int, **_: object) -> None:
    """Make one acquisition link in WeCom; a refusal is kept in words and tried again later."""
    now = clock.now()
    with tenant_context(tenant_id):
        order = link_claim(link=link, now=now)
        credentials = wecom_credentials() if order else None
    if order is None:
        return
    if credentials is None:
        with tenant_context(tenant_id):
            link_failed(link=link, text="尚未连接企业微信", errcode=None, now=now)
        return
    _make(tenant_id, order, client_for(credentials))


def _make(tenant_id: int, order: LinkOrder, client: Client) -> None:
    try:
        made = client.create_link(order.name, users=[order.userid], skip_verify=order.skip_verify)
    except WecomError as error:
        with tenant_context(tenant_id):
            link_failed(link=order.link, text=error.text, errcode=error.code, now=clock.now())
        return
    with tenant_context(tenant_id):
        link_created(
            link=order.link, link_id=made.link_id, url=made.url, skip_verify=order.skip_verify, now=clock.now()
        )


@shared_task(base=SendingTask, name="routing.tasks.links.probe_link", queue="wecom")
def probe_link(*, tenant_id: int, link: int, **_: object) -> None:
    """Look at a link that was reported unavailable: with its person and with quota it serves again."""
    with tenant_context(tenant_id):
        link_id = probe_claim(link=link, now=clock.now())
        credentials = wecom_credentials() if link_id else None
    if link_id is None or credentials is None:
        return
    try:
        client = client_for(credentials)
        usable = bool(client.get_link(link_id).users) and client.get_acquisition_quota().balance > 0
        text, code = "企业微信报告该链接暂不可用", None
    except WecomError as error:
        usable, text, code = False, error.text, error.code
    with tenant_context(tenant_id):
        if usable:
            link_recovered(link=link, now=clock.now())
        else:
            link_failed(link=link, text=text, errcode=code, now=clock.now())


@shared_task(base=SendingTask, name="routing.tasks.links.watch_quota", queue="wecom")
def watch_quota(*, tenant_id: int, **_: object) -> None:
    """Read what is left of one tenant's quota; events may be lost or come out of order, the quota itself doesn't."""
    with tenant_context(tenant_id):
        credentials = wecom_credentials()
    if credentials is None:
        return
    balance = client_for(credentials).get_acquisition_quota().balance
    with tenant_context(tenant_id):
        balance_noted(balance=balance, now=clock.now())


@shared_task(base=PlatformTask, name="routing.tasks.links.sweep_links", queue="default")
def sweep_links(**_: object) -> None:
    """Find links whose hint was lost, whose time to try again has come, or that may be usable again."""
    for tenant_id, link, probe in links_due(clock.now()):
        name = "routing.tasks.links.probe_link" if probe else "routing.tasks.links.provision_link"
        enqueue_now(name, tenant_id=tenant_id, link=link)


@shared_task(base=PlatformTask, name="routing.tasks.links.watch_quotas", queue="default")
def watch_quotas(**_: object) -> None:
    """Fan out: the quota of each tenant that uses links."""
    for tenant_id in tenants_with_links():
        enqueue_now("routing.tasks.links.watch_quota", tenant_id=tenant_id)
