"""Every URL says to whom it is open, console pages lie below their tenant, and capabilities are real ones."""

from __future__ import annotations

import pytest
from django.urls import path

from permissions.capabilities import CAPABILITIES
from tests.isolation.pages import Page, pages, walk

PAGES = pages()
# Console pages that every member may open: they show only what is the member's own, or what the rights leave.
FOR_EVERY_MEMBER = {"console:home", "console:search", "permissions:view-as-end", "workspace:notices", "workspace:job"}


# Pages of one company that people open who are no members yet.
OPEN_OF_A_TENANT = {"permissions:join"}


def undeclared(page: Page) -> list[str]:
    """What is wrong with the page's guard."""
    if page.rule is None:
        return ["wears no guard of permissions.guards"]
    kind, found = page.rule[0], []
    if kind not in {"capability", "membership", "signed_in", "public"}:
        found.append(f"unknown rule {kind}")
    if kind == "capability" and page.rule[1] not in CAPABILITIES:
        found.append(f"no such capability: {page.rule[1]}")
    of_a_tenant = page.of_a_tenant or page.name in OPEN_OF_A_TENANT
    if of_a_tenant != page.route.startswith("t/<slug:tenant_slug>/"):
        found.append("a console page begins with t/<slug:tenant_slug>/, and nothing else does")
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_url_declares_its_guard(page: Page) -> None:
    assert undeclared(page) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_url_has_a_name_of_its_own(page: Page) -> None:
    assert not page.name.endswith("None")
    assert [one.name for one in PAGES].count(page.name) == 1
    assert [one.route for one in PAGES].count(page.route) == 1, "two pages, one path"
    assert not page.route or page.route.endswith("/") or "." in page.route or page.rule == ("public",)


def test_pages_without_a_capability_are_listed() -> None:
    found = {page.name for page in PAGES if page.rule == ("membership",)}
    assert found - FOR_EVERY_MEMBER == set()


def test_the_control_a_page_without_a_guard_is_found() -> None:
    (naked,) = walk([path("t/<slug:tenant_slug>/naked/", lambda request: None, name="naked")])  # type: ignore[arg-type, return-value]
    assert undeclared(naked) == ["wears no guard of permissions.guards"]
