"""A page costs the same number of statements for two rows and for twenty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.console.stage import Viewer, codes_of, staff_of, viewer
from tests.factories import TenantFixture

Page = Callable[[list[int]], tuple[str, dict[str, Any] | None]]
PAGES: dict[str, Page] = {
    "home": lambda ids: ("", None),
    "list": lambda ids: ("codes/", None),
    "search": lambda ids: ("search/?q=活动", None),
    "create": lambda ids: ("codes/new/", None),
    "dialog": lambda ids: ("codes/batch/?do=pause", {"ids": [str(pk) for pk in ids]}),
}


@pytest.fixture
def owner(tenant: TenantFixture) -> Viewer:
    return viewer(tenant, tenant.owner)


@pytest.mark.parametrize("name", PAGES)
def test_two_codes_and_twenty_cost_the_same(tenant: TenantFixture, owner: Viewer, name: str) -> None:
    staff = staff_of(tenant, 3)
    codes = codes_of(tenant.owner, 2, staff=staff)
    few = owner.queries(*PAGES[name](codes))
    codes += codes_of(tenant.owner, 18, staff=staff)
    assert owner.queries(*PAGES[name](codes)) == few


def test_a_code_with_two_seats_and_with_twenty_cost_the_same(tenant: TenantFixture, owner: Viewer) -> None:
    (small,) = codes_of(tenant.owner, 1, staff=staff_of(tenant, 2))
    (large,) = codes_of(tenant.owner, 1, staff=staff_of(tenant, 20))
    assert owner.queries(f"codes/{large}/") == owner.queries(f"codes/{small}/")


def test_creating_with_two_colleagues_and_with_twenty_costs_the_same(tenant: TenantFixture, owner: Viewer) -> None:
    staff_of(tenant, 2)
    few = owner.queries("codes/new/")
    staff_of(tenant, 18)
    assert owner.queries("codes/new/") == few
