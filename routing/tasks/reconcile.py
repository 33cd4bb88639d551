"""The nightly comparison of ways and links with WeCom, tenant by tenant. No HTTP in a transaction."""

from __future__ import annotations

import logging
from datetime import datetime

from celery import shared_task
from celery.schedules import crontab

from livecode_admin.kernel import clock
from people.wecom_client import client_for
from routing.services.reconcile import (
    links_compare,
    links_working,
    native_compared,
    native_ways_live,
    tenants_with_doors,
    unknown_reported,
    way_deleted,
    way_vanished,
    ways_compare,
    ways_retire,
    ways_since,
)
from tenants.context import tenant_context
from tenants.selectors import wecom_credentials
from tenants.tasks import PlatformTask, SendingTask, enqueue_now
from wecom.client import Client
from wecom.errors import Action, WecomError

_log = logging.getLogger("livecode.routing")
# 02:40 in Beijing.
SCHEDULE = {"routing.tasks.reconcile.reconcile_all": crontab(hour=18, minute=40)}
PAGE = 1000


@shared_task(base=PlatformTask, name="routing.tasks.reconcile.reconcile_all", queue="default")
def reconcile_all(**_: object) -> None:
    """Fan out: every tenant with ways or links."""
    for tenant_id in tenants_with_doors():
        enqueue_now("routing.tasks.reconcile.reconcile_doors", tenant_id=tenant_id)


@shared_task(base=SendingTask, name="routing.tasks.reconcile.reconcile_doors", queue="wecom")
def reconcile_doors(*, tenant_id: int, **_: object) -> None:
    """Compare one tenant's ways, native rosters and links with WeCom, and give up what nobody uses."""
    began_at = clock.now()
    with tenant_context(tenant_id):
        credentials, since, linked = wecom_credentials(), ways_since(), links_working()
    if credentials is None:
        return
    client = client_for(credentials)
    try:
        if since is not None:
            _ways(tenant_id, client, since, began_at)
            _native(tenant_id, client)
            _retire(tenant_id, client)
        if linked:
            _links(tenant_id, client, began_at)
    except WecomError as error:
        # The next night compares again; what was found so far is done.
        _log.warning("reconcile_stopped", extra={"api": error.api, "errcode": error.code})


def _ways(tenant_id: int, client: Client, since: datetime, began_at: datetime) -> None:
    listed: set[str] = set()
    cursor: str | None = None
    while True:
        page = client.list_contact_ways(
            start_time=int(since.timestamp()) - 86_400, end_time=int(clock.now().timestamp()), cursor=cursor, limit=PAGE
        )
        listed.update(page.ids)
        cursor = page.next_cursor
        if not cursor:
            break
    with tenant_context(tenant_id):
        found = ways_compare(listed=listed, began_at=began_at)
        unknown_reported(unknown=found.unknown, now=clock.now())
    if found.unknown:
        _log.info("ways_unknown", extra={"count": found.unknown})
    for config_id in found.missing:
        if _is_gone(client, config_id):
            with tenant_context(tenant_id):
                way_vanished(config_id=config_id, now=clock.now())


def _is_gone(client: Client, config_id: str) -> bool:
    """Ask for the way itself: a list may lag behind."""
    try:
        client.get_contact_way(config_id)
    except WecomError as error:
        return error.action is Action.FIX
    return False


def _native(tenant_id: int, client: Client) -> None:
    with tenant_context(tenant_id):
        rows = native_ways_live()
    for way_id, config_id in rows:
        try:
            held = client.get_contact_way(config_id)
        except WecomError as error:
            if error.action is not Action.FIX:
                raise
            with tenant_context(tenant_id):
                way_vanished(config_id=config_id, now=clock.now())
            continue
        with tenant_context(tenant_id):
            native_compared(
                way_id=way_id, users=held.users, skip_verify=held.skip_verify, state=held.state, now=clock.now()
            )


def _retire(tenant_id: int, client: Client) -> None:
    with tenant_context(tenant_id):
        given_up = ways_retire(now=clock.now())
    for way_id, config_id in given_up:
        try:
            client.del_contact_way(config_id)
        except WecomError as error:
            if error.action is not Action.FIX:
                raise
        with tenant_context(tenant_id):
            way_deleted(way_id=way_id)


def _links(tenant_id: int, client: Client, began_at: datetime) -> None:
    listed: set[str] = set()
    cursor: str | None = None
    while True:
        page = client.list_links(cursor=cursor)
        listed.update(page.ids)
        cursor = page.next_cursor
        if not cursor:
            break
    with tenant_context(tenant_id):
        links_compare(listed=listed, began_at=began_at, now=clock.now())
