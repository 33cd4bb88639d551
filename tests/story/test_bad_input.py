"""What people get wrong, over HTTP at the real processes: friendly pages, errors beside the field, refusals."""

from __future__ import annotations

import os
import re

import pytest

from tests.story.console import Console, sign_in
from tests.story.stack import Stack, until

pytestmark = pytest.mark.processes
WECHAT = {"user-agent": "Mozilla/5.0 (iPhone) MicroMessenger/8.0.55 Language/zh_CN"}
FOUR_MONTHS = 125 * 86_400


def landing(stack: Stack, url: str) -> str:
    """The page of a scan; fails unless it is a full page without a contact's QR."""
    reply = stack.phone.get(url, headers=WECHAT)
    assert reply.status_code == 200
    assert reply.text.lstrip().lower().startswith("<!doctype html")
    assert "<img" not in reply.text
    return reply.text


def ended(stack: Stack, code_id: int) -> tuple[str, str]:
    """How the last scan of a code ended, and why."""
    sql = "SELECT outcome, reason FROM routing_scan WHERE code_id = %s ORDER BY id DESC LIMIT 1"
    ((outcome, reason),) = stack.rows(sql, code_id)
    return str(outcome), str(reason)


def test_an_unknown_slug_is_a_neutral_page(stack: Stack) -> None:
    reply = stack.phone.get(f"{stack.place.url('edge')}/c/zzzzzzzzzz", headers=WECHAT)
    assert reply.status_code == 404
    assert "没有找到这个二维码" in reply.text


def test_a_code_past_its_renewal_is_a_friendly_page_and_recorded(stack: Stack, ops: Console) -> None:
    code_id, url = ops.live_code(f"将过期{os.getpid()}", "林晓彤")
    file = stack.place.data_dir / "clock-offset"
    file.write_text(str(FOUR_MONTHS), encoding="ascii")
    try:
        until(lambda: "<img" not in stack.phone.get(url, headers=WECHAT).text, what="four months have passed")
        assert stack.tenant["name"] in landing(stack, url)
        assert ended(stack, code_id) == ("fallback", "expired")
    finally:
        file.write_text("0", encoding="ascii")


@pytest.mark.parametrize(("do", "reason"), [("pause", "paused"), ("retire", "retired")])
def test_a_paused_or_retired_code_is_a_friendly_page_and_recorded(
    stack: Stack, ops: Console, do: str, reason: str
) -> None:
    code_id, url = ops.live_code(f"{do}{os.getpid()}", "林晓彤")
    director = sign_in(stack, "owner")
    director.batch(do, code_id)
    assert stack.tenant["name"] in landing(stack, url)
    assert ended(stack, code_id) == ("fallback", reason)


def test_without_a_roster_a_code_is_not_made_and_the_page_says_why(ops: Console) -> None:
    name = f"无人{os.getpid()}"
    answer = ops.create(name)
    assert answer.status_code == 200
    assert "请在接待名单中至少选择一位客服" in answer.text
    assert ops.stack.rows("SELECT count(*) FROM codes_livecode WHERE name = %s", name) == [(0,)]


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("name", "长" * 31, "名称最多 30 个字"),
        ("purpose_text", "", "请填写用途"),
        ("ends_on", "2026-13-77", "日期格式应为"),
        ("channel_name", "", "请填写渠道"),
    ],
)
def test_wrong_input_has_its_error_beside_the_field(ops: Console, field: str, value: str, error: str) -> None:
    answer = ops.create(f"错误{os.getpid()}", "林晓彤", validity="date", **{field: value})
    assert answer.status_code == 200
    beside = re.search(rf'id="id_{field}_error"[^>]*>(.*?)</div>', answer.text, re.DOTALL)
    assert beside is not None, answer.text
    assert error in beside.group(1)
