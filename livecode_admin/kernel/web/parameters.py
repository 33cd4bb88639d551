"""Numbers in addresses and forms: whatever somebody typed, it is a number that the database knows or none at all."""

from __future__ import annotations

from collections.abc import Iterable

# PostgreSQL's bigint has 19 digits; one less can't overflow it.
MOST_DIGITS = 18


def whole_number(text: str | None) -> int | None:
    """The number that ``text`` writes in ASCII digits alone; None for anything else, and for more than 18 digits."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > MOST_DIGITS:
        return None
    return int(text)


def whole_numbers(texts: Iterable[str]) -> list[int]:
    """The numbers among ``texts``, in their order."""
    return [number for number in map(whole_number, texts) if number is not None]
