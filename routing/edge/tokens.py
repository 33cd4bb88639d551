"""What our own links say and nobody else can: 测试扫码 for ten minutes, and 换一位 twice in a row at most. No Django.

Signed with the key that the visitors' cookies are hashed with, so that console and edge agree without a table.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from uuid import UUID

from routing.edge.visitors import signature

TEST_SECONDS = 600
SWAPS_IN_A_ROW = 2
_TEST = re.compile(r"(\d{1,12})-([0-9a-f]{24})")
_SWAP = re.compile(r"(\d{1,18}(?:\.\d{1,18})*)-([0-9a-f]{32})-([0-9a-f]{24})")


@dataclass(frozen=True, slots=True)
class Swap:
    """换一位: it gives back the slot of ``scan_id``, and of no other scan.

    ``refused``: the seats of all whom the visitor has asked to change in a row, this one last; none of them comes back.
    """

    scan_id: str
    refused: tuple[int, ...]


def trial_token(slug: str, moment: float) -> str:
    """What opens the page of now as a test, until ten minutes after ``moment`` (seconds since the epoch)."""
    until = int(moment) + TEST_SECONDS
    return f"{until}-{_test_sign(slug, until)}"


def trial_allowed(slug: str, token: str, moment: float) -> bool:
    """Whether the token is ours, for this code, and still good."""
    found = _TEST.fullmatch(token)
    if found is None or int(found[1]) <= moment:
        return False
    return hmac.compare_digest(found[2], _test_sign(slug, int(found[1])))


def swap_token(slug: str, visitor: str, swap: Swap) -> str:
    """What asks for somebody else, for this visitor on this code alone."""
    return f"{_seats(swap)}-{swap.scan_id.replace('-', '')}-{_swap_sign(slug, visitor, swap)}"


def swap_read(slug: str, visitor: str, token: str) -> Swap | None:
    """What the visitor asks for, or None when it isn't ours to them or they have had two."""
    found = _SWAP.fullmatch(token)
    if found is None:
        return None
    swap = Swap(str(UUID(hex=found[2])), tuple(map(int, found[1].split("."))))
    if len(swap.refused) > SWAPS_IN_A_ROW:
        return None
    return swap if hmac.compare_digest(found[3], _swap_sign(slug, visitor, swap)) else None


def _test_sign(slug: str, until: int) -> str:
    return signature(f"test|{slug}|{until}")


def _swap_sign(slug: str, visitor: str, swap: Swap) -> str:
    return signature(f"swap|{slug}|{visitor}|{_seats(swap)}|{swap.scan_id}")


def _seats(swap: Swap) -> str:
    return ".".join(map(str, swap.refused))
