"""Search keys of Chinese names: full pinyin and initials, lower case, letters and digits alone (ui.md: pickers)."""

from __future__ import annotations

from typing import NamedTuple

from pypinyin import Style, lazy_pinyin


class PinyinKeys(NamedTuple):
    """``full`` of 王小明 is ``wangxiaoming``, ``initials`` is ``wxm``."""

    full: str
    initials: str


def _letters(text: str) -> str:
    return "".join(char for char in text.lower() if char.isascii() and char.isalnum())


def pinyin_keys(name: str) -> PinyinKeys:
    """The keys of a name; what has no pinyin (Latin letters, digits) stays as it is, signs are dropped.

    Initials of Latin words are kept whole: 双11大促 gives ``s11dc``, VIP会员 gives ``viphy``.
    """
    return PinyinKeys(
        full=_letters("".join(lazy_pinyin(name, style=Style.NORMAL))),
        initials=_letters("".join(lazy_pinyin(name, style=Style.FIRST_LETTER))),
    )
