"""Names and faces for people who do not exist."""

from __future__ import annotations

import hashlib
from html import escape

NICKNAMES = (
    "小满妈妈", "阿泽", "北岸", "一颗柠檬", "陈大山", "木木三", "橙子味的夏天", "Echo", "老周", "晚风",
    "糖糖爸爸", "江上渔火", "栗子", "Vivian 林", "慢慢来", "大橘为重", "小宇宙", "麦田", "王小胖", "念念",
    "青石巷", "Leo", "豆豆妈", "清茶一盏", "南方有嘉木", "阿宝", "山野", "宋先生", "夏至未至", "Momo",
    "果果妈咪", "行者", "半夏", "李工", "鹿鸣", "草莓汽水", "老赵修车", "一叶舟", "安安", "Kevin 张",
    "向日葵", "海盐", "若水", "胡同串子", "小雨点", "白桦", "团团圆圆", "何必", "云深不知处", "许愿瓶",
)  # fmt: skip
CITIES = (
    ("上海", "101.80.12.6"),
    ("广州", "113.65.30.21"),
    ("北京", "123.117.40.8"),
    ("成都", "118.113.7.55"),
    ("杭州", "115.192.66.9"),
    ("武汉", "111.172.20.3"),
    ("西安", "113.132.9.70"),
    ("沈阳", "113.225.14.2"),
)
COLOURS = ("#4a7ab5", "#5b8a72", "#a3763f", "#8a6aa3", "#b0625c", "#4f8b94", "#7b7f45", "#6b7482")


def colour_of(key: str) -> str:
    """One of a few calm colours, always the same for the same key."""
    return COLOURS[hashlib.sha256(key.encode()).digest()[0] % len(COLOURS)]


def svg(name: str, colour: str) -> bytes:
    """A square with the first character of a name."""
    letter = escape(name[:1] or "客")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96" viewBox="0 0 96 96">'
        f'<rect width="96" height="96" fill="{colour}"/><text x="48" y="62" text-anchor="middle" fill="#fff" '
        "font-size=\"40\" font-family=\"'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif\">"
        f"{letter}</text></svg>"
    ).encode()
