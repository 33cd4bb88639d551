"""Folders and channels: how codes are filed and where they hang."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.db import IntegrityError, transaction

from codes.models import Channel, CodeFolder
from codes.naming import abbreviation
from codes.rules import Refused
from permissions import audit
from permissions.access import Access
from tenants.tasks import enqueue_on_commit

CHANNEL_LENGTH = 30
FOLDER_LENGTH = 40
MAX_COST = Decimal("9999999999.99")


@transaction.atomic
def channel_ensure(*, access: Access, name: str, now: datetime) -> int | None:
    """The channel of that name, made when there is none; None for an empty name.

    Raises:
        Denied: it would have to be made, and ``codes.organize`` is missing.
        Refused: the name is too long.
    """
    name = name.strip()
    if not name:
        return None
    found = Channel.objects.filter(name=name).values_list("id", flat=True).first()
    return found or channel_create(access=access, name=name, cost="", now=now)


@transaction.atomic
def channel_create(*, access: Access, name: str, cost: str, now: datetime) -> int:
    """A new channel; ``cost`` is yuan a month as typed, empty when unknown. Raises Denied, Refused."""
    access.require_fields("channel", ["name"])
    name, yuan = _clean_name(name, CHANNEL_LENGTH), _clean_cost(cost)
    try:
        with transaction.atomic():
            row: Channel = Channel.objects.create(name=name, abbreviation=abbreviation(name), cost=yuan, created_at=now)
    except IntegrityError as error:
        raise Refused("已有同名渠道", field="name") from error
    _note(access, "channel.created", "channel", row.pk, name, {}, {"name": name, "cost": yuan}, now)
    # A new channel makes its tag (product.md §3.3); tagging stands above, so it is told by a hint and finds the row.
    enqueue_on_commit("tagging.tasks.tag_channels", tenant_id=access.tenant_id)
    return row.pk


@transaction.atomic
def channel_update(*, access: Access, channel_id: int, name: str, cost: str, now: datetime) -> None:
    """Rename a channel or set its cost. Raises Denied, Refused; Channel.DoesNotExist for an unknown one."""
    access.require_fields("channel", ["name"])
    row = Channel.objects.select_for_update().get(pk=channel_id)
    before = {"name": row.name, "cost": row.cost}
    row.name, row.cost = _clean_name(name, CHANNEL_LENGTH), _clean_cost(cost)
    row.abbreviation = abbreviation(row.name)
    after = {"name": row.name, "cost": row.cost}
    if after == before:
        return
    try:
        with transaction.atomic():
            row.save(update_fields=["name", "abbreviation", "cost"])
    except IntegrityError as error:
        raise Refused("已有同名渠道", field="name") from error
    _note(access, "channel.updated", "channel", row.pk, row.name, before, after, now)


@transaction.atomic
def folder_create(*, access: Access, name: str, parent_id: int | None, now: datetime) -> int:
    """A new folder, inside another one if wanted. Raises Denied, Refused."""
    access.require_fields("folder", ["name"])
    name = _clean_name(name, FOLDER_LENGTH)
    parent = CodeFolder.objects.filter(pk=parent_id).first() if parent_id is not None else None
    if parent_id is not None and parent is None:
        raise Refused("上级分类不存在", field="parent_id")
    try:
        with transaction.atomic():
            row: CodeFolder = CodeFolder.objects.create(name=name, parent_id=parent_id, created_at=now)
    except IntegrityError as error:
        raise Refused("同一级已有同名分类", field="name") from error
    told: dict[str, object] = {"name": name, "parent": parent.name if parent else None}
    _note(access, "folder.created", "folder", row.pk, name, {}, told, now)
    return row.pk


@transaction.atomic
def folder_rename(*, access: Access, folder_id: int, name: str, now: datetime) -> None:
    """Another name for a folder. Raises Denied, Refused; CodeFolder.DoesNotExist for an unknown one."""
    access.require_fields("folder", ["name"])
    row = CodeFolder.objects.select_for_update().get(pk=folder_id)
    before, row.name = row.name, _clean_name(name, FOLDER_LENGTH)
    if row.name == before:
        return
    try:
        with transaction.atomic():
            row.save(update_fields=["name"])
    except IntegrityError as error:
        raise Refused("同一级已有同名分类", field="name") from error
    _note(access, "folder.renamed", "folder", row.pk, row.name, {"name": before}, {"name": row.name}, now)


def _clean_name(name: str, length: int) -> str:
    name = " ".join(name.split())
    if not name:
        raise Refused("请填写名称", field="name")
    if len(name) > length:
        raise Refused(f"最多 {length} 个字", field="name")
    return name


def _clean_cost(cost: str) -> Decimal | None:
    if not cost.strip():
        return None
    try:
        yuan = Decimal(cost.strip().replace(",", ""))
    except InvalidOperation:
        raise Refused("请填写金额，例如 1200.50", field="cost") from None
    if not yuan.is_finite() or not 0 <= yuan <= MAX_COST:
        raise Refused("请填写不小于 0 的金额", field="cost")
    return yuan.quantize(Decimal("0.01"))


def _note(
    access: Access,
    action: str,
    object_type: str,
    object_id: int,
    label: str,
    before: dict[str, object],
    after: dict[str, object],
    now: datetime,
) -> None:
    audit.record(
        access=access,
        action=action,
        object_type=object_type,
        object_id=object_id,
        object_label=label,
        before=before,
        after=after,
        now=now,
    )
