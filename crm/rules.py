"""Decisions of delivery: when to try again, what an answer means. Plain Python (product.md §7.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from livecode_admin.kernel.web.parameters import whole_number

# Waits before each try, after Standard Webhooks 1.0.0: 0, 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 10 h.
RETRY_WAITS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
)
JITTER = 0.2
LONGEST_RETRY_AFTER = timedelta(hours=10)
DISABLE_AFTER_FAILING = timedelta(days=5)


class Outcome(StrEnum):
    """What an endpoint's answer means for the message."""

    DELIVERED = "delivered"
    RETRY = "retry"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The meaning of one try: the outcome, and when the next try is due if there is one."""

    outcome: Outcome
    next_at: datetime | None


def next_try_at(attempts: int, now: datetime, spread: float) -> datetime | None:
    """When to try again after ``attempts`` failed tries; None when all tries are used up.

    ``spread`` in [-1, 1] moves the wait by up to 20 % so that retries don't march in step.
    """
    if attempts >= len(RETRY_WAITS):
        return None
    return now + RETRY_WAITS[attempts] * (1 + JITTER * spread)


def judge(*, status: int | None, headers: Mapping[str, str], attempts: int, now: datetime, spread: float) -> Verdict:
    """What to do after a try: 2xx delivered, 410 gone, everything else again later (429 and 503 by Retry-After)."""
    if status is not None and 200 <= status < 300:
        return Verdict(Outcome.DELIVERED, None)
    if status == 410:
        return Verdict(Outcome.GONE, None)
    due = next_try_at(attempts, now, spread)
    asked = whole_number(headers.get("retry-after"))
    if due is not None and status in (429, 503) and asked is not None:
        # Cut before it becomes a duration: whatever the other side asks for, the try is written down.
        due = max(due, now + timedelta(seconds=min(asked, LONGEST_RETRY_AFTER.total_seconds())))
    return Verdict(Outcome.RETRY, due)
