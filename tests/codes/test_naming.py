"""The proposed name (product.md §1.3)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codes.naming import abbreviation, numbered_name, propose_name
from people.pinyin_keys import pinyin_keys

DAY = date(2026, 11, 22)


def test_the_specifications_example() -> None:
    assert propose_name(day=DAY, purpose_text="地铁广告", channel="地铁广告") == "20261122-DTGG-地铁广告"


def test_without_a_channel_two_parts_remain() -> None:
    assert propose_name(day=DAY, purpose_text="售后服务", channel=" ") == "20261122-SHFW"


def test_a_channels_own_hyphen_makes_no_fourth_part() -> None:
    assert propose_name(day=DAY, purpose_text="周年庆", channel="直播间 - A") == "20261122-ZNQ-直播间A"


@pytest.mark.parametrize(
    ("purpose", "short"),
    [("双11大促", "S11DC"), ("VIP会员", "VIPHY"), ("一二三四五六七八九十", "YESSWLQB"), ("!?", "HM"), ("重庆", "CQ")],
)
def test_abbreviation(purpose: str, short: str) -> None:
    assert abbreviation(purpose) == short


@given(purpose=st.text(max_size=40), channel=st.text(max_size=40))
def test_never_over_30_characters_and_always_datable(purpose: str, channel: str) -> None:
    name = propose_name(day=DAY, purpose_text=purpose, channel=channel)
    assert len(name) <= 30
    day, short, *rest = name.split("-")
    assert day == "20261122"
    assert 1 <= len(short) <= 8
    assert len("-".join(rest)) <= 12


@given(name=st.text(min_size=1, max_size=30), number=st.integers(2, 9999))
def test_a_number_at_the_end_keeps_the_length(name: str, number: int) -> None:
    numbered = numbered_name(name, number)
    assert len(numbered) <= 30
    assert numbered.endswith(f"-{number}")


def test_names_are_found_by_pinyin_and_initials() -> None:
    assert pinyin_keys("王小明") == ("wangxiaoming", "wxm")
    assert pinyin_keys("Ada 李") == ("adali", "adal")
