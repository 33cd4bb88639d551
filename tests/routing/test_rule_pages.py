"""The rule editor as a page: nothing is saved before it is published, and only what may be changed is there."""

from __future__ import annotations

import re
from typing import Any

import pytest

from livecode_admin.kernel import clock
from routing.models import Snapshot
from routing.ruleset import Rules
from routing.selectors.compiled import rules_of
from routing.services.rules import rule_set
from tenants.context import tenant_context
from tests.factories import TenantFixture, client_for
from tests.routing.stage import StageCode, live_code

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


def stored(code: StageCode) -> Rules:
    """The rules as they are stored."""
    with tenant_context(code.tenant.id):
        return rules_of(code.code_id)


def test_the_editor_shows_the_rules_and_sending_them_unchanged_changes_nothing(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2)
    client = client_for(tenant.owner)
    html = client.get(address(code)).content.decode()
    for title in ("分流方式", "溢出与峰值", "接待时段", "分流条件", "回访与等待", "值班人与兜底", "加好友验证", "试算"):
        assert f"<h2>{title}</h2>" in html
    answer = client.post(address(code), form_of(html), follow=True)
    assert "规则没有改动" in answer.content.decode()
    assert stored(code) == Rules()
