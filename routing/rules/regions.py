"""Where an address is, by the operator's ip2region data (product.md §2.7); nowhere without it. No Django.

``LIVECODE_IP2REGION_XDB`` names the file, ``…_XDB_V6`` the one for IPv6. Its lines read ``国家|省|市|运营商|…``.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import threading
from functools import lru_cache
from pathlib import Path

from ip2region import searcher, util

from routing.rules.conditions import NOWHERE, Region

FILES_ENV = {4: "LIVECODE_IP2REGION_XDB", 6: "LIVECODE_IP2REGION_XDB_V6"}
_VERSIONS = {4: util.IPv4, 6: util.IPv6}
_lock = threading.Lock()
_log = logging.getLogger("livecode.routing")


def regions_known() -> bool:
    """Whether the operator provides a file, so that conditions by region can be offered."""
    return bool(os.environ.get(FILES_ENV[4]))


@lru_cache(maxsize=65_536)
def region_of(address: str) -> Region:
    """Province and city of an IP address, without 省 and 市 at their ends; NOWHERE when it is unknown or abroad."""
    try:
        version = ipaddress.ip_address(address).version
    except ValueError:
        return NOWHERE
    found = _searcher(version)
    if found is None:
        return NOWHERE
    try:
        with _lock:
            text = found.search(address)
    except Exception as error:  # a damaged file must not cost a scan
        _log.error("region_unreadable", extra={"reason": repr(error)})
        return NOWHERE
    return _region(text or "")


def short_name(place: str) -> str:
    """A province or city as conditions name it: 上海市 → 上海, 广西壮族自治区 → 广西."""
    for ending in ("壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "特别行政区", "省", "市"):
        if place.endswith(ending) and len(place) > len(ending) + 1:
            return place[: -len(ending)]
    return place


def _region(text: str) -> Region:
    parts = [part if part != "0" else "" for part in text.split("|")]
    if len(parts) < 3 or parts[0] != "中国":
        return NOWHERE
    # Five fields in the older data: country, area, province, city, carrier; four and more in the newer: no area.
    province, city = (parts[2], parts[3]) if len(parts) == 5 and parts[1] in ("", "0") else (parts[1], parts[2])
    return Region(short_name(province), short_name(city))


@lru_cache(maxsize=2)
def _searcher(version: int) -> searcher.Searcher | None:
    path = os.environ.get(FILES_ENV[version], "")
    if not path:
        return None
    try:
        return searcher.new_with_buffer(_VERSIONS[version], Path(path).read_bytes())
    except Exception as error:
        _log.error("region_file_unreadable", extra={"file": Path(path).name, "reason": repr(error)})
        return None
