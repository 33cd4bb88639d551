"""Where an address is, by the operator's file; nowhere without one (product.md §2.7)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from routing.rules.conditions import NOWHERE, Region
from routing.rules.regions import _region, _searcher, region_of, regions_known, short_name
from tests.routing.regionfile import ABROAD, IN_SHANGHAI, IN_SHENZHEN, PLACES, region_file


@pytest.fixture
def fresh() -> Iterator[None]:
    """What was looked up before is forgotten, before and after."""
    for _ in range(2):
        region_of.cache_clear()
        _searcher.cache_clear()
        if _ == 0:
            yield


def test_an_address_is_where_the_file_says(fresh: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ip.xdb"
    path.write_bytes(region_file(PLACES))
    monkeypatch.setenv("LIVECODE_IP2REGION_XDB", str(path))
    assert regions_known()
    assert region_of(IN_SHANGHAI) == Region("上海", "上海")
    assert region_of(IN_SHENZHEN) == Region("广东", "深圳")
    assert region_of(ABROAD) == NOWHERE
    assert region_of("192.0.2.1") == NOWHERE


def test_without_a_file_everybody_is_nowhere(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIVECODE_IP2REGION_XDB", raising=False)
    assert not regions_known()
    assert region_of("203.0.113.7") == NOWHERE
    assert region_of("2001:db8::1") == NOWHERE


@pytest.mark.parametrize("content", [None, b"", b"not an xdb"])
def test_a_file_that_can_not_be_read_stops_no_scan(
    fresh: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    path = tmp_path / "ip.xdb"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("LIVECODE_IP2REGION_XDB", str(path))
    assert region_of("203.0.113.7") == NOWHERE


@pytest.mark.parametrize("address", ["", "unknown", "999.1.1.1", "203.0.113.7, 10.0.0.1"])
def test_what_is_no_address_is_nowhere(fresh: None, address: str) -> None:
    assert region_of(address) == NOWHERE


@pytest.mark.parametrize(
    ("line", "region"),
    [
        ("中国|上海市|上海市|电信|CN", Region("上海", "上海")),
        ("中国|0|广东省|深圳市|电信", Region("广东", "深圳")),
        ("中国||广东省|深圳市|电信", Region("广东", "深圳")),
        ("中国|广西壮族自治区|南宁市|移动", Region("广西", "南宁")),
        ("中国|内蒙古自治区|0|移动|CN", Region("内蒙古", "")),
        ("中国|香港特别行政区|0|0|CN", Region("香港", "")),
        ("美国|加利福尼亚|洛杉矶|0|US", NOWHERE),
        ("0|0|内网IP|内网IP", NOWHERE),
        ("", NOWHERE),
    ],
)
def test_the_lines_of_older_and_newer_files_are_understood(line: str, region: Region) -> None:
    assert _region(line) == region


@pytest.mark.parametrize(("long", "short"), [("新疆维吾尔自治区", "新疆"), ("吉林省", "吉林"), ("北京", "北京")])
def test_places_are_named_as_people_do(long: str, short: str) -> None:
    assert short_name(long) == short
