"""Codes that fall back to other codes: where a chain leads, and whether it may be kept (product.md §1.5). Pure."""

from __future__ import annotations

from collections.abc import Mapping

from routing.rules.snapshot import FALLBACK_HOPS

CIRCLE = "circle"
TOO_LONG = "too_long"


def chain_of(start: int, own: Mapping[int, int | None], default: int | None) -> list[int]:
    """The codes that a scan of ``start`` goes on to, one after the other; ends where a chain closes.

    ``own``: codes that name a fallback of their own, None for one that is no code (page, duty person). All others have
    the company's ``default``, which itself goes nowhere unless it says so.
    """
    found: list[int] = []
    code: int | None = start
    while code is not None:
        following = own.get(code, default if code != default else None)
        if following is not None and (following == start or following in found):
            return [*found, following]
        if following is not None:
            found.append(following)
        code = following
    return found


def chain_problem(own: Mapping[int, int | None], default: int | None) -> tuple[str, list[int]] | None:
    """The first chain that goes in a circle or over more than 3 codes, with what is wrong; None when all are well.

    A code that has the company's default stands for all of those (id 0).
    """
    for start in (*own, *([0] if default is not None else [])):
        chain = chain_of(start, own, default)
        if len(set(chain)) < len(chain) or start in chain:
            return CIRCLE, [start, *chain]
        if len(chain) > FALLBACK_HOPS:
            return TOO_LONG, [start, *chain]
    return None
