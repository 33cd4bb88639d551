"""Rules of a staged code: set, refused and read back; and what the rule editor sends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from livecode_admin.kernel import clock
from permissions.access import Access
from routing.rules.ruleset import Rules
from routing.selectors.compiled import rules_of
from routing.services.rules import RuleRefused, rule_set
from tenants.context import tenant_context
from tests.routing.stage import StageCode

EVENING = {"0": [[1080, 1320]]}
GRID = {f"{name}_{row}": "" for name in ("hours", "verify_hours") for row in range(8)}


def address(code: StageCode, tail: str = "rules/") -> str:
    """The address of a page of the code."""
    return f"/t/{code.tenant.slug}/codes/{code.code_id}/{tail}"


def form_of(html: str, **changes: Any) -> dict[str, Any]:
    """What the editor sends when nothing but ``changes`` was touched."""
    stamp = re.search(r'name="stamp" value="(\w+)"', html)
    assert stamp is not None
    sent: dict[str, Any] = {
        "stamp": stamp[1],
        "strategy": "in_turn",
        "turns_count": "assignments",
        "overflow": "on",
        "peak_window": "5",
        "pending": "30",
        "sticky": "24",
        "hours": "always",
        "verify_hours": "always",
        "verify": "skip",
        "duty": "",
        "fallback": "",
        "conditions": "1",
        "act": "publish",
        **GRID,
    }
    sent |= changes
    return {name: value for name, value in sent.items() if value is not None}


def over(html: str) -> dict[str, str]:
    """The choice to save over what somebody else saved meanwhile, as the page offers it."""
    box = re.search(r'name="over" value="(\w+)"', html)
    assert box is not None
    return {"over": box[1]}


def changed(code: StageCode, **changes: Any) -> list[str]:
    """Set rules as the owner."""
    with tenant_context(code.tenant.id):
        return rule_set(access=code.access, code_id=code.code_id, now=clock.now(), **changes)


def refused(code: StageCode, **changes: Any) -> Mapping[str, str]:
    """What stands beside the fields when these changes are refused."""
    with pytest.raises(RuleRefused) as told:
        changed(code, **changes)
    return told.value.where


def stored(code: StageCode) -> Rules:
    """The rules as they are stored."""
    with tenant_context(code.tenant.id):
        return rules_of(code.code_id)


def holding(access: Access, *capabilities: str) -> Access:
    """The same member with codes.view and these capabilities alone, over the whole company."""
    scopes = {name: access.scopes[name] for name in ("codes.view", *capabilities)}
    return replace(access, scopes=scopes, is_owner=False)
