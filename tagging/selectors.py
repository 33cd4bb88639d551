"""Reading tags: the tree, the tags of codes and customers, cut by tier wherever a person looks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from codes.selectors import code_cards
from permissions.access import Access, Tier
from permissions.tiers import tags_field
from tagging.models import CodeTag, CustomerTag, Tag
from tagging.rules import CHANNEL_ROOT, covers


@dataclass(frozen=True, slots=True)
class TagNode:
    """A tag in tree order. ``names`` from the root down; ``is_leaf``: can be put on customers."""

    id: int
    name: str
    parent_id: int | None
    depth: int
    names: tuple[str, ...]
    tier: str
    tier_label: str
    is_leaf: bool
    is_active: bool
    in_wecom: bool

    @property
    def group(self) -> str:
        """What stands before the name: 地区 of 地区 / 华东; empty for a root."""
        return " / ".join(self.names[:-1])

    @property
    def path(self) -> str:
        """地区 / 华东."""
        return " / ".join(self.names)


@dataclass(frozen=True, slots=True)
class CustomerTagRow:
    """A tag on a customer: who set it, when, by which code, and where it stands with WeCom."""

    tag: TagNode
    staff_id: int
    source: str
    source_label: str
    code_id: int | None
    set_by: str
    set_at: datetime
    state: str
    state_label: str
    error: str


def seen_tier(access: Access, *capabilities: str) -> Tier | None:
    """The highest tier among the capabilities that the member holds; None without any of them."""
    tiers = [tier for tier in map(access.tier, capabilities) if tier is not None]
    return max(tiers, key=lambda tier: tier.width, default=None)


def tags_tree(access: Access, *, capability: str = "tags.apply", with_inactive: bool = False) -> list[TagNode]:
    """The tags up to the member's tier of ``capability``, parents before children; one query.

    Nothing above the tier is in the list: hidden, not disabled (product.md §3.3).
    """
    held = access.tier(capability)
    nodes = _nodes()
    return [node for node in nodes if covers(held, node.tier) and (node.is_active or with_inactive)]


def tags_for_page(access: Access) -> list[TagNode]:
    """The tag page's tree: seen by who manages or applies tags, up to the higher of the two tiers."""
    held = seen_tier(access, "tags.manage", "tags.apply")
    return [node for node in _nodes() if covers(held, node.tier)]


def tags_of_code(code_id: int, *, access: Access | None = None) -> list[TagNode]:
    """The tags that the code's customers get, its channel's own among them; cut by tier when a member looks.

    ``access`` None is for tasks, which show nothing to anybody.
    """
    ids = set(CodeTag.objects.filter(code=code_id).values_list("tag_id", flat=True))
    card = code_cards([code_id]).get(code_id)
    if card is not None and card.channel_name:
        ids |= set(_channel_tag(card.channel_name).values_list("id", flat=True))
    if not ids:
        return []
    held = Tier.SENSITIVE if access is None else seen_tier(access, "codes.view", "tags.apply", "tags.manage")
    return [node for node in _nodes() if node.id in ids and covers(held, node.tier)]


def tag_names(ids: Iterable[int]) -> dict[int, str]:
    """``地区/华东`` by id, for messages to the CRM and for tasks; not cut by tier."""
    wanted = set(ids)
    if not wanted:
        return {}
    return {node.id: "/".join(node.names) for node in _nodes() if node.id in wanted}


def tags_by_tier(ids: Iterable[int]) -> dict[str, list[str]]:
    """The tags as the audit log keeps them: a field for each tier, so that readers below it don't get its names."""
    wanted = set(ids)
    found: dict[str, list[str]] = {tags_field(tier): [] for tier in Tier}
    for node in _nodes():
        if node.id in wanted:
            found[tags_field(Tier(node.tier))].append("/".join(node.names))
    return found


def tags_of_customer(access: Access, customer_id: int) -> list[CustomerTagRow]:
    """The standing tags of a customer up to the member's tier, newest first; the caller checked the scope."""
    held = seen_tier(access, "customers.view", "tags.apply")
    nodes = {node.id: node for node in _nodes() if covers(held, node.tier)}
    rows = CustomerTag.objects.filter(customer=customer_id, tag__in=nodes).exclude(state=CustomerTag.State.REMOVED)
    return [_customer_row(row, nodes) for row in rows.select_related("set_by").order_by("-set_at", "-id")]


def tags_of_customers(access: Access, customer_ids: Iterable[int]) -> dict[int, list[TagNode]]:
    """The standing tags of a page of customers, up to the member's tier; two queries for any number."""
    held = seen_tier(access, "customers.view", "tags.apply")
    nodes = {node.id: node for node in _nodes() if covers(held, node.tier)}
    rows = CustomerTag.objects.filter(customer__in=set(customer_ids)).exclude(state=CustomerTag.State.REMOVED)
    found: dict[int, list[TagNode]] = {}
    for customer_id, tag_id in rows.order_by("customer", "tag").values_list("customer_id", "tag_id").distinct():
        if tag_id in nodes:
            found.setdefault(customer_id, []).append(nodes[tag_id])
    return found


def names_of(ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """The names from the root to each tag, by id."""
    wanted = set(ids)
    return {node.id: node.names for node in _nodes() if node.id in wanted}


def _channel_tag(channel_name: str) -> QuerySet[Tag]:
    rows: QuerySet[Tag] = Tag.objects.filter(parent__name=CHANNEL_ROOT, parent__parent=None, is_active=True)
    return rows.filter(name=channel_name)


def _nodes() -> list[TagNode]:
    """The whole tree in order, one query; a tag with a child that is in use is no leaf."""
    children: dict[int | None, list[Tag]] = {}
    for tag in Tag.objects.order_by("position", "id"):
        children.setdefault(tag.parent_id, []).append(tag)
    nodes: list[TagNode] = []

    def walk(parent_id: int | None, above: tuple[str, ...]) -> None:
        for tag in children.get(parent_id, []):
            nodes.append(
                TagNode(
                    id=tag.pk,
                    name=tag.name,
                    parent_id=tag.parent_id,
                    depth=len(above),
                    names=(*above, tag.name),
                    tier=tag.tier,
                    tier_label=tag.get_tier_display(),
                    is_leaf=not any(child.is_active for child in children.get(tag.pk, [])),
                    is_active=tag.is_active,
                    in_wecom=bool(tag.wecom_tag_id),
                )
            )
            walk(tag.pk, (*above, tag.name))

    walk(None, ())
    return nodes


def _customer_row(row: CustomerTag, nodes: Mapping[int, TagNode]) -> CustomerTagRow:
    return CustomerTagRow(
        tag=nodes[row.tag_id],
        staff_id=row.staff_id,
        source=row.source,
        source_label=row.get_source_display(),
        code_id=row.code_id,
        set_by=row.set_by.display_name if row.set_by else "",
        set_at=row.set_at,
        state=row.state,
        state_label=row.get_state_display(),
        error=row.error,
    )
