"""Whose a slug is: found together with all that wait, remembered, and a page for everybody meanwhile."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from psycopg2 import extensions

from livecode_admin.kernel.ids import new_slug
from routing.edge import store
from routing.edge.breaker import Breaker
from routing.edge.memory import Memory
from routing.edge.slugs import LOOKUPS, MISSES_PER_MINUTE, LookupUnavailable, Slugs
from tests.factories import TenantFixture
from tests.routing.conftest import Edges, free_port, start_edge
from tests.routing.gate import Gate
from tests.routing.phones import Ask, scan_at_once
from tests.routing.stage import live_code

pytestmark = pytest.mark.processes
ADDRESS = "203.0.113.7"


class Counted(store.Pool):
    """The real pool; ``taken``: how often somebody asked for a connection."""

    taken = 0

    @contextmanager
    def connection(self) -> Iterator[extensions.connection]:
        """One of the pool's."""
        self.taken += 1
        with super().connection() as link:
            yield link


def _slugs(folder: Path, url: str = "") -> tuple[Slugs, Counted]:
    pool = Counted(url or os.environ["DATABASE_URL"])
    return Slugs(pool, Memory(folder / "memory.sqlite"), Breaker(pool, retry=1)), pool


def test_a_crowd_of_unseen_codes_is_looked_up_together(tenant: TenantFixture, tmp_path: Path) -> None:
    code = live_code(tenant, roster=1)
    slugs, pool = _slugs(tmp_path)
    asked = [code.slug, *(new_slug() for _ in range(150)), code.slug]

    async def crowd() -> list[tuple[int, int] | None]:
        return await asyncio.gather(*(slugs.find(slug, f"203.0.113.{n}") for n, slug in enumerate(asked)))

    found = asyncio.run(crowd())
    assert found[0] == found[-1] == (tenant.id, code.code_id)
    assert set(found[1:-1]) == {None}
    assert pool.taken <= LOOKUPS + 1


def test_a_look_up_without_an_answer_is_no_miss_and_the_next_one_finds_it(
    tenant: TenantFixture, tmp_path: Path
) -> None:
    code = live_code(tenant, roster=1)
    gate = Gate(os.environ["DATABASE_URL"])
    slugs, _ = _slugs(tmp_path, gate.url)

    async def before_and_after() -> tuple[int, int] | None:
        gate.close()
        with pytest.raises(LookupUnavailable):
            await slugs.find(code.slug, ADDRESS)
        gate.open()
        return await slugs.find(code.slug, ADDRESS)

    assert asyncio.run(before_and_after()) == (tenant.id, code.code_id)
    assert not slugs.limit.over(ADDRESS)


def test_an_address_that_guesses_waits_for_nobody_but_others_are_still_looked_up(tmp_path: Path) -> None:
    slugs, _ = _slugs(tmp_path)

    async def guesses() -> tuple[list[object], object]:
        for _ in range(MISSES_PER_MINUTE + 1):
            slugs.limit.count(ADDRESS)
        many = [slugs.find(new_slug(), ADDRESS) for _ in range(LOOKUPS + 20)]
        answers = await asyncio.gather(*many, slugs.find(new_slug(), "203.0.113.8"), return_exceptions=True)
        return list(answers[:-1]), answers[-1]

    guessed, other = asyncio.run(guesses())
    assert sum(isinstance(answer, LookupUnavailable) for answer in guessed) == 20
    assert other is None


def test_an_edge_that_starts_into_a_crowd_gives_everybody_a_page(tenant: TenantFixture, tmp_path: Path) -> None:
    first = live_code(tenant, roster=1)
    codes = [first, *(live_code(tenant, staff=first.staff, name=f"展位{number}") for number in range(30))]
    port = free_port()
    process = start_edge(port, tmp_path)
    try:
        asks = [Ask(f"/c/{code.slug}") for code in codes for _ in range(8)]
        pages = scan_at_once(Edges([f"http://127.0.0.1:{port}"], [process], tmp_path), asks, connections=len(asks))
    finally:
        process.terminate()
        process.wait(10)
    assert {page.status for page in pages} == {200}
    assert {
        code.rows("SELECT count(*) FROM routing_scan WHERE code_id = %s", code.code_id)[0][0] for code in codes
    } == {8}
