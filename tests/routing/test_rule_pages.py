"""The rule editor as a page: nothing is saved before it is published, and only what may be changed is there."""

from __future__ import annotations

from routing.ruleset import Rules
from tests.factories import TenantFixture, client_for
from tests.routing.rulestage import address, form_of, stored
from tests.routing.stage import live_code


def test_the_editor_shows_the_rules_and_sending_them_unchanged_changes_nothing(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2)
    client = client_for(tenant.owner)
    html = client.get(address(code)).content.decode()
    for title in ("分流方式", "溢出与峰值", "接待时段", "分流条件", "回访与等待", "值班人与兜底", "加好友验证", "试算"):
        assert f"<h2>{title}</h2>" in html
    answer = client.post(address(code), form_of(html), follow=True)
    assert "规则没有改动" in answer.content.decode()
    assert stored(code) == Rules()
