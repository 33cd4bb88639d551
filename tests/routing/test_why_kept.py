"""「为什么分给了她」 of a returning visitor leads to the scan that took the slot, whichever code that was of."""

from __future__ import annotations

import re

import pytest

from livecode_admin.kernel import clock
from routing.models import RoutingRule
from routing.services.publish import snapshot_store
from tenants.context import tenant_context
from tests.console.stage import Viewer, viewer
from tests.factories import TenantFixture, access_of
from tests.routing.conftest import Edges, new_cookie
from tests.routing.stage import StageCode, live_code

pytestmark = pytest.mark.processes


def last_scan(code: StageCode) -> str:
    """The address of the newest scan's story, below the company's."""
    rows = code.rows("SELECT scan_id FROM routing_scan WHERE code_id = %s ORDER BY id DESC LIMIT 1", code.code_id)
    return f"codes/{code.code_id}/scans/{rows[0][0]}/"


def came_over(tenant: TenantFixture, edges: Edges) -> tuple[StageCode, StageCode]:
    """A full code and its fallback; somebody scanned the first and was received by the second, then scanned that."""
    full, other = live_code(tenant, roster=1, cap=0), live_code(tenant, roster=1)
    with tenant_context(tenant.id):
        RoutingRule.objects.update_or_create(
            code_id=full.code_id, defaults={"fallback": "code", "fallback_code_id": other.code_id}
        )
        snapshot_store(access=tenant.owner, code_id=full.code_id, reason="publish", now=clock.now())
    cookie = new_cookie()
    for code in (full, other):
        edges.scan(code.slug, cookie=cookie)
    return full, other


def kept_link(member: Viewer, code: StageCode) -> str | None:
    """Where 「这位访客上一次扫码」 leads to."""
    html = member.get(last_scan(code))
    assert "没有另占" in html
    found = re.search(r'href="/t/[^/]*/([^"]*)">这位访客上一次扫码', html)
    return found[1] if found else None


def test_the_earlier_scan_was_of_another_code(tenant: TenantFixture, edges: Edges) -> None:
    full, other = came_over(tenant, edges)
    member = viewer(tenant, tenant.owner)
    link = kept_link(member, other)
    assert link == last_scan(full)
    assert "兜底活码" in member.get(link or "")


def test_whoever_may_not_see_that_code_gets_no_link(tenant: TenantFixture, edges: Edges) -> None:
    full, other = came_over(tenant, edges)
    rows = "UPDATE codes_livecode SET department_id = NULL WHERE id = %s"
    full.rows(rows, full.code_id)
    lead = access_of(tenant, tenant.add_member(["reception_lead"], department_id=tenant.department_id), clock.now())
    assert kept_link(viewer(tenant, lead), other) is None
