"""A real page of the edge, kept for the servers that it is compared with, so that all send the same bytes."""

from __future__ import annotations

import json
from base64 import b64encode
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

from livecode_admin.devstack.benches.scan_load import WECHAT
from livecode_admin.devstack.problems import DevstackProblem

OF_THE_SERVER = {"server", "date", "connection"}


def keep_answer(file: Path, port: int, path: str) -> None:
    """Scan once and keep body and headers. Raises DevstackProblem when the page shows no person."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as link:
        link.request("GET", path, headers={"User-Agent": WECHAT})
        answer = link.getresponse()
        body = answer.read()
    if answer.status != 200 or b'class="qr"' not in body:
        raise DevstackProblem(f"the edge answered {answer.status} without a person's QR: nothing to compare with")
    headers = [[name.lower(), value] for name, value in answer.getheaders() if name.lower() not in OF_THE_SERVER]
    file.write_text(json.dumps({"headers": headers, "body": b64encode(body).decode()}), encoding="ascii")
