"""占比 in the roster editor says what the strategy will really do, and who gets nobody is told so beside the name."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from livecode_admin.kernel import clock
from routing.views.roster_shares import Part, shares, whole_percent
from tests.factories import TenantFixture, client_for
from tests.routing.rulestage import changed
from tests.routing.ruling import seats
from tests.routing.stage import StageCode, live_code
from tests.routing.test_editor import form_of, page_of

NO = "—"


def shown(code: StageCode) -> list[str]:
    """The shares as the page says them, in order."""
    html = client_for(code.tenant.owner).get(page_of(code)).content.decode()
    return [text for text in re.findall(r"data-share>([^<]*)<", html) if text]


@pytest.mark.parametrize(
    ("parts", "percent"),
    [([1, 1, 1], [34, 33, 33]), ([1, 1, 94], [1, 1, 98]), ([1] * 7, [15, 15, 14, 14, 14, 14, 14]), ([0, 2], [0, 100]),
     ([0, 0], []), ([], [])],
)  # fmt: skip
def test_shares_add_up_to_a_hundred_the_largest_remainder_first(parts: list[int], percent: list[int]) -> None:
    assert whole_percent(parts) == percent
    assert sum(percent) in (0, 100)


def test_who_cannot_receive_has_no_share() -> None:
    people = [Part(1, 5, able=True), Part(2, 90, able=False), Part(3, 5, able=True)]
    assert shares(people, "in_turn") == {1: 50, 3: 50}
    assert shares(people, "weighted") == {1: 50, 3: 50}
    assert shares(people, "least_loaded") == {}


def test_in_turn_all_who_can_receive_get_the_same_whatever_their_weights(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=5, backups=1)
    until = clock.now() + timedelta(days=3)
    seats(code, backups=1, p0={"weight": 1}, p2={"weight": 94}, p1={"paused_until": until}, p3={"daily_cap": 0})
    assert shown(code) == ["34%", NO, "33%", NO, "33%", NO]
    changed(code, strategy="weighted")
    assert shown(code) == ["1%", NO, "98%", NO, "1%", NO]
    changed(code, strategy="least_loaded")
    assert shown(code) == [NO] * 6


@pytest.mark.parametrize(
    ("field", "strategy", "text"),
    [
        ("seat_cap_", "in_turn", "席位上限为 0，不会接到客户"),
        ("cap_", "in_turn", "每日上限为 0，不会接到客户"),
        ("weight_", "weighted", "权重为 0，不会接到客户"),
        ("weight_", "in_turn", ""),
    ],
)
def test_a_zero_that_leaves_somebody_without_customers_is_told(
    tenant: TenantFixture, field: str, strategy: str, text: str
) -> None:
    code = live_code(tenant, roster=2, cap=30)
    if strategy != "in_turn":
        changed(code, strategy=strategy)
    client = client_for(tenant.owner)
    html = client.get(page_of(code)).content.decode()
    sent: dict[str, Any] = form_of(html, code, **{f"{field}{code.staff[0]}": "0"})
    saved = client.post(page_of(code), sent, follow=True).content.decode()
    assert "接待名单已保存" in saved
    page = client.get(page_of(code)).content.decode()
    if text:
        assert f"林晓彤的{text}" in saved
        assert f"data-nobody>{text}</p>" in page
    else:
        assert "不会接到客户" not in saved + page
