"""Looking at each company's hosts from outside, every three minutes (product.md §1.12)."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from codes.addresses import base_on
from livecode_admin.kernel import clock, http
from permissions.access import Access
from routing.selectors.domains import hosts_of_tenant, scans_of_the_hour
from routing.services.domains import probe_record, scans_record
from tenants.context import tenant_context
from tenants.selectors import tenant_facts, tenant_ids
from tenants.tasks import PlatformTask, SendingTask, enqueue_now

SCHEDULE = {"routing.tasks.domains.probe_domains": 180.0}
DEADLINE_S = 8.0
REASON = "域名检测"


@shared_task(base=PlatformTask, name="routing.tasks.domains.probe_domains", queue="default")
def probe_domains(**_: object) -> None:
    """One task for each company, so that a host that hangs holds up nobody else's."""
    for tenant_id in tenant_ids():
        enqueue_now("routing.tasks.domains.probe_tenant", tenant_id=tenant_id)


@shared_task(base=SendingTask, name="routing.tasks.domains.probe_tenant", queue="default")
def probe_tenant(*, tenant_id: int, **_: object) -> None:
    """Ask each host whether it is ours and alive; then see whether scans arrive as usual."""
    with tenant_context(tenant_id):
        hosts = [host for _, host in hosts_of_tenant()]
        access = Access.system(tenant_id=tenant_id, tenant_slug=tenant_facts().slug, reason=REASON)
    if not hosts:
        return
    for host in hosts:
        problem = _problem(host)
        with tenant_context(tenant_id):
            probe_record(access=access, host=host, problem=problem, now=clock.now())
    now = clock.now()
    with tenant_context(tenant_id):
        last_hour, usual = scans_of_the_hour(now)
        scans_record(access=access, host=hosts[0], last_hour=last_hour, usual=usual, now=now)


def _problem(host: str) -> str:
    """Why the host does not serve our pages, in words for people; empty when it does."""
    url = f"{base_on(settings.ENTRY_URL, host)}/healthz"
    try:
        answer = http.send(http.Request("GET", url, purpose="routing.domain_probe"), deadline=DEADLINE_S, max_body=1024)
    except http.AddressRefused:
        return "域名没有解析到公网地址"
    except http.DeadlineExceeded:
        return f"{DEADLINE_S:.0f} 秒内没有响应"
    except http.BodyTooLarge:
        return "响应的不是本系统，请检查域名解析"
    except http.HttpError:
        return "无法连接，请检查域名解析与证书"
    if answer.status != 200:
        return f"返回状态 {answer.status}，请检查域名解析"
    return "" if answer.body == b"ok\n" else "响应的不是本系统，请检查域名解析"
