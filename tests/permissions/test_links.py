"""What a page offers can be had: no link of any page that a member sees is refused or missing (product.md §5.4)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import resolve

from codes.services import code_update, folder_create
from livecode_admin.kernel import clock
from permissions.rules import Scope, Target, Tier
from permissions.selectors.bundles import bundle_card
from permissions.services import bundle_assign
from permissions.services.custom_bundles import BundlePlan, custom_bundle_create
from tenants.context import tenant_context
from tests.factories import access_of, client_for
from tests.matrix.cast import Cast
from tests.matrix.stage import make_cast
from tests.matrix.tables import BUNDLES

_OFFERED = re.compile(r"""\s(href|src|hx-get|hx-post|action|formaction)="([^"]*)\"""")
_ENDS_IT = re.compile(r"/logout/|/view-as/|/end-viewing/")
# A page that only takes a POST says so when it is asked with GET: behind its guard, so nobody was refused.
TAKES_POST = 405
# Of how many objects the same page is opened.
EACH = 5


@pytest.fixture(scope="module")
def cast(_database_open: None, _broker_known: None) -> Cast:
    """A company with a row in every table, a member for each bundle, and another department's codes."""
    return make_cast()


def offered(html: str, page: str, slug: str) -> Iterator[str]:
    """The addresses of the console that this page leads to, its forms' and its parts' among them."""
    for _, raw in _OFFERED.findall(html):
        address = unescape(raw).split("#")[0]
        if address.startswith("?"):
            address = page + address
        if address.startswith(f"/t/{slug}/") and not _ENDS_IT.search(address):
            yield address


def kind(address: str) -> tuple[str, str]:
    """The page, and which object of it: what a filter is set to makes no difference."""
    path = urlsplit(address).path
    return resolve(path).view_name, path


def dead_links(client: Client, slug: str) -> tuple[list[str], int]:
    """Every link that is refused or leads nowhere, from where; and how many pages there were."""
    todo, dead = [(f"/t/{slug}/", "")], []
    seen: dict[str, set[str]] = defaultdict(set)
    while todo:
        address, of = todo.pop(0)
        view, path = kind(address)
        if path in seen[view] or len(seen[view]) == EACH:
            continue
        seen[view].add(path)
        answer = client.get(address)
        if answer.status_code >= 400 and answer.status_code != TAKES_POST:
            dead.append(f"{answer.status_code} {address} on {of}")
        elif answer.status_code == 200 and "text/html" in answer.headers["Content-Type"]:
            todo += [(link, path) for link in offered(answer.content.decode(), path, slug)]
    return dead, len(seen)


# Parts of the product by themselves, as a company may put them together: capabilities with scope *department*.
ALONE: dict[str, frozenset[str]] = {
    "customers": frozenset({"customers.view"}),
    "live": frozenset({"routing.live", "alerts.reception"}),
    "library": frozenset({"welcome.library"}),
    "figures": frozenset({"analytics.view", "analytics.traffic", "analytics.growth"}),
    "staff": frozenset({"staff.manage", "routing.caps"}),
    "codes": frozenset({"codes.view"}),
    "rules": frozenset({"codes.view", "routing.rules"}),
    "greetings": frozenset({"codes.view", "welcome.choose", "welcome.write"}),
}


@pytest.mark.parametrize("part", ALONE)
def test_no_link_is_dead_for_a_bundle_of_one_part_of_the_product(cast: Cast, part: str) -> None:
    tenant, now = cast.tenant, clock.now()
    with tenant_context(tenant.id):
        plan = BundlePlan(f"只有{part}", ALONE[part], Scope.DEPARTMENT, Tier.STANDARD)
        bundle_id = custom_bundle_create(access=tenant.owner, plan=plan, now=now)
        card = bundle_card(tenant.owner, bundle_id, now=now)
        assert card is not None
    department_id = access_of(tenant, cast.users["campaign_ops"], now).department_id
    user_id = tenant.add_member([card.key], department_id=department_id)
    dead, followed = dead_links(client_for(access_of(tenant, user_id, now)), cast.side.slug)
    assert followed > 2
    assert dead == []


@pytest.mark.parametrize("bundle", ["campaign_ops", "reception_lead", "ops_director"])
@pytest.mark.parametrize("target", [Target.CODE, Target.FOLDER])
def test_no_link_is_dead_for_a_bundle_given_for_one_code_or_folder(cast: Cast, bundle: str, target: Target) -> None:
    access, now = access_of(cast.tenant, cast.tenant.add_member([]), clock.now()), clock.now()
    owner, code_id = cast.tenant.owner, cast.codes["owner", "department"]
    with tenant_context(cast.tenant.id):
        folder_id = folder_create(access=owner, name=f"给{bundle}{target}的分类", parent_id=None, now=now)
        code_update(access=owner, code_id=code_id, folder_id=folder_id, now=now)
        bundle_assign(
            access=owner,
            member_id=access.member_id or 0,
            bundle_key=bundle,
            target=target,
            target_id=code_id if target is Target.CODE else folder_id,
            now=now,
        )
    dead, followed = dead_links(client_for(access), cast.side.slug)
    assert followed > 5
    assert dead == []


@pytest.mark.parametrize("bundle", BUNDLES)
def test_no_link_that_a_bundle_is_shown_is_dead(cast: Cast, bundle: str) -> None:
    dead, followed = dead_links(cast.clients[bundle], cast.side.slug)
    assert followed > 5
    assert dead == []
