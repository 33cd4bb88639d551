"""A small ip2region file in the format that py-ip2region reads, so that a test can say where an address is."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Mapping

PLACES = {
    "203.0.113.0/25": "中国|上海市|上海市|电信|CN",
    "203.0.113.128/25": "中国|广东省|深圳市|联通|CN",
    "198.51.100.0/24": "美国|加利福尼亚|洛杉矶|0|US",
}
IN_SHANGHAI, IN_SHENZHEN, ABROAD = "203.0.113.7", "203.0.113.200", "198.51.100.1"
HEADER = 256
VECTOR = 256 * 256 * 8


def region_file(places: Mapping[str, str]) -> bytes:
    """The bytes of an xdb for IPv4: network (``/16`` or smaller) → the line that is known of it."""
    texts, rows = bytearray(), []
    for network, line in places.items():
        net = ipaddress.IPv4Network(network)
        text = line.encode()
        place = HEADER + VECTOR + len(texts)
        texts += text
        rows.append((int(net[0]), int(net[-1]), len(text), place))
    rows.sort()
    index, vector = bytearray(), bytearray(VECTOR)
    start = HEADER + VECTOR + len(texts)
    for low, high, length, place in rows:
        here = start + len(index)
        index += struct.pack("<IIHI", low, high, length, place)
        cell = (low >> 16) * 8
        first, _ = struct.unpack_from("<II", vector, cell)
        struct.pack_into("<II", vector, cell, first or here, here)
    end = start + len(index) - 14
    header = struct.pack("<HHIIIHH", 3, 1, 0, start, max(end, start), 4, 4).ljust(HEADER, b"\0")
    return bytes(header + vector + texts + index)
