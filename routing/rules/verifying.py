"""免验证: the effective value at a moment. Pure (product.md §1.10)."""

from __future__ import annotations

from routing.rules.hours import Hours, LocalTime, is_open


def skip_verify_at(skip_verify: bool, verify_hours: Hours | None, at: LocalTime) -> bool:
    """Whether customers become friends at once at ``at``: 免验证 is on, and no window says 需验证."""
    return skip_verify and (verify_hours is None or not is_open(verify_hours, at))
