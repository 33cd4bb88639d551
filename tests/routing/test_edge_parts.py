"""Parts of the edge by themselves: the spool, the limit of misses, the kinds of clients, the stored snapshot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from routing.landing import neutral_page, style
from routing.slugs import MISSES_PER_MINUTE, MissLimit
from routing.snapshot import SCHEMA, SeatPlan, Snapshot, SnapshotUnreadable, from_json, to_json
from routing.spool import Spool
from routing.visitors import Kind, cookie_of, kind_of, new_cookie, visitor_id

GOLDEN = Path(__file__).with_name("snapshot-1.json")
FULL = Snapshot(
    code_id=17,
    version=4,
    roster=(SeatPlan(1, 101, 1, None, 1, None), SeatPlan(2, 102, 2, 30, 5, 1_800_000_000.0)),
    backups=(SeatPlan(3, 103, 1),),
    duty=SeatPlan(4, 104, 1),
    overflow=False,
    pending_seconds=900,
    sticky_seconds=3600,
)


def test_the_stored_snapshot_is_the_golden_file() -> None:
    assert to_json(FULL) == json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert from_json(GOLDEN.read_text(encoding="utf-8")) == FULL


@pytest.mark.parametrize("damage", [{"schema": SCHEMA + 1}, {"roster": None}, {"duty": [1]}])
def test_a_snapshot_that_can_not_be_read_says_so(damage: dict[str, Any]) -> None:
    data = to_json(FULL) | damage
    with pytest.raises((SnapshotUnreadable, ValueError)):
        from_json(data)


def row(number: int) -> dict[str, Any]:
    """A spooled scan."""
    return {"id": f"scan-{number}", "sub": "海报"}


def test_every_spooled_scan_comes_home_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    home: list[Any] = []
    spool.append(7, [row(1), row(2)])
    spool.append(8, [row(3)])
    assert spool.waiting == 3
    assert spool.replay(lambda tenant_id, rows: home.extend((tenant_id, one["id"]) for one in rows)) == 3
    assert sorted(home) == [(7, "scan-1"), (7, "scan-2"), (8, "scan-3")]
    assert spool.replay(lambda *_: pytest.fail("nothing is left")) == 0
    assert spool.waiting == 0


def test_a_replay_that_fails_loses_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    home: list[Any] = []
    spool.append(7, [row(1)])

    def refuse(*_: object) -> None:
        raise OSError("away")

    with pytest.raises(OSError, match="away"):
        spool.replay(refuse)
    assert spool.replay(lambda _, rows: home.extend(rows)) == 1
    assert home == [row(1)]


def test_a_living_processes_file_is_left_alone_and_a_line_cut_off_is_left_out(tmp_path: Path) -> None:
    living, other = Spool(tmp_path), Spool(tmp_path)
    living.append(7, [row(1)])
    assert other.replay(lambda *_: pytest.fail("it is not ours")) == 0
    (tmp_path / "scans-1-1-dead.jsonl").write_text('{"t": 7, "row": {"id": "whole"}}\n{"t": 7, "ro', encoding="utf-8")
    home: list[Any] = []
    assert other.replay(lambda _, rows: home.extend(rows)) == 1
    assert home == [{"id": "whole"}]


def test_an_address_is_over_its_limit_after_thirty_misses_a_minute_and_not_for_ever() -> None:
    seconds = [0.0]
    limit = MissLimit(lambda: seconds[0])
    for _ in range(MISSES_PER_MINUTE):
        limit.count("1.2.3.4")
    assert not limit.over("1.2.3.4")
    limit.count("1.2.3.4")
    assert limit.over("1.2.3.4")
    assert not limit.over("5.6.7.8")
    seconds[0] = 61.0
    assert not limit.over("1.2.3.4")


@pytest.mark.parametrize(
    ("method", "headers", "kind"),
    [
        ("GET", {"user-agent": "Mozilla/5.0 MicroMessenger/8.0"}, Kind.VISIT),
        ("GET", {"user-agent": "Mozilla/5.0 wxwork/4.1 MicroMessenger/7.0"}, Kind.VISIT),
        ("HEAD", {"user-agent": "Mozilla/5.0 MicroMessenger/8.0"}, Kind.HEAD),
        ("GET", {"user-agent": "MicroMessenger/8.0", "purpose": "prefetch"}, Kind.PREFETCH),
        ("GET", {"user-agent": "Mozilla/5.0 (Linux) BaiduBoxApp/13.0 Mobile"}, Kind.OUTSIDE),
        ("GET", {"user-agent": "AliApp(DingTalk/7.0)"}, Kind.OUTSIDE),
        ("GET", {"user-agent": "Mozilla/5.0 (compatible; bingbot/2.0)"}, Kind.CRAWLER),
        ("GET", {}, Kind.OUTSIDE),
    ],
)
def test_people_are_never_taken_for_robots(method: str, headers: dict[str, str], kind: Kind) -> None:
    assert kind_of(method, headers) is kind


def test_a_visitor_is_somebody_else_in_each_company_and_the_cookie_is_not_stored() -> None:
    cookie = new_cookie()
    assert cookie_of({"cookie": f"a=1; lv={cookie}; b=2"}) == cookie
    assert visitor_id(1, cookie) == visitor_id(1, cookie) != visitor_id(2, cookie)
    assert cookie not in visitor_id(1, cookie)
    assert cookie_of({"cookie": "lv=<script>"}) is None


@pytest.mark.parametrize("color", ["#1f6f63", "#f5c518", "#ffffff", "#000000", "red;}", ""])
def test_any_brand_colour_gives_a_readable_page_and_nothing_else_gets_into_the_style(color: str) -> None:
    assert "red;}" not in style(color)
    assert "--brand:#" in style(color)
    assert len(neutral_page().html) < 15 * 1024
