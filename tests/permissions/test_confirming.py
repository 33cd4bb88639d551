"""Secrets, bundles and exports: every page of that kind asks again who it is, and no file leaves without it."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from permissions.viewing import is_file
from tests.factories import TenantFixture, client_for, make_tenant
from tests.isolation.pages import pages
from tests.permissions.test_account import stale
from tests.permissions.test_viewing import path_of

OF_TENANTS = [page for page in pages() if page.of_a_tenant]
# Whoever holds these handles secrets, hands out bundles, or takes data out (product.md §5.6, capabilities.GUARDED).
MIGHTY = {"wecom.manage", "crm.manage", "members.manage", "bundles.manage", "customers.export", "analytics.export"}
ASKING = [page for page in OF_TENANTS if page.rule and MIGHTY & set(page.rule[1:])]
# Pages of theirs that change neither a secret nor a bundle, and why.
NO_NEED = {
    "permissions:invitation-off": "takes an invitation back",
    "console:newcomers-aside": "lets nobody in",
    "console:wecom-sync": "reads people anew by the connection that is there",
    "crm:endpoint-test": "sends a made-up event to the receiver that is set",
    "crm:replay": "sends to the receiver that is set; setting it asks",
}
# Files that hold nothing but what is printed on posters: the code itself.
FREE_FILES = {"codes:png", "codes:svg"}


@pytest.fixture(scope="module")
def sleeper(django_db_setup: None, django_db_blocker: Any) -> Any:
    """The owner's browser, eleven minutes after they showed who they are; nothing is sent that would refresh it."""
    with django_db_blocker.unblock():
        tenant = make_tenant()
        yield tenant, stale(client_for(tenant.owner))


def asks(answer: Any) -> bool:
    """The page that asks, with what was sent, or the way to it."""
    led = answer.headers.get("HX-Redirect") or answer.headers.get("Location") or ""
    return led.startswith("/confirm/") or (answer.status_code == 403 and "确认是您本人" in answer.content.decode())


@pytest.mark.parametrize("page", ASKING, ids=lambda page: page.name)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "htmx"])
def test_nothing_is_sent_to_a_mighty_page_without_showing_who_one_is(
    page: Any, headers: dict[str, str], sleeper: tuple[TenantFixture, Client]
) -> None:
    tenant, client = sleeper
    answer = client.post(path_of(page.route, tenant), headers=headers)
    if answer.status_code != 405:
        assert asks(answer) != (page.name in NO_NEED), answer.status_code


@pytest.mark.parametrize("page", OF_TENANTS, ids=lambda page: page.name)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_file_leaves_without_showing_who_one_is(
    page: Any, method: str, sleeper: tuple[TenantFixture, Client]
) -> None:
    tenant, client = sleeper
    answer = client.generic(method, path_of(page.route, tenant))
    assert not (isinstance(answer, HttpResponse) and is_file(answer)) or page.name in FREE_FILES


def test_the_control_after_showing_who_one_is_the_file_comes(tenant: TenantFixture) -> None:
    path, client = f"/t/{tenant.slug}/audit/export/", client_for(tenant.owner)
    assert asks(stale(client).post(path))
    assert is_file(client_for(tenant.owner).post(path))
