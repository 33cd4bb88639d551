"""The demo's side of the simulator: corps, employees, and friendships of the past, over its own HTTP."""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.request import Request, urlopen

from livecode_admin.devstack.demo_data.cast import Company


def call(path: str, body: dict[str, Any]) -> dict[str, Any]:
    """POST to the simulator. Plain urllib: the demo stands outside of the product and its one HTTP door."""
    url = os.environ["LIVECODE_SIMULATOR_URL"] + path
    request = Request(url, json.dumps(body).encode(), {"content-type": "application/json"})  # noqa: S310
    with urlopen(request, timeout=30) as answer:  # noqa: S310
        found: dict[str, Any] = json.loads(answer.read())
    return found


def corp_make(company: Company, *, secret: str, callback_url: str, token: str, aes_key: str) -> None:
    """Make or refresh the company's corp with its departments and employees."""
    departments = [{"id": 1, "name": company.name, "parentid": 0}]
    departments += [{"id": key, "name": name, "parentid": parent} for key, name, parent in company.departments]
    members = [
        {
            "userid": one.userid,
            "name": one.name,
            "department": [one.department],
            "position": one.position,
            "customer_contact": one.follows,
            "status": one.status,
        }
        for one in company.staff
    ]
    call(
        "/sim/corps",
        {
            "corp_id": company.corp_id,
            "name": company.name,
            "secret": secret,
            "callback_url": callback_url,
            "token": token,
            "aes_key": aes_key,
            "departments": departments,
            "members": members,
        },
    )
