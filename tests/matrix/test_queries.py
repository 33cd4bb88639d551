"""Every page of the console: two queries for the rights at most, and as many queries for 200 rows as for two."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from permissions.services import bundles_install
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.isolation.factory import make_side
from tests.isolation.pages import signed_in
from tests.matrix.cast import PAGES, Cast
from tests.matrix.growth import grow
from tests.matrix.tables import entries

# Counted in tests/routing/test_versions.py and tests/console/test_queries.py, with what was really published.
ELSEWHERE = {"routing:versions", "routing:version-restore", "console:code"}
READ = sorted({entry.page for entry in entries() if entry.method == "GET" and entry.of_a_tenant} - ELSEWHERE)
# Where the rights are read: all that runs below these functions' modules asks for rights.
RIGHTS = ("permissions/access.py", "permissions/holdings.py", "permissions/grants.py")
# Each number stands for a row with parents of its own and one below each of the first's: 200 and more by the last.
FEW, MANY = 2, 100
Counts = dict[str, tuple[int, int, list[str]]]


class Counter:
    """Statements, and those of them that were asked for rights, told apart by who asks."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self.rights = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Count one statement and run it."""
        if "django_session" not in sql:
            self.all.append(sql)
        frame = sys._getframe()
        while frame.f_back is not None:
            frame = frame.f_back
            if frame.f_code.co_filename.endswith(RIGHTS) and frame.f_code.co_name in ("access_for", "holdings"):
                self.rights += 1
                break
        return execute(sql, params, many, context)


def measured(cast: Cast) -> Counts:
    """Page → (status, statements for rights, all statements)."""
    found: Counts = {}
    client = cast.clients["owner"]
    for name in READ:
        address = PAGES[name].path(slug=cast.side.slug, victim=cast.side)
        client.get(address)
        counter = Counter()
        with connection.execute_wrapper(counter):
            status = client.get(address).status_code
        found[name] = (status, counter.rights, counter.all)
    return found


@pytest.fixture(scope="module")
def counts(_database_open: None, _broker_known: None) -> tuple[Counts, Counts]:
    """All pages of a company with two rows of everything, and of the same with 200."""
    side = make_side("GROWN")
    with tenant_context(side.tenant_id):
        bundles_install()
    cast = Cast(side, side, TenantFixture(side.tenant_id, side.slug, "", side.row_id, side.user.pk))
    cast.clients["owner"] = signed_in(side.user)
    grow(side, 1, FEW - 1)
    few = measured(cast)
    grow(side, FEW, MANY - 1)
    return few, measured(cast)


@pytest.mark.parametrize("page", READ)
def test_a_page_asks_for_rights_twice_at_most_and_the_same_for_200_rows(
    counts: tuple[Counts, Counts], page: str
) -> None:
    (status, rights, few), (again, rights_again, many) = (one[page] for one in counts)
    assert status < 400
    assert again == status
    assert 1 <= rights <= 2
    assert rights_again == rights
    more = [sql[:300] for sql in many if many.count(sql) > few.count(sql)]
    assert (len(many) - len(few), more if len(many) != len(few) else []) == (0, [])
