"""When to try again, and what an answer means (product.md §7.2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules import LONGEST_RETRY_AFTER, RETRY_WAITS, Outcome, judge, next_try_at

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_the_waits_are_those_of_standard_webhooks() -> None:
    assert [wait.total_seconds() for wait in RETRY_WAITS] == [0, 5, 300, 1800, 7200, 18000, 36000, 36000]


@given(attempts=st.integers(0, 7), spread=st.floats(-1, 1))
def test_jitter_stays_within_a_fifth(attempts: int, spread: float) -> None:
    due = next_try_at(attempts, NOW, spread)
    assert due is not None
    assert RETRY_WAITS[attempts] * 0.8 <= due - NOW <= RETRY_WAITS[attempts] * 1.2


def test_after_eight_tries_there_is_no_next() -> None:
    assert next_try_at(8, NOW, 0) is None


def test_retry_after_is_obeyed_and_bounded() -> None:
    verdict = judge(status=429, headers={"retry-after": "120"}, attempts=1, now=NOW, spread=0)
    assert verdict.next_at == NOW + timedelta(seconds=120)
    endless = judge(status=503, headers={"retry-after": "99999999"}, attempts=1, now=NOW, spread=0)
    assert endless.next_at == NOW + timedelta(hours=10)


def test_only_2xx_is_delivered_and_410_ends_it() -> None:
    outcomes = {
        status: judge(status=status, headers={}, attempts=1, now=NOW, spread=0).outcome
        for status in (200, 204, 301, 400, 410, 500)
    }
    assert outcomes == {
        200: Outcome.DELIVERED,
        204: Outcome.DELIVERED,
        301: Outcome.RETRY,
        400: Outcome.RETRY,
        410: Outcome.GONE,
        500: Outcome.RETRY,
    }


@pytest.mark.parametrize("asked", ["9" * 18, "9" * 400, "²", "soon", "-5", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_whatever_retry_after_says_the_next_try_is_known(asked: str) -> None:
    verdict = judge(status=503, headers={"retry-after": asked}, attempts=1, now=NOW, spread=0)
    assert verdict.next_at is not None
    assert NOW < verdict.next_at <= NOW + LONGEST_RETRY_AFTER
