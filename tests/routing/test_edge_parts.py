"""Parts of the edge by themselves: the spool, the limit of misses, the kinds of clients."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from routing.edge.landing import neutral_page, style
from routing.edge.slugs import MISSES_PER_MINUTE, MissLimit
from routing.edge.spool import Spool
from routing.edge.visitors import Kind, cookie_of, kind_of, new_cookie, visitor_id


def row(number: int) -> dict[str, Any]:
    """A spooled scan."""
    return {"id": f"scan-{number}", "sub": "海报"}


def test_every_spooled_scan_comes_home_once_tenant_by_tenant(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    home: list[Any] = []
    spool.append_all([(7, [row(1), row(2)]), (8, [row(3)])])
    assert (spool.waiting, spool.tenants()) == (3, [7, 8])
    keep = partial(_keep, home)
    assert spool.bring_home(8, keep) == 1
    spool.append(7, [row(4)])
    assert spool.bring_home(7, keep) == 3
    assert home == [(8, "scan-3"), (7, "scan-1"), (7, "scan-2"), (7, "scan-4")]
    assert spool.bring_home(7, lambda *_: pytest.fail("nothing is left")) == 0
    assert spool.waiting == 0
    assert not list(tmp_path.glob("scans-*"))


def test_what_can_not_be_written_yet_is_kept_and_holds_up_nobody_else(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    home: list[Any] = []
    spool.append_all([(7, [row(1)]), (8, [row(2)])])

    def refuse(*_: object) -> None:
        raise OSError("away")

    with pytest.raises(OSError, match="away"):
        spool.bring_home(7, refuse)
    assert spool.bring_home(8, partial(_keep, home)) == 1
    assert spool.tenants() == [7]
    assert spool.bring_home(7, partial(_keep, home)) == 1
    assert home == [(8, "scan-2"), (7, "scan-1")]


def test_a_living_processes_scans_are_left_alone_and_a_dead_ones_are_taken_over(tmp_path: Path) -> None:
    living, other = Spool(tmp_path), Spool(tmp_path)
    living.append(7, [row(1)])
    assert other.adopt() == []
    (cut_off,) = tmp_path.glob("scans-*")
    with cut_off.open("a", encoding="utf-8") as file:
        file.write('{"t": 7, "ro')
    living.close()
    assert other.adopt() == [7]
    home: list[Any] = []
    assert other.bring_home(7, partial(_keep, home)) == 1
    assert home == [(7, "scan-1")]
    assert other.adopt() == []


def test_a_long_outage_is_spooled_in_files_that_fit_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("routing.edge.spool.FILE_BYTES", 200)
    spool = Spool(tmp_path)
    for number in range(20):
        spool.append(7, [row(number)])
    assert len(list(tmp_path.glob("scans-*"))) > 3
    home: list[Any] = []
    assert spool.bring_home(7, partial(_keep, home)) == 20
    assert [name for _, name in home] == [f"scan-{number}" for number in range(20)]


def test_a_spool_that_somebody_emptied_is_not_waited_for(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(7, [row(1), row(2)])
    (file,) = tmp_path.glob("scans-*")
    os.truncate(file, 0)
    assert spool.bring_home(7, lambda *_: pytest.fail("nothing is left")) == 0
    assert spool.waiting == 0


def _keep(home: list[Any], tenant_id: int, rows: Sequence[dict[str, Any]]) -> None:
    home += [(tenant_id, one["id"]) for one in rows]


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
