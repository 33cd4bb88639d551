"""换一位: a customer may ask for somebody else, twice in a row, where the company allows it (routing settings)."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest

from livecode_admin.kernel import clock
from routing.services.defaults import defaults_set
from routing.services.publish import code_publish
from routing.services.rules import rule_set
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.routing.conftest import Edges, new_cookie, picture_url
from tests.routing.stage import StageCode, live_code

pytestmark = pytest.mark.processes
_LINK = re.compile(r'<a class="again"[^>]* href="([^"]+)"')


def allow(tenant: TenantFixture, *, allowed: bool = True) -> None:
    """Turn the switch."""
    with tenant_context(tenant.id):
        defaults_set(access=tenant.owner, swap_allowed=allowed, now=clock.now())


def link_of(page: httpx.Response) -> str:
    """Where 换一位 leads; empty where it isn't offered."""
    found = _LINK.search(page.text)
    return unescape(found[1]) if found else ""


def ask(edges: Edges, link: str, cookie: str) -> httpx.Response:
    """Press 换一位."""
    with edges.client(cookie=cookie) as client:
        return client.get(link)


def states(code: StageCode) -> list[tuple[int, str]]:
    """(place in the roster, state) of each slot in the order of the scans."""
    rows = code.rows("SELECT staff_id, state FROM routing_slot ORDER BY id")
    return [(code.staff.index(staff_id), state) for staff_id, state in rows]


def test_somebody_else_comes_and_the_first_ones_slot_goes_back(tenant: TenantFixture, edges: Edges) -> None:
    code, cookie = live_code(tenant, roster=3, cap=5), new_cookie()
    allow(tenant)
    first = edges.scan(code.slug, cookie=cookie, query="?p=poster12")
    second = ask(edges, link_of(first), cookie)
    assert second.status_code == 200
    assert picture_url(second) != picture_url(first)
    assert states(code) == [(0, "returned"), (1, "waiting")]
    assert code.rows("SELECT assigned FROM routing_staffday WHERE staff_id = %s", code.staff[0]) == [(0,)]
    assert code.rows("SELECT reason, sub_channel FROM routing_scan ORDER BY id") == [
        ("in_turn", "poster12"),
        ("swapped", "poster12"),
    ]


def test_a_reload_of_the_same_link_keeps_who_came(tenant: TenantFixture, edges: Edges) -> None:
    code, cookie = live_code(tenant, roster=3), new_cookie()
    allow(tenant)
    link = link_of(edges.scan(code.slug, cookie=cookie))
    pages = [ask(edges, link, cookie) for _ in range(4)]
    assert len({picture_url(page) for page in pages}) == 1
    assert states(code) == [(0, "returned"), (1, "waiting")]


def test_after_two_in_a_row_it_is_offered_no_more(tenant: TenantFixture, edges: Edges) -> None:
    code, cookie = live_code(tenant, roster=4), new_cookie()
    allow(tenant)
    page = edges.scan(code.slug, cookie=cookie)
    for _ in range(2):
        page = ask(edges, link_of(page), cookie)
    assert link_of(page) == ""
    assert code.served() == [0, 1, 2]


@pytest.mark.parametrize("strategy", ["in_turn", "weighted", "least_loaded"])
@pytest.mark.parametrize("turns", ["assignments", "adds"])
def test_nobody_who_was_refused_comes_back(tenant: TenantFixture, edges: Edges, strategy: str, turns: str) -> None:
    code, cookie = live_code(tenant, roster=3), new_cookie()
    allow(tenant)
    with tenant_context(tenant.id):
        rule_set(access=tenant.owner, code_id=code.code_id, now=clock.now(), strategy=strategy, turns_count=turns)
        code_publish(access=tenant.owner, code_id=code.code_id, now=clock.now())
    page = edges.scan(code.slug, cookie=cookie)
    for _ in range(2):
        link = link_of(page)
        page = ask(edges, link, cookie)
        assert picture_url(ask(edges, link, cookie)) == picture_url(page)  # a reload keeps who came
    assert sorted(place or 0 for place in dict.fromkeys(code.served())) == [0, 1, 2]


def test_when_all_were_refused_the_last_one_stays(tenant: TenantFixture, edges: Edges) -> None:
    code, cookie = live_code(tenant, roster=2), new_cookie()
    allow(tenant)
    page = edges.scan(code.slug, cookie=cookie)
    for _ in range(2):
        page = ask(edges, link_of(page), cookie)
    assert states(code) == [(0, "returned"), (1, "waiting")]


def test_with_nobody_else_the_same_person_stays(tenant: TenantFixture, edges: Edges) -> None:
    code, cookie = live_code(tenant, roster=1), new_cookie()
    allow(tenant)
    first = edges.scan(code.slug, cookie=cookie)
    second = ask(edges, link_of(first), cookie)
    assert picture_url(second) == picture_url(first)
    assert states(code) == [(0, "waiting")]


def test_switched_off_there_is_no_link_and_an_older_one_does_nothing(tenant: TenantFixture, edges: Edges) -> None:
    code, cookie = live_code(tenant, roster=3), new_cookie()
    allow(tenant)
    first = edges.scan(code.slug, cookie=cookie)
    allow(tenant, allowed=False)
    again = ask(edges, link_of(first), cookie)
    assert picture_url(again) == picture_url(first)
    assert link_of(again) == ""
    assert states(code) == [(0, "waiting")]


def test_nobody_elses_link_and_no_made_up_one_swaps(tenant: TenantFixture, edges: Edges) -> None:
    code, cookie, other = live_code(tenant, roster=3), new_cookie(), new_cookie()
    allow(tenant)
    link = link_of(edges.scan(code.slug, cookie=cookie))
    first = edges.scan(code.slug, cookie=other)
    longer = re.sub(r"another=(\d+)-", r"another=\1.7-", link)
    for wrong in (link, longer, f"/c/{code.slug}?another=1-{'0' * 32}-{'0' * 24}"):
        assert picture_url(ask(edges, wrong, other)) == picture_url(first)
    assert states(code) == [(0, "waiting"), (1, "waiting")]
