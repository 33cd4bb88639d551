"""The metric groups (product.md §5.3): each is a capability of its own, and what a share opens."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

METRIC_GROUPS: Mapping[str, str] = MappingProxyType(
    {
        "analytics.traffic": "流量",
        "analytics.growth": "新增",
        "analytics.quality": "质量",
        "analytics.tags": "标签",
        "analytics.people": "个人明细",
    }
)
# The groups of which 工作台 shows figures: only these are offered for sharing, as sharing another would open nothing.
ON_DASHBOARDS = ("analytics.traffic", "analytics.growth", "analytics.quality")
