"""Rights in plain Chinese: capabilities in groups, how far each reaches, and what a preview says of a change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from permissions.capabilities import CAPABILITIES, LABELS
from permissions.rules import ObjectScope, Rights, Scope, Tier

SCOPE_WORDS: Mapping[Scope, str] = MappingProxyType(
    {Scope.OWN: "本人", Scope.DEPARTMENT: "本部门及以下", Scope.ALL: "全部"}
)
TIER_WORDS: Mapping[Tier, str] = MappingProxyType({Tier.BASIC: "基础", Tier.STANDARD: "常规", Tier.SENSITIVE: "敏感"})
# Capabilities for which the tag tier counts (product.md §3.3); for the others it says nothing.
TIERED = frozenset({"tags.apply", "tags.manage", "analytics.tags"})
# What is the whole company's or one's own by itself: a scope would say nothing.
_WHOLE = frozenset(
    {
        "codes.organize", "routing.self", "welcome.library", "tags.manage", "alerts.system",
        "crm.view", "crm.manage", "api.tokens", "wecom.manage", "bundles.manage", "tenant.settings",
    }
)  # fmt: skip


GROUPS: Mapping[str, str] = MappingProxyType(
    {
        "codes": "活码",
        "routing": "分流与接待",
        "staff": "客服",
        "welcome": "欢迎语",
        "tags": "标签",
        "customers": "客户",
        "analytics": "数据",
        "alerts": "预警",
        "crm": "CRM 与接口",
        "api": "CRM 与接口",
        "wecom": "企业管理",
        "members": "企业管理",
        "bundles": "企业管理",
        "audit": "企业管理",
        "tenant": "企业管理",
    }
)


@dataclass(frozen=True)
class Line:
    """One capability in words; ``reach`` says how far, empty where that says nothing."""

    label: str
    reach: str = ""


def needs_department(bundles: Iterable[str]) -> str:
    """Why somebody in no department is asked for one before they get these bundles."""
    return f"「{'、'.join(bundles)}」的数据范围是本部门及以下，请选择部门"


def grouped(names: Collection[str]) -> dict[str, list[str]]:
    """The capabilities under the headings of :data:`GROUPS`, in the order of the reviewed table."""
    found: dict[str, list[str]] = {}
    for name in CAPABILITIES:
        if name in names:
            found.setdefault(GROUPS[name.partition(".")[0]], []).append(name)
    return found


def rights_lines(rights: Rights) -> dict[str, list[Line]]:
    """What rights come to, by group, each with scope and tier."""
    return lines_of(rights, {*rights.scopes, *rights.objects})


def lines_of(rights: Rights, names: Collection[str]) -> dict[str, list[Line]]:
    """Some of these rights, by group, each with scope and tier."""
    return {
        title: [Line(LABELS[name], reach_text(rights, name)) for name in found]
        for title, found in grouped(names).items()
    }


def change_lines(before: Rights, after: Rights, names: Collection[str]) -> dict[str, list[Line]]:
    """Capabilities that reach further or less far, by group, each with ``from → to``."""
    return {
        title: [Line(LABELS[name], f"{reach_text(before, name)} → {reach_text(after, name)}") for name in found]
        for title, found in grouped(names).items()
    }


def reach_text(rights: Rights, name: str) -> str:
    """How far a capability reaches: scope, tag tier where it counts, and how many folders and codes were given."""
    parts = []
    scope, tier = rights.scopes.get(name), rights.tiers.get(name)
    if scope is not None and name not in _WHOLE:
        parts.append(SCOPE_WORDS[scope])
    if tier is not None and name in TIERED:
        parts.append(f"{TIER_WORDS[tier]}标签")
    given = rights.objects.get(name, ObjectScope())
    if scope is not Scope.ALL:
        if given.folders:
            parts.append(f"{len(given.folders)} 个分类")
        if given.codes:
            parts.append(f"{len(given.codes)} 个活码")
    return "、".join(parts)
