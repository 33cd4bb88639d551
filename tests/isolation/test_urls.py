"""Every URL: tenant A's owner tries tenant B's ids in path, query and body, for each state of the walls."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.http import HttpResponse

from tests.isolation.factory import Side, World, make_world
from tests.isolation.pages import METHODS, Page, attempts, pages, signed_in, text_of
from tests.isolation.walls import STANDING, Walls, rows_of

Behind = Callable[[Walls], AbstractContextManager[World]]
PAGES = pages()
CONSOLE = [page for page in PAGES if page.of_a_tenant]
# Pages on which no row of a tenant is read by an id or listed: there is nothing that could leak.
NOTHING_TO_LEAK = {
    "workspace:notices": "shows only rows of the member who asks, and no member is in two tenants here",
    "workspace:job": "shows only jobs of the member who asks",
    "permissions:view-as-end": "takes no id and shows nothing: it only ends what the session itself began",
    "crm:endpoint-test": "takes no id: it puts a test event into its own tenant's outbox",
    "people:staff-sync": "takes no id and shows nothing: it only asks for a sync of its own tenant",
    "console:wecom-sync": "takes no id and shows nothing: it only asks for a sync of its own tenant",
    "reception:template-new": "an empty form",
    "console:code-name": "proposes a name from what was typed",
    "permissions:import": "an empty form: what a file holds is checked against its own tenant",
    "permissions:import-carry-out": "takes no id: without the rows of a preview it invites nobody",
    "routing:presence": "takes no id and shows only the member's own switch",
    "routing:domain-check": "only hints that the hosts are to be looked at",
}

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
each_console_page = pytest.mark.parametrize("page", CONSOLE, ids=lambda page: page.name)


def faults(page: Page, method: str, answer: HttpResponse, victim: Side) -> list[str]:
    """What is wrong with an answer to somebody of another tenant."""
    found = []
    if victim.word in text_of(answer) or victim.word.lower() in text_of(answer):
        found.append(f"{method}: the other tenant's text is shown")
    if answer.status_code >= 500:
        found.append(f"{method}: {answer.status_code} {_cause(answer)}")
    elif page.of_a_tenant and page.arguments and answer.status_code not in (404, 405):
        found.append(f"{method}: {answer.status_code} instead of 404")
    return found


def _cause(answer: HttpResponse) -> str:
    """The exception behind a 500, which the test client keeps."""
    kept = getattr(answer, "exc_info", None)
    return repr(kept[1]) if kept else ""


@each_page
@pytest.mark.parametrize("walls", STANDING, ids=lambda walls: walls.name.lower())
def test_no_url_shows_or_changes_another_tenants_rows(
    page: Page, walls: Walls, behind: Behind, caplog: pytest.LogCaptureFixture
) -> None:
    with behind(walls) as world:
        before = rows_of(world.b.tenant_id)
        client = signed_in(world.a.user)
        found: list[str] = []
        # All methods once; what reads and what writes again with each wall down.
        methods = METHODS if walls is Walls.BOTH else METHODS[:2]
        for method, answer in attempts(client, page, slug=world.a.slug, victim=world.b, methods=methods):
            found += faults(page, method, answer, world.b)
        assert not found
        asked = page.path(slug=world.a.slug, victim=world.b)
        assert world.b.word not in caplog.text.replace(asked, "")
        assert rows_of(world.b.tenant_id) == before


@each_console_page
def test_another_tenants_console_is_not_there(page: Page, world: World) -> None:
    before = rows_of(world.b.tenant_id)
    client = signed_in(world.a.user)
    for method, answer in attempts(client, page, slug=world.b.slug, victim=world.b):
        assert answer.status_code == 404, method
        assert world.b.word not in text_of(answer)
    assert rows_of(world.b.tenant_id) == before


class Spoilt:
    """Worlds without walls: a fresh one after each page that changed the victim's rows."""

    kept: World | None = None

    def world(self) -> World:
        """The world to try the next page on."""
        self.kept = self.kept or make_world()
        return self.kept


SPOILT = Spoilt()


@each_console_page
def test_the_control_without_both_walls_every_console_page_leaks(page: Page, behind: Behind) -> None:
    with behind(Walls.NONE):
        world = SPOILT.world()
        before = rows_of(world.b.tenant_id)
        client = signed_in(world.a.user)
        found: list[str] = []
        for method, answer in attempts(client, page, slug=world.a.slug, victim=world.b):
            found += faults(page, method, answer, world.b)
        changed = rows_of(world.b.tenant_id) != before
        if changed:
            SPOILT.kept = None
        assert (bool(found) or changed) != (page.name in NOTHING_TO_LEAK)
