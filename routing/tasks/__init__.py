"""Tasks of routing: contact ways are made, slots given back, partitions added. Ids in, one step after the other.

Links, native codes and the other doors have modules of their own beside this one.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from celery import shared_task
from celery.schedules import crontab
from django.db import connections

from livecode_admin.kernel import clock
from people.wecom_client import client_for
from permissions.access import access_for
from routing.services.republish import (
    republish_due,
    republish_finish,
    republish_next,
    republish_refuse,
    republish_step,
)
from routing.services.slots import slots_expire, tenants_with_due_slots
from routing.services.ways import (
    WayOrder,
    tenants_short_of_ways,
    way_claim,
    way_created,
    way_failed,
    way_live,
    ways_due,
    ways_grow,
)
from routing.tasks import domains, links, native, reconcile, requests, rosters, suspects, verify
from routing.tasks.doors import DoorProblem, go_live, read_qr
from tenants.context import tenant_context
from tenants.selectors import tenant_facts, wecom_credentials
from tenants.tasks import PlatformTask, SendingTask, TenantTask, enqueue_now, enqueue_on_commit
from wecom.errors import WecomError

_log = logging.getLogger("livecode.routing")
SCHEDULE = {
    "routing.tasks.sweep_ways": 5.0,
    "routing.tasks.expire_slots": 5.0,
    "routing.tasks.sweep_republish": 60.0,
    "routing.tasks.add_partitions": crontab(hour=19, minute=5),
    **links.SCHEDULE,
    **native.SCHEDULE,
    **reconcile.SCHEDULE,
    **requests.SCHEDULE,
    **rosters.SCHEDULE,
    **suspects.SCHEDULE,
    **verify.SCHEDULE,
    **domains.SCHEDULE,
}
DAYS_BACK, DAYS_AHEAD = 35, 400


@shared_task(base=SendingTask, name="routing.tasks.provision_way", queue="wecom")
def provision_way(*, tenant_id: int, way_id: int, **_: object) -> None:
    """Make one contact way in WeCom, read its QR, draw ours, and let the code go live with it."""
    with tenant_context(tenant_id):
        order = way_claim(way_id=way_id, now=clock.now())
    if order is None:
        return
    try:
        content, png = _make(tenant_id, order)
    except WecomError as error:
        _fail(tenant_id, way_id, error.text, error.code)
    except DoorProblem as problem:
        _fail(tenant_id, way_id, str(problem), None)
    else:
        _finish(tenant_id, order, content, png)


def _make(tenant_id: int, order: WayOrder) -> tuple[str, bytes]:
    qr_url = order.qr_url
    if not order.config_id:
        with tenant_context(tenant_id):
            credentials = wecom_credentials()
        if credentials is None:
            raise DoorProblem("尚未连接企业微信")
        made = client_for(credentials).add_contact_way(
            users=[order.userid], state=order.state, remark=order.remark, skip_verify=order.skip_verify
        )
        with tenant_context(tenant_id):
            way_created(
                way_id=order.way_id, config_id=made.config_id, qr_url=made.qr_code, skip_verify=order.skip_verify
            )
        qr_url = made.qr_code
    return read_qr(qr_url)


def _fail(tenant_id: int, way_id: int, text: str, errcode: int | None) -> None:
    with tenant_context(tenant_id):
        way_failed(way_id=way_id, text=text, errcode=errcode, now=clock.now())


def _finish(tenant_id: int, order: WayOrder, content: str, png: bytes) -> None:
    now = clock.now()
    with tenant_context(tenant_id):
        code_id = way_live(way_id=order.way_id, qr_content=content, png=png, now=now)
    go_live(tenant_id, code_id, reason="首个席位二维码就绪", now=now)


@shared_task(base=PlatformTask, name="routing.tasks.sweep_ways", queue="default")
def sweep_ways(**_: object) -> None:
    """Find orders whose hint was lost or whose time to try again has come, and pools that were used up."""
    for tenant_id in tenants_short_of_ways():
        enqueue_on_commit("routing.tasks.grow_pools", tenant_id=tenant_id)
    for tenant_id, way_id in ways_due(clock.now()):
        enqueue_on_commit("routing.tasks.provision_way", tenant_id=tenant_id, way_id=way_id)


@shared_task(base=TenantTask, name="routing.tasks.grow_pools", queue="default")
def grow_pools(*, tenant_id: int, **_: object) -> None:
    """More contact ways for the seats of a tenant whose pools are nearly used up."""
    ways_grow(now=clock.now())


@shared_task(base=PlatformTask, name="routing.tasks.expire_slots", queue="default")
def expire_slots(**_: object) -> None:
    """Give back slots of every tenant that has some; a busy tenant's batches do it themselves in passing."""
    for tenant_id in tenants_with_due_slots(clock.now()):
        enqueue_on_commit("routing.tasks.expire_tenant_slots", tenant_id=tenant_id)


@shared_task(base=TenantTask, name="routing.tasks.expire_tenant_slots", queue="default")
def expire_tenant_slots(*, tenant_id: int, **_: object) -> None:
    """Give back one tenant's slots whose time has passed."""
    slots_expire(now=clock.now())


@shared_task(base=SendingTask, name="routing.tasks.republish_codes", queue="default")
def republish_codes(*, tenant_id: int, job_id: int, user_id: int, **_: object) -> None:
    """Publish all codes anew that go by the company's reception settings, in the name of whoever changed these.

    Whoever may not do that any more has nothing published: the job ends and says so.
    One transaction for each code, and on from where the job stands; a code that can't be published holds up no other.
    """
    with tenant_context(tenant_id):
        access = access_for(user_id, tenant_facts(), clock.now())
        refused = republish_refuse(access=access, job_id=job_id, now=clock.now())
    if access is None or refused:
        return
    while (code_id := _next_code(tenant_id, job_id)) is not None:
        try:
            with tenant_context(tenant_id):
                republish_step(access=access, job_id=job_id, code_id=code_id, now=clock.now())
        except Exception:
            # Whatever it is, it is this code's: the tries were counted before, and the job names it in the end.
            _log.exception("code_not_republished", extra={"code_id": code_id, "job": job_id})
    with tenant_context(tenant_id):
        republish_finish(job_id=job_id, now=clock.now())


def _next_code(tenant_id: int, job_id: int) -> int | None:
    with tenant_context(tenant_id):
        return republish_next(job_id=job_id, now=clock.now())


@shared_task(base=PlatformTask, name="routing.tasks.sweep_republish", queue="default")
def sweep_republish(**_: object) -> None:
    """Take up jobs whose hint or worker was lost, where they stand."""
    for tenant_id, job_id, user_id in republish_due(clock.now()):
        enqueue_now("routing.tasks.republish_codes", tenant_id=tenant_id, job_id=job_id, user_id=user_id)


@shared_task(base=PlatformTask, name="routing.tasks.add_partitions", queue="default")
def add_partitions(**_: object) -> None:
    """Make the scan table's partitions ahead, as the owner: the application may not create tables."""
    today = clock.now().date()
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT routing_ensure_partitions(%s, %s)",
            [today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD)],
        )
