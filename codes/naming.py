"""The proposed name of a code: ``YYYYMMDD-用途缩写-渠道`` (product.md §1.3)."""

from __future__ import annotations

from datetime import date

from people.pinyin_keys import pinyin_keys

ABBREVIATION_LENGTH = 8
CHANNEL_LENGTH = 12
NAME_LENGTH = 30
SEPARATOR = "-"
# For a purpose without a single letter, digit or character that has a pinyin.
FALLBACK_ABBREVIATION = "HM"


def abbreviation(purpose_text: str) -> str:
    """The purpose's pinyin initials in capitals, at most 8: 地铁广告 gives DTGG. Never empty."""
    return pinyin_keys(purpose_text).initials.upper()[:ABBREVIATION_LENGTH] or FALLBACK_ABBREVIATION


def channel_part(channel: str) -> str:
    """The channel as a part of the name: no spaces, no separator inside, at most 12 characters."""
    return "".join(char for char in channel if not char.isspace() and char != SEPARATOR)[:CHANNEL_LENGTH]


def propose_name(*, day: date, purpose_text: str, channel: str) -> str:
    """``20261122-DTGG-地铁广告``; without a channel only the first two parts. At most 30 characters."""
    parts = [f"{day:%Y%m%d}", abbreviation(purpose_text), channel_part(channel)]
    return SEPARATOR.join(part for part in parts if part)


def numbered_name(name: str, number: int) -> str:
    """``name`` with ``-number`` at its end, cut so that the whole stays within 30 characters."""
    suffix = f"{SEPARATOR}{number}"
    return name[: NAME_LENGTH - len(suffix)] + suffix
