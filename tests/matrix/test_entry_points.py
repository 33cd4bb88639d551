"""Every bundle at every entry point with everybody's objects: what role_bundles.csv says is what happens."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from django.test import Client

from tests.isolation.pages import Page
from tests.matrix.cast import PAGES, Cast, denials
from tests.matrix.rows import contents, differing
from tests.matrix.stage import make_cast
from tests.matrix.tables import BUNDLES, Entry, entries, expected

DONE = {200, 204, 302, 400, 409, 422}
CONSOLE = sorted({entry.page for entry in entries() if entry.of_a_tenant})


@pytest.fixture(scope="module")
def cast(_database_open: None, _broker_known: None) -> Cast:
    """One company for all cells."""
    return make_cast()


def test_every_page_is_classified_once_for_every_method(cast: Cast) -> None:
    listed = Counter((entry.page, entry.method, entry.body) for entry in entries())
    assert [key for key, times in listed.items() if times > 1] == []
    assert {entry.page for entry in entries()} == set(PAGES)
    wrong = {}
    for name, page in PAGES.items():
        if page.of_a_tenant:
            said = {entry.method for entry in entries() if entry.page == name}
            if said != (taken := methods_of(cast, page)):
                wrong[name] = f"in the table {sorted(said)}, in the product {sorted(taken)}"
    assert wrong == {}


def methods_of(cast: Cast, page: Page) -> set[str]:
    """What the page says it takes, when it is asked for something that no page takes."""
    answer = cast.clients["owner"].generic("PROPFIND", page.path(slug=cast.side.slug, victim=cast.side))
    return set(re.findall(r"[A-Z]+", answer.get("Allow", ""))) - {"HEAD"} if answer.status_code == 405 else {"ANY"}


def answer_of(client: Client, entry: Entry, address: str) -> int:
    if entry.method == "GET":
        return int(client.get(address).status_code)
    return int(client.post(address, entry.body, content_type="application/x-www-form-urlencoded").status_code)


Cell = tuple[int, Entry, str, str, str]


def faults(cast: Cast, page: str) -> list[str]:
    """The cells of a page in which something else happens than the tables say; the refused ones first."""
    cells: list[Cell] = [
        (expected(entry, bundle, relation), entry, bundle, relation, cast.address(entry, bundle, relation))
        for entry in entries()
        if entry.page == page
        for bundle in BUNDLES
        for relation in entry.relations
    ]
    refused = [cell for cell in cells if cell[0] != 200]
    before = contents(cast.side.tenant_id)
    found = [fault for cell in refused for fault in _faults(cast, *cell)]
    if contents(cast.side.tenant_id) != before:
        found += [fault for cell in refused for fault in _changes(cast, *cell)] or [
            f"{page}: a refused request changed rows"
        ]
    return found + [fault for cell in cells if cell[0] == 200 for fault in _faults(cast, *cell)]


def _faults(cast: Cast, wanted: int, entry: Entry, bundle: str, relation: str, address: str) -> list[str]:
    cell = f"{bundle}: {entry.method} {address} {entry.body} ({relation})"
    before = denials(cast.side.tenant_id)
    got = answer_of(cast.clients[bundle], entry, address)
    noted = denials(cast.side.tenant_id) - before
    if got != wanted and not (wanted == 200 and got in DONE):
        return [f"{cell}: {got} instead of {wanted}"]
    if noted != (got == 403):
        return [f"{cell}: {got} with {noted} denials in the audit log"]
    return []


def _changes(cast: Cast, wanted: int, entry: Entry, bundle: str, relation: str, address: str) -> list[str]:
    before = contents(cast.side.tenant_id)
    answer_of(cast.clients[bundle], entry, address)
    changed = differing(before, contents(cast.side.tenant_id))
    return [f"{bundle}: {entry.method} {address} ({relation}) changed {changed}"] if changed else []


@pytest.mark.parametrize("page", CONSOLE)
def test_each_bundle_can_do_what_the_tables_say_and_nothing_else(cast: Cast, page: str) -> None:
    assert faults(cast, page) == []
