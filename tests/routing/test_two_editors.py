"""Two people editing the same thing are told, with both versions, and nobody's change is undone unseen (ui.md)."""

from __future__ import annotations

import re
from typing import Any

from livecode_admin.kernel import clock
from routing.selectors import staff_caps, staff_loads
from routing.selectors.defaults import defaults_now
from routing.selectors.versions import current_version
from routing.services.caps import staff_cap_set
from tenants.context import tenant_context
from tenants.selectors import tenant_by_slug
from tests.console.stage import told
from tests.factories import TenantFixture, client_for
from tests.routing.rulestage import changed
from tests.routing.stage import StageCode, live_code


def fields_of(html: str, names: str) -> dict[str, str]:
    """The inputs whose names match, as a browser would send them."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name, value = re.search(r' name="([^"]*)"', tag), re.search(r' value="([^"]*)"', tag)
        if name is not None and re.match(names, name[1]):
            found[name[1]] = value[1] if value else ""
    return found


def caps(code: StageCode) -> list[int]:
    """The daily caps of the code's people."""
    with tenant_context(code.tenant.id):
        found = staff_caps(code.staff)
    return [found[pk] for pk in code.staff]


def cap_set(code: StageCode, staff_id: int, cap: int) -> None:
    """Somebody else sets a cap."""
    with tenant_context(code.tenant.id):
        staff_cap_set(access=code.access, staff_id=staff_id, daily_cap=cap, now=clock.now())


def entry_host(tenant: TenantFixture) -> str:
    """The stored 入口域名."""
    facts = tenant_by_slug(tenant.slug)
    assert facts is not None
    return facts.entry_host


def test_a_cap_that_somebody_else_changed_is_not_set_back_by_saving_another(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2, cap=30)
    client, url = client_for(tenant.owner), f"/t/{tenant.slug}/staff/caps/"
    sent = fields_of(client.get(url).content.decode(), r"(was_)?(cap|peak)_")
    cap_set(code, code.staff[0], 80)
    assert client.post(url, sent | {f"cap_{code.staff[1]}": "45"}).status_code == 302
    assert caps(code) == [80, 45]


def test_a_cap_that_two_people_change_is_told_with_both_values_and_saved_when_it_is_sent_again(
    tenant: TenantFixture,
) -> None:
    code = live_code(tenant, roster=2, cap=30)
    client, url = client_for(tenant.owner), f"/t/{tenant.slug}/staff/caps/"
    sent = fields_of(client.get(url).content.decode(), r"(was_)?(cap|peak)_")
    cap_set(code, code.staff[0], 80)
    answer = client.post(url, sent | {f"cap_{code.staff[0]}": "45"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "林晓彤的每日上限：刚刚被其他人改为 80，再保存一次即为 45" in page
    assert caps(code) == [80, 30]
    assert client.post(url, fields_of(page, r"(was_)?(cap|peak)_")).status_code == 302
    assert caps(code) == [45, 30]
    with tenant_context(tenant.id):
        assert {row.peak for row in staff_loads(tenant.owner, now=clock.now())} == {50}


def test_a_cap_over_all_codes_is_part_of_the_roster_editor_s_two_versions(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1, cap=30)
    client, url = client_for(tenant.owner), f"/t/{tenant.slug}/codes/{code.code_id}/roster/"
    sent = fields_of(client.get(url).content.decode(), r"(stamp|roster|cap_)")
    cap_set(code, code.staff[0], 80)
    page = client.post(url, sent).content.decode()
    assert "名单刚刚被其他人修改过" in page
    assert "每日上限 林晓彤 80 30" in told(page)
    assert caps(code) == [80]


def test_settings_that_somebody_else_saved_are_told_beside_the_field(tenant: TenantFixture) -> None:
    client, url = client_for(tenant.owner), f"/t/{tenant.slug}/settings/reception/"
    html = client.get(url).content.decode()
    sent: dict[str, Any] = fields_of(html, "stamp") | {"fallback": "page", "duty": ""}
    client.post(url, sent | {"swap_allowed": "on"})
    answer = client.post(url, sent | {"outside_count": "on"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "设置刚刚被其他人修改过" in page
    assert "已保存的是「开」" in page
    with tenant_context(tenant.id):
        assert (defaults_now()["swap_allowed"], defaults_now()["outside_count"]) == (True, False)
    again = fields_of(page, "stamp") | {"fallback": "page", "duty": "", "outside_count": "on"}
    assert client.post(url, again).status_code == 302
    with tenant_context(tenant.id):
        assert (defaults_now()["swap_allowed"], defaults_now()["outside_count"]) == (False, True)


def test_a_host_that_somebody_else_saved_is_told_before_it_is_replaced(tenant: TenantFixture) -> None:
    client, url = client_for(tenant.owner), f"/t/{tenant.slug}/settings/domains/"
    sent = fields_of(client.get(url).content.decode(), "stamp")
    client.post(url, sent | {"entry_host": "scan.one.example", "landing_host": ""})
    answer = client.post(url, sent | {"entry_host": "scan.two.example", "landing_host": ""})
    assert answer.status_code == 422
    assert "刚刚被其他人改为「scan.one.example」" in answer.content.decode()
    assert entry_host(tenant) == "scan.one.example"
    again = fields_of(answer.content.decode(), "stamp")
    client.post(url, again | {"entry_host": "scan.two.example", "landing_host": ""})
    assert entry_host(tenant) == "scan.two.example"


def test_restoring_after_a_new_publish_shows_the_comparison_anew(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2)
    changed(code, sticky_seconds=3600)
    client, url = client_for(tenant.owner), f"/t/{tenant.slug}/codes/{code.code_id}/versions/1/"
    sent = fields_of(client.get(url).content.decode(), "stamp") | {"part": "rules"}
    changed(code, strategy="least_loaded")
    answer = client.post(url, sent)
    assert answer.status_code == 422
    assert "刚刚有人发布了新版本" in answer.content.decode()
    assert "最少接待优先" in answer.content.decode()
    with tenant_context(tenant.id):
        before = current_version(code.code_id)
    assert client.post(url, fields_of(answer.content.decode(), "stamp") | {"part": "rules"}).status_code == 302
    with tenant_context(tenant.id):
        after = current_version(code.code_id)
    assert before is not None
    assert after is not None
    assert after[0] == before[0] + 1
