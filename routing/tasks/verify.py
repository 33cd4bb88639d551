"""免验证 rewritten on ways and links, in series, after an edit and at window edges (product.md §1.10)."""

from __future__ import annotations

from celery import shared_task

from livecode_admin.kernel import clock
from people.wecom_client import client_for
from routing.services.verify import (
    Door,
    door_refused,
    door_rewritten,
    doors_claim,
    doors_release,
    tenants_with_verifying,
)
from tenants.context import tenant_context
from tenants.selectors import wecom_credentials
from tenants.tasks import PlatformTask, SendingTask, enqueue_now
from wecom.client import Client
from wecom.errors import Action, WecomError

SCHEDULE = {"routing.tasks.verify.sweep_verify": 20.0}
# Errors that the next door would meet as well: the sweeper goes on when they have passed.
_FOR_ALL = frozenset({Action.WAIT, Action.CONFIG, Action.RETRY})


@shared_task(base=SendingTask, name="routing.tasks.verify.rewrite_doors", queue="wecom")
def rewrite_doors(*, tenant_id: int, **_: object) -> None:
    """Rewrite 20 doors of one tenant; another round follows while there are more."""
    with tenant_context(tenant_id):
        credentials = wecom_credentials()
        doors = doors_claim(now=clock.now()) if credentials is not None else []
    if not doors or credentials is None:
        return
    client = client_for(credentials)
    for place, door in enumerate(doors):
        if not _rewrite(tenant_id, client, door):
            with tenant_context(tenant_id):
                doors_release(doors=doors[place + 1 :])
            return
    enqueue_now("routing.tasks.verify.rewrite_doors", tenant_id=tenant_id)


def _rewrite(tenant_id: int, client: Client, door: Door) -> bool:
    """Write one door; False when the others need not be tried now."""
    try:
        if door.is_link:
            client.update_link(door.remote, skip_verify=door.skip_verify)
        else:
            client.update_contact_way(door.remote, skip_verify=door.skip_verify)
    except WecomError as error:
        with tenant_context(tenant_id):
            door_refused(door=door, text=error.text, errcode=error.code, now=clock.now())
        return error.action not in _FOR_ALL
    with tenant_context(tenant_id):
        door_rewritten(door=door)
    return True


@shared_task(base=PlatformTask, name="routing.tasks.verify.sweep_verify", queue="default")
def sweep_verify(**_: object) -> None:
    """Fan out: window edges are felt within 20 s, and lost hints are found."""
    for tenant_id in tenants_with_verifying():
        enqueue_now("routing.tasks.verify.rewrite_doors", tenant_id=tenant_id)
