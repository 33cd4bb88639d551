"""Rules of a company's hosts: names, verification files, and when a host is in trouble (product.md §1.12). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

# As WeChat (公众号, JS 接口安全域名) and WeCom (可信域名) name them.
FILE_NAME = re.compile(r"(?:MP|WW)_verify_[A-Za-z0-9]{4,40}\.txt")
FILE_BYTES = 1024
HOST_LENGTH = 120
FAILURES_TO_ALERT = 2
USUAL_SCANS = 20
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class HostInvalid(ValueError):
    """A text that is no host name; its message is for people."""


@dataclass(frozen=True, slots=True)
class Probed:
    """What follows from a probe: failures in a row, and whether people are told ``down``, ``up`` or nothing."""

    failures: int
    told: bool
    say: str = ""


def clean_host(text: str) -> str:
    """A host as it is stored: lower case, Chinese names in punycode; ``https://`` and a final ``/`` may be pasted.

    Raises HostInvalid.
    """
    host = text.strip().lower().removeprefix("https://").removeprefix("http://").rstrip("/").rstrip(".")
    if not host:
        return ""
    try:
        host = host.encode("idna").decode("ascii")
    except UnicodeError:
        raise HostInvalid("域名格式不正确，应为 scan.example.com 这样的域名") from None
    labels = host.split(".")
    if ":" in host or "/" in host:
        raise HostInvalid("只填写域名，不要带端口和路径")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise HostInvalid("域名格式不正确，应为 scan.example.com 这样的域名")
    if len(host) > HOST_LENGTH:
        raise HostInvalid(f"域名不能超过 {HOST_LENGTH} 个字符")
    return host


def file_problem(name: str, content: bytes) -> str:
    """Why a verification file can't be taken, in words for people; empty when it can."""
    if FILE_NAME.fullmatch(name) is None:
        return "文件名应为 MP_verify_… .txt 或 WW_verify_… .txt，请上传平台给出的原文件，不要改名"
    if not content.strip():
        return "文件是空的，请重新下载后上传"
    if len(content) > FILE_BYTES:
        return "文件超过 1 KB，不是校验文件"
    if not all(32 <= byte < 127 or byte in (9, 10, 13) for byte in content):
        return "文件内容应为纯文本，请上传平台给出的原文件"
    return ""


def after_probe(*, failures: int, told: bool, problem: str) -> Probed:
    """One failure may be chance: people are told of the second in a row, once, and of the recovery."""
    if not problem:
        return Probed(0, told=False, say="up" if told else "")
    failures += 1
    if told or failures < FAILURES_TO_ALERT:
        return Probed(failures, told)
    return Probed(failures, told=True, say="down")


def silent(*, now: int, usual: Iterable[int]) -> bool:
    """Whether no scan from WeChat arrives where many are usual.

    ``now``: scans of the last hour on all codes of the domain; ``usual``: those of the same hour of the last 7 days,
    days without a scan included.
    """
    counts: Sequence[int] = sorted(usual)
    return now == 0 and bool(counts) and median(counts) >= USUAL_SCANS


def after_count(*, told: bool, now: int, usual: Iterable[int]) -> Probed:
    """What follows from the scans of the last hour: told once, until scans arrive again."""
    if told:
        return Probed(0, told=now == 0, say="up" if now else "")
    quiet = silent(now=now, usual=usual)
    return Probed(0, told=quiet, say="down" if quiet else "")
