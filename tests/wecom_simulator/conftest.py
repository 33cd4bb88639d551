"""One simulator for all tests here; each test makes its own corp."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.wecom_simulator import console as consoles
from wecom_simulator.testing import RunningSimulator, running_simulator


@dataclass
class CorpInUse:
    """A corp of one test, with a token: `api` calls WeCom's API as that corp."""

    sim: RunningSimulator
    corp_id: str
    secret: str
    token: str

    def api(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """GET without a body, POST with one; `path` below /cgi-bin/."""
        return self.sim.api(self.token, f"/cgi-bin/{path}", body)

    def way(self, **fields: Any) -> Any:
        """A contact way of one employee."""
        return self.api("externalcontact/add_contact_way", {"type": 1, "scene": 2, "user": ["linxt"], **fields})

    def customer(self) -> str:
        """A new customer's id."""
        return str(self.sim.post("/sim/customers")["person_id"])

    def friend(self, state: str = "s1") -> tuple[str, Any]:
        """A customer who came by a contact way: person id and the relation."""
        person = self.customer()
        config_id = self.way(state=state)["config_id"]
        return person, self.sim.post(f"/sim/customers/{person}/add", {"text": self.qr_text(config_id)})

    def qr_text(self, config_id: str) -> str:
        """What the QR of a way carries."""
        ways = self.sim.get(f"/sim/corps/{self.corp_id}/records/ways")["ways"]
        vcode = next(way["vcode"] for way in ways if way["config_id"] == config_id)
        return f"https://work.weixin.qq.com/u/{vcode}"

    def events(self, change_type: str = "") -> list[dict[str, Any]]:
        """The corp's callbacks, newest first."""
        query = {"change_type": change_type} if change_type else {}
        found: list[dict[str, Any]] = self.sim.get(f"/sim/corps/{self.corp_id}/events", **query)["events"]
        return found

    def set(self, **settings: Any) -> None:
        """Change the corp's settings, departments or members."""
        self.sim.post("/sim/corps", {"corp_id": self.corp_id, **settings})


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    """One process for all tests here."""
    hosts = "127.0.0.1,localhost"
    with running_simulator(tmp_path_factory.mktemp("simulator"), SIMULATOR_CONSOLE_HOSTS=hosts) as running:
        yield running


@pytest.fixture
def corp(simulator: RunningSimulator) -> CorpInUse:
    """A corp with two departments and five members of every condition."""
    corp_id, secret = f"ww{secrets.token_hex(8)}", secrets.token_hex(16)
    members = [
        {"userid": "linxt", "name": "林晓彤", "department": [2], "position": "课程顾问"},
        {"userid": "chensy", "name": "陈思远", "department": [2]},
        {"userid": "NoContact", "name": "周雨桐", "customer_contact": False},
        {"userid": "asleep", "name": "吴梓涵", "status": 4},
        {"userid": "hidden", "name": "何嘉怡", "in_scope": False},
    ]
    departments = [{"id": 2, "name": "课程顾问一组"}, {"id": 3, "name": "二组", "parentid": 2}]
    body = {"corp_id": corp_id, "name": "知行教育", "secret": secret, "departments": departments, "members": members}
    simulator.post("/sim/corps", body)
    return CorpInUse(simulator, corp_id, secret, simulator.token(corp_id, secret))


@pytest.fixture
def console(corp: CorpInUse) -> Iterator[consoles.Console]:
    """A console that the corp's callbacks go to."""
    console = consoles.Console()
    server = consoles.start(console)
    corp.set(callback_url=f"{console.url}/callback", token=consoles.TOKEN, aes_key=consoles.AES_KEY)
    yield console
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def samples() -> Path:
    """WeCom's documented payloads."""
    return Path(__file__).parent.parent / "wecom" / "samples"
