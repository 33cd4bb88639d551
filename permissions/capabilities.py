"""The names of all powers, the built-in role bundles and the field table, read from the two reviewed csv files.

A capability is ``area.verb`` (``codes.edit``); guardian knows it as ``area_verb``. A name that is not in the table
is a mistake of ours and raises everywhere, so that a misspelling never opens or hides anything silently.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from permissions.rules import Scope, Tier

DATA = Path(__file__).parent / "data"
SCOPE_ROW = "data scope"
TIER_ROW = "tag tier"


class UnknownCapability(LookupError):
    """A capability was named that role_bundles.csv does not have."""


@dataclass(frozen=True)
class BundleSpec:
    """One built-in role bundle (角色权限包): a column of role_bundles.csv."""

    key: str
    name: str
    capabilities: frozenset[str]
    scope: Scope
    tier: Tier


def read_bundles(path: Path) -> tuple[tuple[str, ...], dict[str, BundleSpec]]:
    """The capabilities in the table's order, and the bundles by key. Raises ValueError for a malformed table."""
    with path.open(encoding="utf-8", newline="") as file:
        head, *rows = [row for row in csv.reader(file) if row]
    cells = {row[0]: row[1:] for row in rows}
    if len(cells) != len(rows) or any(len(row) != len(head) for row in rows):
        raise ValueError(f"{path.name}: a row is doubled or of another length than the head")
    capabilities = tuple(name for name in cells if name not in (SCOPE_ROW, TIER_ROW))
    if bad := [name for name in capabilities if not set(cells[name]) <= {"0", "1"}]:
        raise ValueError(f"{path.name}: neither 0 nor 1 in {bad}")
    bundles = {}
    for column, title in enumerate(head[1:]):
        name, _, key = title.rpartition(" ")
        bundles[key] = BundleSpec(
            key=key,
            name=name,
            capabilities=frozenset(c for c in capabilities if cells[c][column] == "1"),
            scope=Scope(cells[SCOPE_ROW][column]),
            tier=Tier(cells[TIER_ROW][column]),
        )
    return capabilities, bundles


def read_fields(path: Path) -> dict[tuple[str, str], str]:
    """``(object, field) → capability``; the field ``any`` stands for every field of its object."""
    with path.open(encoding="utf-8", newline="") as file:
        return {(row["object"], row["field"]): row["capability"] for row in csv.DictReader(file)}


_capabilities, _bundles = read_bundles(DATA / "role_bundles.csv")
CAPABILITIES: tuple[str, ...] = _capabilities
BUNDLES: Mapping[str, BundleSpec] = MappingProxyType(_bundles)
FIELD_CAPABILITY: Mapping[tuple[str, str], str] = MappingProxyType(read_fields(DATA / "field_capabilities.csv"))
CODENAME: Mapping[str, str] = MappingProxyType({name: name.replace(".", "_") for name in CAPABILITIES})
CAPABILITY_OF: Mapping[str, str] = MappingProxyType({codename: name for name, codename in CODENAME.items()})

OWNER_BUNDLE = "owner"
# Whoever hands out a bundle with one of these must hold it (product.md §5.6).
GUARDED = frozenset({"wecom.manage", "crm.manage", "members.manage", "bundles.manage", "customers.export"})
# What a bundle that was given for one folder or one code opens there (product.md §5.3): all that is done to a code.
ON_CODES = frozenset(
    {
        "codes.view", "codes.edit", "codes.renew", "codes.pause", "codes.retire", "codes.download",
        "routing.roster", "routing.caps", "routing.rules", "routing.plan", "routing.live",
        "welcome.choose", "welcome.write",
        "analytics.view", "analytics.traffic", "analytics.growth", "analytics.quality", "analytics.tags",
    }
)  # fmt: skip

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "codes.view": "查看活码",
        "codes.create": "创建活码",
        "codes.edit": "编辑活码",
        "codes.organize": "管理分类与渠道",
        "codes.renew": "延长活码期限",
        "codes.pause": "暂停与恢复活码",
        "codes.retire": "归档活码",
        "codes.download": "下载活码",
        "routing.roster": "调整接待名单",
        "routing.caps": "调整接待上限",
        "routing.rules": "修改分流规则",
        "routing.plan": "分流试算",
        "routing.live": "查看实时接待",
        "routing.self": "切换本人上线与下线",
        "staff.manage": "管理客服与分组",
        "welcome.choose": "使用预设话术",
        "welcome.write": "自由编辑话术",
        "welcome.library": "管理欢迎语素材库",
        "tags.apply": "给客户贴标签",
        "tags.manage": "管理标签",
        "customers.view": "查看客户",
        "customers.reassign": "转移客户",
        "customers.export": "导出客户",
        "customers.erase": "注销客户",
        "analytics.view": "查看数据看板",
        "analytics.traffic": "查看流量指标",
        "analytics.growth": "查看新增指标",
        "analytics.quality": "查看质量指标",
        "analytics.tags": "查看标签指标",
        "analytics.people": "查看个人明细",
        "analytics.export": "导出数据",
        "analytics.share": "跨部门数据共享",
        "alerts.expiry": "处理过期预警",
        "alerts.reception": "处理接待预警",
        "alerts.system": "处理系统预警",
        "crm.view": "查看 CRM 对接",
        "crm.manage": "配置 CRM 对接",
        "api.tokens": "管理 API 密钥",
        "wecom.manage": "配置企业微信",
        "members.manage": "管理成员与权限",
        "bundles.manage": "管理自定义角色权限包",
        "audit.view": "查看审计日志",
        "tenant.settings": "修改企业设置",
    }
)


def check(capability: str) -> str:
    """The name as it is. Raises UnknownCapability when the table does not have it."""
    if capability not in CODENAME:
        raise UnknownCapability(capability)
    return capability


def capability_for(obj: str, field: str) -> str | None:
    """The capability that changing ``field`` of ``obj`` needs; None: not in the table, nobody may change it."""
    return FIELD_CAPABILITY.get((obj, field)) or FIELD_CAPABILITY.get((obj, "any"))
