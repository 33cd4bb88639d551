"""The tag tree: starter tags, new tags, switching tags off. Nothing is deleted: customers carry the rows."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from codes.selectors import channel_names
from permissions import audit
from permissions.access import Access, Tier
from permissions.tiers import TIER_FIELD
from tagging.models import Tag
from tagging.rules import CHANNEL_ROOT, LEVELS, NAME_LENGTH, STARTER_TREE, TagRefused, child_tier, covers
from tagging.selectors import seen_tier


@transaction.atomic
def tags_install(now: datetime) -> None:
    """The starter tags of a new company (product.md §3.3); safe to run again, adds only what is missing."""
    for position, (name, tier, children) in enumerate(STARTER_TREE):
        root, _ = Tag.objects.get_or_create(
            parent=None, name=name, defaults={"tier": tier, "position": position, "created_at": now}
        )
        for place, child in enumerate(children):
            Tag.objects.get_or_create(
                parent=root,
                name=child,
                defaults={"level": 2, "tier": root.tier, "position": place, "created_at": now},
            )


@transaction.atomic
def channel_tag_ensure(*, name: str, now: datetime) -> int:
    """The tag 渠道来源/``name``, made when there is none: a new channel makes its tag (product.md §3.3).

    A tag of that name that somebody switched off stays off; its id is returned all the same.
    """
    root, _ = Tag.objects.get_or_create(
        parent=None, name=CHANNEL_ROOT, defaults={"tier": Tier.STANDARD, "position": 2, "created_at": now}
    )
    tag, _ = Tag.objects.get_or_create(
        parent=root,
        name=name[:NAME_LENGTH],
        defaults={"level": 2, "tier": root.tier, "position": 100, "created_at": now},
    )
    tag_id: int = tag.pk
    return tag_id


@transaction.atomic
def channels_tag(*, now: datetime) -> int:
    """A tag for every channel that has none; returns how many were made."""
    names = {name[:NAME_LENGTH] for name in channel_names()}
    present = Tag.objects.filter(parent__name=CHANNEL_ROOT, parent__parent=None).values_list("name", flat=True)
    missing = names - set(present)
    for name in sorted(missing):
        channel_tag_ensure(name=name, now=now)
    return len(missing)


@transaction.atomic
def tag_create(*, access: Access, name: str, parent_id: int | None, tier: str, now: datetime) -> int:
    """A new tag, below ``parent_id`` or as a root; its tier is never under its parent's.

    Raises:
        Denied: without ``tags.manage``.
        TagRefused: the name is empty, too long or taken; the parent is unknown, too deep or above the member's tier.
    """
    access.require_fields("tag", ["name"])
    name = " ".join(name.split())
    if not name or len(name) > NAME_LENGTH:
        raise TagRefused(f"请填写标签名称，最多 {NAME_LENGTH} 个字", field="name")
    if tier not in Tag.Tier.values:
        raise TagRefused("请选择级别", field="tier")
    parent = _parent(access, parent_id)
    kept = child_tier(Tier(tier), Tier(parent.tier)) if parent else Tier(tier)
    if not covers(access.tier("tags.manage"), kept):
        raise TagRefused("您没有该级别标签的权限", field="tier")
    siblings = Tag.objects.filter(parent=parent)
    try:
        with transaction.atomic():
            row: Tag = Tag.objects.create(
                parent=parent,
                level=parent.level + 1 if parent else 1,
                name=name,
                tier=kept,
                position=siblings.count(),
                created_at=now,
            )
    except IntegrityError as error:
        raise TagRefused("同一级已有同名标签", field="name") from error
    _note(access, row, "created", {}, {"name": name, "parent": parent.name if parent else None}, now)
    return row.pk


@transaction.atomic
def tag_switch(*, access: Access, tag_id: int, active: bool, now: datetime) -> None:
    """停用 or 启用: a tag that is off is offered nowhere and put on nobody; customers keep it.

    Raises Denied without ``tags.manage``; Tag.DoesNotExist for an unknown tag or one above the member's tier.
    """
    access.require_fields("tag", ["is_active"])
    row = Tag.objects.select_for_update().get(pk=tag_id)
    if not covers(seen_tier(access, "tags.manage"), row.tier):
        raise Tag.DoesNotExist
    if row.is_active == active:
        return
    row.is_active = active
    row.save(update_fields=["is_active"])
    _note(access, row, "enabled" if active else "disabled", {"is_active": not active}, {"is_active": active}, now)


def _parent(access: Access, parent_id: int | None) -> Tag | None:
    if parent_id is None:
        return None
    parent: Tag | None = Tag.objects.select_for_update().filter(pk=parent_id).first()
    if parent is None or not covers(access.tier("tags.manage"), parent.tier):
        raise TagRefused("上级标签不存在", field="parent_id")
    if parent.level >= LEVELS:
        raise TagRefused(f"标签最多 {LEVELS} 级", field="parent_id")
    return parent


def _note(
    access: Access, row: Tag, verb: str, before: dict[str, object], after: dict[str, object], now: datetime
) -> None:
    audit.record(
        access=access,
        action=f"tag.{verb}",
        object_type="tag",
        object_id=row.pk,
        object_label=row.name,
        before=before | {TIER_FIELD: row.tier},
        after=after | {TIER_FIELD: row.tier},
        now=now,
    )
