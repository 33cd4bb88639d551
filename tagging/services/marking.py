"""Telling WeCom: claim → commit → call → record. Rows are the truth, messages are hints (design.md §6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from codes.selectors import code_cards
from crm.services.outbox import event_emit
from people.selectors import customer_external_id, customer_name, staff_cards
from people.wecom_client import client_for
from tagging.models import CustomerTag, Tag
from tagging.rules import wait_after, wecom_place
from tagging.selectors import names_of, tag_names
from tenants.context import tenant_context
from tenants.selectors import WeComCredentials, wecom_credentials
from wecom.client import Client
from wecom.client.tags import NewTag
from wecom.errors import Action, WecomError

CLAIM = timedelta(minutes=2)
OPEN = (CustomerTag.State.PENDING, CustomerTag.State.FAILED)
UNKNOWN_TAG = 40068
DUPLICATE_NAME = 40071
NOT_CONNECTED = "尚未连接企业微信"


@dataclass(frozen=True, slots=True)
class Claim:
    """What one call needs, read under the claim. ``places``: tag id → names from the root; ``known``: → WeCom's id."""

    row_ids: list[int]
    attempts: int
    userid: str
    external_userid: str
    places: Mapping[int, tuple[str, ...]]
    known: Mapping[int, str]
    credentials: WeComCredentials | None


@dataclass(frozen=True, slots=True)
class MarkResult:
    """How many tags were set, or the errcode that WeCom answered."""

    marked: int = 0
    errcode: int | None = None


def customer_mark(*, tenant_id: int, customer_id: int, staff_id: int, now: datetime) -> MarkResult:
    """Put all tags that are due on this customer of this staff in WeCom, in one ``mark_tag``.

    Called outside of any tenant context. Doing it twice does nothing: the claim finds no row. ``mark_tag`` itself is
    idempotent, so a worker that died between the call and the record repeats it without harm.
    """
    with tenant_context(tenant_id):
        claim = _claim(customer_id, staff_id, now)
    if claim is None:
        return MarkResult()
    if claim.credentials is None:
        return _failed(tenant_id, claim, None, NOT_CONNECTED, Action.CONFIG, now)
    client = client_for(claim.credentials)
    try:
        ids = _wecom_ids(client, tenant_id, claim)
        client.mark_tag(userid=claim.userid, external_userid=claim.external_userid, add=sorted(ids.values()))
    except WecomError as error:
        if error.code == UNKNOWN_TAG:
            _forget(tenant_id, list(claim.known))
        return _failed(tenant_id, claim, error.code, error.text, error.action, now)
    with tenant_context(tenant_id):
        return _confirmed(claim, customer_id, staff_id, now)


def marks_due(*, now: datetime, limit: int = 200) -> list[tuple[int, int]]:
    """``(customer, staff)`` with tags that are due: the hint was lost, or the wait is over. In the tenant's context."""
    rows = CustomerTag.objects.filter(state__in=OPEN, next_at__lte=now)
    pairs = rows.order_by("customer", "staff").values_list("customer_id", "staff_id").distinct()
    return list(pairs[:limit])


def _claim(customer_id: int, staff_id: int, now: datetime) -> Claim | None:
    """Take the due rows for two minutes; None when there are none, or another worker has them."""
    due = CustomerTag.objects.filter(customer=customer_id, staff=staff_id, state__in=OPEN, next_at__lte=now)
    rows: list[CustomerTag] = list(due.select_for_update(skip_locked=True).order_by("id"))
    if not rows:
        return None
    ids = [row.pk for row in rows]
    attempts = max(row.attempts for row in rows) + 1
    CustomerTag.objects.filter(pk__in=ids).update(next_at=now + CLAIM, attempts=attempts)
    tag_ids = [row.tag_id for row in rows]
    known = dict(Tag.objects.filter(pk__in=tag_ids).exclude(wecom_tag_id="").values_list("id", "wecom_tag_id"))
    staff = staff_cards([staff_id])[staff_id]
    return Claim(
        row_ids=ids,
        attempts=attempts,
        userid=staff.wecom_userid,
        external_userid=customer_external_id(customer_id) or "",
        places=names_of(tag_ids),
        known=known,
        credentials=wecom_credentials(),
    )


def _wecom_ids(client: Client, tenant_id: int, claim: Claim) -> dict[int, str]:
    """WeCom's id of each tag; those that WeCom doesn't have are made there first and remembered. Raises WecomError."""
    ids = dict(claim.known)
    groups: dict[str, list[tuple[int, str]]] = {}
    for tag_id in claim.places.keys() - ids.keys():
        group, name = wecom_place(claim.places[tag_id])
        groups.setdefault(group, []).append((tag_id, name))
    for group, missing in groups.items():
        group_id, by_name = _ensure(client, group, [name for _, name in missing])
        found = {tag_id: by_name[name] for tag_id, name in missing if name in by_name}
        with tenant_context(tenant_id):
            for tag_id, wecom_id in found.items():
                Tag.objects.filter(pk=tag_id).update(wecom_tag_id=wecom_id, wecom_group_id=group_id)
        ids |= found
    return ids


def _ensure(client: Client, group: str, names: Sequence[str]) -> tuple[str, dict[str, str]]:
    """The group's id and its tags by name, those in ``names`` made if they are missing."""
    standing = next((one for one in client.list_corp_tags() if one.group_name == group), None)
    by_name = {tag.name: tag.id for tag in standing.tags} if standing else {}
    missing = [NewTag(name) for name in names if name not in by_name]
    if not missing:
        return (standing.group_id if standing else ""), by_name
    try:
        made = client.add_corp_tag(missing, group_name=group)
    except WecomError as error:
        if error.code != DUPLICATE_NAME:
            raise
        # Another worker made them in this moment.
        made = next(one for one in client.list_corp_tags() if one.group_name == group)
    return made.group_id, by_name | {tag.name: tag.id for tag in made.tags}


def _confirmed(claim: Claim, customer_id: int, staff_id: int, now: datetime) -> MarkResult:
    """WeCom has set them: the rows say so, and the CRM is told in the same transaction (product.md §7.1)."""
    rows = CustomerTag.objects.filter(pk__in=claim.row_ids, state__in=OPEN)
    code_ids = set(rows.exclude(code=None).values_list("code_id", flat=True))
    marked = rows.update(state=CustomerTag.State.SET, confirmed_at=now, next_at=None, errcode=None, error="")
    if not marked:
        return MarkResult()
    staff = staff_cards([staff_id])[staff_id]
    card = code_cards(code_ids)[code_ids.pop()] if len(code_ids) == 1 else None
    event_emit(
        event_type="customer.tagged",
        customer_id=customer_id,
        body={
            "customer": {"id": customer_id, "name": customer_name(customer_id)},
            "staff": {"userid": staff.wecom_userid, "name": staff.name},
            "code": {"id": card.id, "name": card.name, "slug": card.slug} if card else None,
            "channel": card.channel_name if card else None,
            "tags": sorted(tag_names(claim.places).values()),
        },
        occurred_at=now,
        now=now,
    )
    return MarkResult(marked=marked)


def _failed(tenant_id: int, claim: Claim, errcode: int | None, text: str, action: Action, now: datetime) -> MarkResult:
    """WeCom refused or wasn't reached: kept with the reason, and with the next attempt if one can help."""
    wait = wait_after(claim.attempts, action)
    with tenant_context(tenant_id):
        CustomerTag.objects.filter(pk__in=claim.row_ids, state__in=OPEN).update(
            state=CustomerTag.State.FAILED,
            errcode=errcode,
            error=text[:200],
            next_at=None if wait is None else now + wait,
        )
    return MarkResult(errcode=errcode)


def _forget(tenant_id: int, tag_ids: Sequence[int]) -> None:
    """Somebody deleted the tag over there: the next attempt makes it again."""
    with tenant_context(tenant_id):
        Tag.objects.filter(pk__in=tag_ids).update(wecom_tag_id="", wecom_group_id="")
