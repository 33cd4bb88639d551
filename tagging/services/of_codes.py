"""The tags that a code carries, and putting them on its customers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from codes.selectors import code_cards
from codes.services import code_note, code_to_change
from permissions.access import Access
from tagging.models import CodeTag, CustomerTag, Tag
from tagging.rules import TagRefused
from tagging.selectors import tags_by_tier, tags_tree
from tagging.services.tree import channel_tag_ensure
from tenants.context import require_tenant_id
from tenants.tasks import enqueue_on_commit


@transaction.atomic
def code_tags_set(*, access: Access, code_id: int, tag_ids: Sequence[int], now: datetime) -> None:
    """The code's customers get exactly these tags from now on; tags above the member's tier stay as they are.

    Raises:
        NotFound, Denied: the code isn't visible; or ``tags.apply`` is missing, for the code or at all.
        TagRefused: a tag is unknown, above the member's tier, switched off, or has tags below it.
    """
    access.require_fields("code", ["tags"])
    code = code_to_change(access, code_id, "tags.apply")
    seen = {node.id: node for node in tags_tree(access, with_inactive=True)}
    present = set(CodeTag.objects.filter(code=code_id).values_list("tag_id", flat=True))
    wanted = set(tag_ids)
    for tag_id in wanted - present:
        if tag_id not in seen or not seen[tag_id].is_active:
            raise TagRefused("标签不存在或已停用", field="tags")
        if not seen[tag_id].is_leaf:
            raise TagRefused(f"「{seen[tag_id].name}」下还有子标签，请选择最末一级", field="tags")
    gone = {tag_id for tag_id in present - wanted if tag_id in seen}
    new = sorted(wanted - present)
    if not gone and not new:
        return
    CodeTag.objects.filter(code=code_id, tag__in=gone).delete()
    CodeTag.objects.bulk_create(
        [CodeTag(code_id=code_id, tag_id=tag_id, set_by_id=access.member_id, set_at=now) for tag_id in new]
    )
    before, after = tags_by_tier(present), tags_by_tier((present - gone) | set(new))
    code_note(access, code, "tags_set", before=before, after=after, now=now)


@transaction.atomic
def code_tags_apply(*, code_id: int, customer_id: int, staff_id: int, now: datetime) -> list[int]:
    """Put the code's tags, and its channel's own, on a customer as this staff's contact; returns the tags' ids.

    Inside the transaction of the new friend. Safe to repeat: a standing tag isn't put twice. WeCom is told after the
    commit, by the task ``tagging.tasks.mark_customer``; the rows wait as ``pending`` until it has answered.
    """
    tag_ids = set(CodeTag.objects.filter(code=code_id).values_list("tag_id", flat=True))
    card = code_cards([code_id]).get(code_id)
    if card is not None and card.channel_name:
        tag_ids.add(channel_tag_ensure(name=card.channel_name, now=now))
    due = list(Tag.objects.filter(pk__in=tag_ids, is_active=True).order_by("id").values_list("id", flat=True))
    if not due:
        return []
    CustomerTag.objects.bulk_create(
        [
            CustomerTag(
                customer_id=customer_id,
                staff_id=staff_id,
                tag_id=tag_id,
                source=CustomerTag.Source.CODE,
                code_id=code_id,
                set_at=now,
                state=CustomerTag.State.PENDING,
                next_at=now,
            )
            for tag_id in due
        ],
        ignore_conflicts=True,
    )
    enqueue_on_commit(
        "tagging.tasks.mark_customer", tenant_id=require_tenant_id(), customer_id=customer_id, staff_id=staff_id
    )
    return due
