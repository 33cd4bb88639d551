"""WeCom is down while a code is made: nothing is lost, the page says so, and the code goes live by itself."""

from __future__ import annotations

import os

import pytest

from tests.story.console import Console
from tests.story.stack import Stack, until

pytestmark = pytest.mark.processes
ADD_WAY = "/cgi-bin/externalcontact/add_contact_way"


@pytest.mark.parametrize(("kind", "value"), [("errcode", -1), ("hang", 0)])
def test_a_code_made_while_wecom_is_down_stays_a_draft_and_goes_live_when_wecom_is_back(
    stack: Stack, ops: Console, kind: str, value: int
) -> None:
    fault = stack.fault(ADD_WAY, kind, value=value)
    code_id = ops.created(ops.create(f"停机{kind}{os.getpid()}", "林晓彤", "陈思远"))
    until(lambda: _ways(stack, code_id).get("failed"), what="a way that could not be made")
    assert ops.state_of(code_id) == "draft"
    page = ops.page(f"codes/{code_id}/")
    assert "正在自动重试" in page
    assert "草稿" in page
    # A scan meanwhile ends at the company's page, not at an error.
    assert stack.phone.get(ops.url_of(code_id), headers={"user-agent": "MicroMessenger/8.0"}).status_code == 200
    assert _reasons(stack, code_id) != {""}
    stack.sim("DELETE", f"/sim/faults/{fault}")
    until(lambda: ops.state_of(code_id) == "live", seconds=240, what="the sweeper brings the code live")
    until(lambda: set(_ways(stack, code_id)) == {"live"}, seconds=240, what="all ways are live")
    # Each way was made once, whatever happened to the answers.
    made = stack.rows(
        "SELECT count(*), count(DISTINCT w.config_id) FROM routing_contactway w JOIN routing_seat s ON s.id = w.seat_id"
        " WHERE s.code_id = %s",
        code_id,
    )
    assert made == [(6, 6)]


def _ways(stack: Stack, code_id: int) -> dict[str, int]:
    return dict(
        stack.rows(
            "SELECT w.status, count(*) FROM routing_contactway w JOIN routing_seat s ON s.id = w.seat_id"
            " WHERE s.code_id = %s GROUP BY 1",
            code_id,
        )
    )


def _reasons(stack: Stack, code_id: int) -> set[str]:
    sql = (
        "SELECT w.error FROM routing_contactway w JOIN routing_seat s ON s.id = w.seat_id"
        " WHERE s.code_id = %s AND w.status = 'failed'"
    )
    return {row[0] for row in stack.rows(sql, code_id)}
