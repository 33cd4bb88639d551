"""Native codes in the background: looked at when due, pushed in series per code, read again after each push."""

from __future__ import annotations

import logging

from celery import shared_task

from livecode_admin.kernel import clock
from people.wecom_client import client_for
from routing.services.native import (
    NativePush,
    native_claim,
    native_created,
    native_failed,
    native_live,
    native_look,
    native_pushed,
    native_touch,
    tenants_with_native_due,
)
from routing.tasks.doors import DoorProblem, go_live, read_qr
from tenants.context import tenant_context
from tenants.selectors import wecom_credentials
from tenants.tasks import PlatformTask, SendingTask, TenantTask, enqueue_now, enqueue_on_commit
from wecom.client import Client
from wecom.client.contact_ways import MULTIPLE
from wecom.errors import Action, WecomError

_log = logging.getLogger("livecode.routing")
SCHEDULE = {"routing.tasks.native.sweep_native": 5.0}


@shared_task(base=PlatformTask, name="routing.tasks.native.sweep_native", queue="default")
def sweep_native(**_: object) -> None:
    """Fan out to the tenants with a native code that is due."""
    for tenant_id in tenants_with_native_due(clock.now()):
        enqueue_now("routing.tasks.native.look_at_native", tenant_id=tenant_id)


@shared_task(base=TenantTask, name="routing.tasks.native.look_at_native", queue="default")
def look_at_native(*, tenant_id: int, **_: object) -> None:
    """Work out what WeCom should hold, and push what differs."""
    for way_id in native_look(now=clock.now()):
        enqueue_on_commit("routing.tasks.native.push_native", tenant_id=tenant_id, way_id=way_id)


@shared_task(base=TenantTask, name="routing.tasks.native.look_at_native_of", queue="default")
def look_at_native_of(*, tenant_id: int, staff_id: int, **_: object) -> None:
    """A native add was counted for this colleague: look at all native codes of theirs at once."""
    native_touch(staff_ids=[staff_id], now=clock.now())


@shared_task(base=SendingTask, name="routing.tasks.native.push_native", queue="wecom")
def push_native(*, tenant_id: int, way_id: int, **_: object) -> None:
    """Make one native code's way, or bring its roster up to date."""
    with tenant_context(tenant_id):
        push = native_claim(way_id=way_id, now=clock.now())
        credentials = wecom_credentials() if push else None
    if push is None:
        return
    try:
        if credentials is None:
            raise DoorProblem("尚未连接企业微信")
        if push.is_live:
            _update(tenant_id, client_for(credentials), push)
        else:
            _make(tenant_id, client_for(credentials), push)
    except WecomError as error:
        _fail(tenant_id, way_id, error.text, error.code)
        if error.action is Action.DROP:
            # Somebody of the roster can't receive any more: the next look goes by what WeCom says of them.
            enqueue_now("people.tasks.sync_contacts", tenant_id=tenant_id)
    except DoorProblem as problem:
        _fail(tenant_id, way_id, str(problem), None)


def _fail(tenant_id: int, way_id: int, text: str, errcode: int | None) -> None:
    with tenant_context(tenant_id):
        native_failed(way_id=way_id, text=text, errcode=errcode, now=clock.now())


def _make(tenant_id: int, client: Client, push: NativePush) -> None:
    """The way, then its picture; a worker killed in between goes on with the picture."""
    qr_url = push.qr_url
    if not push.config_id:
        made = client.add_contact_way(
            way_type=MULTIPLE,
            users=push.users,
            state=push.state,
            remark=push.remark,
            skip_verify=push.skip_verify,
        )
        with tenant_context(tenant_id):
            native_created(push=push, config_id=made.config_id, qr_url=made.qr_code)
        qr_url = made.qr_code
    content, png = read_qr(qr_url)
    now = clock.now()
    with tenant_context(tenant_id):
        code_id = native_live(way_id=push.way_id, qr_content=content, png=png, now=now)
    go_live(tenant_id, code_id, reason="原生二维码就绪", now=now)


def _update(tenant_id: int, client: Client, push: NativePush) -> None:
    """Push, and read again what WeCom has: another push may have overtaken this one."""
    client.update_contact_way(push.config_id, users=push.users, skip_verify=push.skip_verify)
    held = client.get_contact_way(push.config_id)
    if set(held.users) != set(push.users) or held.skip_verify is not push.skip_verify:
        raise DoorProblem("企业微信中的名单与推送的不一致，稍后重新推送")
    with tenant_context(tenant_id):
        native_pushed(push=push, now=clock.now())
