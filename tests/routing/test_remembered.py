"""How long an edge process remembers whose a host is, and what it knows when PostgreSQL does not answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from routing.edge.breaker import Breaker
from routing.edge.hosts import HIT_SECONDS, MISS_SECONDS, HostFacts, Remembered
from routing.edge.store import Pool


class Table:
    """What PostgreSQL would say; ``away``: it says nothing."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {"hi.example.com": "first"}
        self.asked: list[str] = []
        self.away = False

    def load(self, key: str) -> str | None:
        """One look-up."""
        self.asked.append(key)
        if self.away:
            raise OSError("away")
        return self.rows.get(key)


class Clock:
    """Seconds that a test sets."""

    now = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def run(work: Callable[[Table, Clock, Breaker, Remembered[str, str]], object]) -> None:
    """Run a test's coroutine with a memory of its own; nothing of it connects anywhere."""

    async def whole() -> None:
        table, clock, breaker = Table(), Clock(), Breaker(Pool(""), retry=1.0)
        try:
            await work(table, clock, breaker, Remembered(table.load, breaker, clock))  # type: ignore[misc]
        finally:
            breaker.close()

    asyncio.run(whole())


@pytest.mark.parametrize(("key", "seconds"), [("hi.example.com", HIT_SECONDS), ("no.example.com", MISS_SECONDS)])
def test_a_host_is_asked_for_again_when_its_time_is_over(key: str, seconds: float) -> None:
    async def work(table: Table, clock: Clock, _: Breaker, known: Remembered[str, str]) -> None:
        first = await known.get(key)
        table.rows[key] = "moved"
        clock.now += seconds - 0.1
        assert await known.get(key) == first
        clock.now += 0.2
        assert await known.get(key) == "moved"
        assert table.asked == [key, key]

    run(work)


def test_many_who_ask_at_once_are_one_question() -> None:
    async def work(table: Table, _: Clock, __: Breaker, known: Remembered[str, str]) -> None:
        assert await asyncio.gather(*(known.get("hi.example.com") for _ in range(50))) == ["first"] * 50
        assert table.asked == ["hi.example.com"]

    run(work)


def test_the_last_that_was_known_stays_while_postgresql_is_away() -> None:
    async def work(table: Table, clock: Clock, breaker: Breaker, known: Remembered[str, str]) -> None:
        await known.get("hi.example.com")
        table.away = True
        for _ in range(100):
            clock.now += HIT_SECONDS
            assert await known.get("hi.example.com") == "first"
        assert await known.get("never.example.com") is None
        asked = len(table.asked)
        breaker.open = True
        clock.now += HIT_SECONDS
        assert await known.get("hi.example.com") == "first"
        assert len(table.asked) == asked
        breaker.open, table.away, table.rows = False, False, {}
        clock.now += HIT_SECONDS
        assert await known.get("hi.example.com") is None

    run(work)


@pytest.mark.parametrize(
    ("entry", "landing", "host", "sends_on"),
    [
        ("a.example", "b.example", "a.example", True),
        ("a.example", "b.example", "b.example", False),
        ("a.example", "", "a.example", False),
        ("a.example", "a.example", "a.example", False),
    ],
)
def test_only_the_printed_host_sends_on_and_never_to_itself(
    entry: str, landing: str, host: str, sends_on: bool
) -> None:
    assert HostFacts(1, entry, landing).sends_on(host) is sends_on
