"""What a greeting says, how long it may wait, what a contact becomes (product.md §3.1, §2.12)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from reception.rules import (
    Change,
    ContactState,
    Standing,
    greeting,
    standing_after,
    welcome_deadline,
)

T0 = datetime(2026, 11, 22, 9, tzinfo=UTC)
NOTHING = Standing(None, None, 0)


def test_the_greeting_names_customer_colleague_and_channel() -> None:
    text = greeting(
        "您好，【客户昵称】，我是【客服姓名】，感谢通过【渠道】关注",
        nickname="小满",
        staff_name="林晓彤",
        channel="地铁广告",
    )
    assert text == "您好，小满，我是林晓彤，感谢通过地铁广告关注"


def test_without_a_nickname_no_gap_is_left() -> None:
    assert greeting("您好，【客户昵称】，我是林", nickname="", staff_name="", channel="") == "您好，我是林"


@given(st.text(max_size=3000))
def test_a_greeting_never_passes_wecoms_4000_bytes(text: str) -> None:
    assert len(greeting(text * 2, nickname="客", staff_name="", channel="").encode()) <= 4000


def test_the_window_counts_from_the_event_and_a_late_clock_does_not_lengthen_it() -> None:
    assert welcome_deadline(T0, T0 + timedelta(seconds=3)) == T0 + timedelta(seconds=18)
    assert welcome_deadline(T0 + timedelta(seconds=30), T0) == T0 + timedelta(seconds=18)


def test_a_contact_ends_the_same_in_all_24_orders_of_four_events() -> None:
    events = [
        (Change.HALF_ADDED, T0),
        (Change.ADDED, T0 + timedelta(seconds=1)),
        (Change.EDITED, T0 + timedelta(seconds=2)),
        (Change.LOST, T0 + timedelta(seconds=3)),
    ]
    ends = set()
    for order in permutations(events):
        standing = NOTHING
        for change, at in order:
            standing = standing_after(standing, change, at)
        ends.add(standing)
    assert ends == {Standing(ContactState.LOST, T0 + timedelta(seconds=3), 3)}


def test_within_one_second_a_friendship_begins_before_it_ends() -> None:
    added_last = standing_after(standing_after(NOTHING, Change.LOST, T0), Change.ADDED, T0)
    assert added_last.state is ContactState.LOST
