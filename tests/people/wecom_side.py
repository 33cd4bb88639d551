"""The other side for tests of people and tagging: one simulator process, and a corp for each test."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from livecode_admin.kernel import clock, http
from tenants.context import tenant_context
from tests.factories import TenantFixture
from wecom_simulator.testing import RunningSimulator, running_simulator

DEPARTMENTS = [{"id": 2, "name": "课程顾问部"}, {"id": 3, "name": "顾问一组", "parentid": 2}]
MEMBERS = [
    {"userid": "linxt", "name": "林晓彤", "department": [3], "position": "课程顾问"},
    {"userid": "chensy", "name": "陈思远", "department": [2, 3]},
    {"userid": "zhouyt", "name": "周雨桐", "customer_contact": False},
    {"userid": "wuzh", "name": "吴梓涵", "status": 4},
    {"userid": "qianfr", "name": "钱芳如", "status": 2},
    {"userid": "hejy", "name": "何嘉怡", "in_scope": False},
]


@dataclass
class Corp:
    """A corp at the simulator."""

    sim: RunningSimulator
    corp_id: str
    secret: str

    def fault(self, path: str, kind: str = "errcode", **more: Any) -> None:
        """Let calls of this corp under ``path`` (a glob below /cgi-bin/) suffer."""
        self.sim.post("/sim/faults", {"path": f"/cgi-bin/{path}", "kind": kind, "corp": self.corp_id, **more})

    def records(self, section: str) -> list[dict[str, Any]]:
        """All of a section, e.g. ``tags``."""
        found: list[dict[str, Any]] = self.sim.get(f"/sim/corps/{self.corp_id}/records/{section}")[section]
        return found

    def friend(self, userid: str) -> str:
        """A new customer who has added this member; returns the external user id."""
        person = self.sim.post("/sim/customers")["person_id"]
        added = self.sim.post(f"/sim/customers/{person}/add", {"corp_id": self.corp_id, "userid": userid})
        return str(added["external_userid"])

    def tags_of(self, external_userid: str) -> set[str]:
        """The names of the tags that the customer wears in WeCom."""
        names = {tag["id"]: tag["name"] for tag in self.records("tags")}
        follow = next(one for one in self.records("follows") if one["external_userid"] == external_userid)
        return {names[tag] for tag in follow["tags"]}


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    """One process for all tests of a folder."""
    with running_simulator(tmp_path_factory.mktemp("simulator")) as running:
        yield running


@pytest.fixture
def corp(simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch) -> Corp:
    """A corp with people of every condition."""
    monkeypatch.setenv(http.ALLOW_VARIABLE, f"127.0.0.1:{simulator.port}")
    made = Corp(simulator, f"ww{secrets.token_hex(8)}", secrets.token_hex(16))
    body = {"corp_id": made.corp_id, "secret": made.secret, "name": "知行教育"}
    simulator.post("/sim/corps", {**body, "departments": DEPARTMENTS, "members": MEMBERS})
    return made


@pytest.fixture
def connected(tenant: TenantFixture, corp: Corp) -> TenantFixture:
    """The tenant, connected to the corp."""
    from tenants.services import wecom_connect

    with tenant_context(tenant.id):
        wecom_connect(
            tenant_id=tenant.id,
            corp_id=corp.corp_id,
            agent_id="1000002",
            secret=corp.secret,
            callback_token="token",
            aes_key="A" * 43,
            base_url=corp.sim.url,
            now=clock.now(),
        )
    return tenant
