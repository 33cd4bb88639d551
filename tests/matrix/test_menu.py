"""The navigation has, for each bundle, exactly the pages that entry_points.csv puts there and the bundle opens."""

from __future__ import annotations

import re

import pytest

from tests.matrix.cast import PAGES, Cast
from tests.matrix.stage import make_cast
from tests.matrix.tables import BUNDLES, NOBODY, WIDTHS, entries, expected, scopes


@pytest.fixture(scope="module")
def cast(_database_open: None, _broker_known: None) -> Cast:
    """One company with a member for each bundle."""
    return make_cast()


def menu_of(cast: Cast, bundle: str) -> dict[str, str]:
    """Address → label of the navigation as the home page shows it."""
    html = cast.clients[bundle].get(f"/t/{cast.side.slug}/").content.decode()
    found = re.search(r"(?s)<nav[^>]*>(.*?)</nav>", html)
    assert found is not None
    links = re.findall(r'(?s)<a[^>]*href="([^"]+)"[^>]*>(.*?)</a>', found[1])
    return {address: re.sub(r"(?s)<[^>]+>", "", inner).strip() for address, inner in links}


@pytest.mark.parametrize("bundle", BUNDLES)
def test_the_menu_is_what_the_table_says(cast: Cast, bundle: str) -> None:
    wanted = {
        PAGES[entry.page].path(slug=cast.side.slug, victim=cast.side)
        for entry in entries()
        if entry.menu and expected(entry, bundle, NOBODY) == 200
    }
    assert set(menu_of(cast, bundle)) == wanted


@pytest.mark.parametrize("bundle", BUNDLES)
def test_ordinary_staff_have_their_own_codes_and_no_list_of_codes(cast: Cast, bundle: str) -> None:
    labels = set(menu_of(cast, bundle).values())
    own = scopes(bundle)["codes.view"] == WIDTHS["own"]
    assert ("我的活码" in labels, "活码列表" in labels) == (own, not own)
