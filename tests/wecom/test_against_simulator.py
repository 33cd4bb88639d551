"""Our side of the protocol against an independent other side, over real HTTP: the two share no code."""

from __future__ import annotations

import functools
import queue
import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from redis import Redis

from livecode_admin.kernel import http
from livecode_admin.kernel.keys import tenant_key
from tests.wecom.server import Seen, serving
from wecom import events
from wecom.client import Client, fetch_image
from wecom.client.tags import NewTag
from wecom.crypto import Callback, CryptoError
from wecom.errors import Action, CircuitOpen, WecomError
from wecom.redis_store import RedisLimiter, RedisTokenStore
from wecom_simulator.forgery import MODES
from wecom_simulator.testing import RunningSimulator, running_simulator

AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
MEMBERS = [
    {"userid": "linxt", "name": "林晓彤", "department": [2]},
    {"userid": "chensy", "name": "陈思远", "department": [2]},
    {"userid": "zhouyt", "name": "周雨桐", "customer_contact": False},
]


@dataclass
class Corp:
    """A simulated corp, our client of it, and what its callbacks brought: an event, or the refusal."""

    sim: RunningSimulator
    corp_id: str
    client: Client
    callback: Callback
    received: queue.Queue[Any] = field(default_factory=queue.Queue)

    def receive(self, seen: Seen, raw: Any) -> tuple[int, bytes]:
        """Our callback URL in miniature."""
        given = {name: seen.query.get(name, "") for name in ("msg_signature", "timestamp", "nonce")}
        if seen.method == "GET":
            return 200, self.callback.echo(**given, echostr=seen.query["echostr"])
        try:
            envelope = events.parse_envelope(seen.body)
            self.received.put(events.parse_event(self.callback.open(**given, encrypted=envelope.encrypted)))
        except (CryptoError, events.EventError) as error:
            self.received.put(error)
            return 400, b""
        return 200, b""

    def next(self) -> Any:
        return self.received.get(timeout=10)


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with running_simulator(tmp_path_factory.mktemp("simulator")) as running:
        yield running


@pytest.fixture
def corp(simulator: RunningSimulator, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> Iterator[Corp]:
    monkeypatch.setenv(http.ALLOW_VARIABLE, f"127.0.0.1:{simulator.port}")
    corp_id, secret, token = f"ww{secrets.token_hex(8)}", secrets.token_hex(16), secrets.token_hex(8)
    key = functools.partial(tenant_key, uuid.uuid4().int % 10**12)
    client = Client(
        corp_id=corp_id,
        secret=secret,
        agent_id=1000002,
        base_url=simulator.url,
        tokens=RedisTokenStore(redis, key),
        limiter=RedisLimiter(redis, key),
        sleep=lambda seconds: None,
    )
    made = Corp(simulator, corp_id, client, Callback(token, AES_KEY, corp_id))
    departments = [{"id": 2, "name": "课程顾问一组"}]
    with serving(made.receive) as server:
        settings = {"callback_url": f"{server.url}/callback", "token": token, "aes_key": AES_KEY}
        body = {"corp_id": corp_id, "secret": secret, "departments": departments, "members": MEMBERS, **settings}
        simulator.post("/sim/corps", body)
        yield made


def test_the_callback_url_is_verified(corp: Corp) -> None:
    assert corp.sim.post(f"/sim/corps/{corp.corp_id}/verify-url")["ok"]


def test_people_are_read(corp: Corp) -> None:
    assert [department.name for department in corp.client.list_departments()][-1:] == ["课程顾问一组"]
    assert {user.userid for user in corp.client.list_users(2)} == {"linxt", "chensy"}
    assert corp.client.get_user("linxt").name == "林晓彤"
    assert set(corp.client.get_follow_user_list()) == {"linxt", "chensy"}
    assert corp.client.get_callback_ips()


def test_a_customer_scans_and_is_greeted_and_tagged(corp: Corp) -> None:
    client = corp.client
    way = client.add_contact_way(users=["linxt"], state="s-42", skip_verify=True)
    assert fetch_image(way.qr_code).startswith(b"\x89PNG")
    stored = client.get_contact_way(way.config_id)
    assert (stored.users, stored.state) == (("linxt",), "s-42")
    assert way.config_id in client.list_contact_ways().ids

    person = str(corp.sim.post("/sim/customers")["person_id"])
    ways = corp.sim.get(f"/sim/corps/{corp.corp_id}/records/ways")["ways"]
    vcode = next(entry["vcode"] for entry in ways if entry["config_id"] == way.config_id)
    corp.sim.post(f"/sim/customers/{person}/add", {"text": f"https://work.weixin.qq.com/u/{vcode}"})

    event = corp.next()
    assert isinstance(event, events.CustomerAdded)
    assert (event.user_id, event.state, event.to_user) == ("linxt", "s-42", corp.corp_id)
    client.send_welcome_msg(event.welcome_code, text="您好,这里是课程顾问林晓彤")
    with pytest.raises(WecomError) as caught:
        client.send_welcome_msg(event.welcome_code, text="再次问候")
    assert caught.value.action is Action.FINAL

    group = client.add_corp_tag([NewTag("地铁广告")], group_name="渠道来源")
    client.mark_tag(userid="linxt", external_userid=event.external_user_id, add=[group.tags[0].id])
    client.remark(userid="linxt", external_userid=event.external_user_id, remark="小王-地铁广告")
    follow = client.get_customer(event.external_user_id).follows[0]
    assert (follow.state, follow.remark, follow.tag_ids) == ("s-42", "小王-地铁广告", (group.tags[0].id,))
    assert event.external_user_id in client.list_customers("linxt")
    assert client.get_customers_by_users(["linxt"]).customers[0][1].state == "s-42"

    client.update_contact_way(way.config_id, users=["chensy"])
    assert client.get_contact_way(way.config_id).users == ("chensy",)
    client.del_contact_way(way.config_id)
    with pytest.raises(WecomError):
        client.get_contact_way(way.config_id)


def test_a_link_is_made_changed_and_deleted(corp: Corp) -> None:
    link = corp.client.create_link("获客链接", users=["linxt"])
    corp.client.update_link(link.link_id, name="新名称", users=["chensy"])
    stored = corp.client.get_link(link.link_id)
    assert (stored.link_name, stored.users) == ("新名称", ("chensy",))
    assert link.link_id in corp.client.list_links().ids
    assert corp.client.get_acquisition_quota().balance > 0
    corp.client.delete_link(link.link_id)
    assert link.link_id not in corp.client.list_links().ids


def test_files_and_messages_arrive(corp: Corp) -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 64
    assert corp.client.upload_media(kind="image", filename="a.png", content=png, content_type="image/png").media_id
    assert corp.client.upload_image(filename="a.png", content=png, content_type="image/png").startswith("http")
    sent = corp.client.send_text(["linxt", "nobody"], "活码 3 天后过期")
    assert sent.invalid_users == ("nobody",)


def test_a_token_that_wecom_expired_is_replaced(corp: Corp) -> None:
    first = corp.client.access_token()
    corp.sim.post(f"/sim/corps/{corp.corp_id}/expire-tokens")
    assert corp.client.get_user("linxt").name == "林晓彤"
    assert corp.client.access_token() != first


@pytest.mark.parametrize("code", [-1, 45009, 48002])
def test_an_injected_errcode_is_handled_by_its_kind(code: int, corp: Corp) -> None:
    corp.client.access_token()
    path = "/cgi-bin/user/get"
    corp.sim.post("/sim/faults", {"path": path, "kind": "errcode", "value": code, "corp": corp.corp_id})
    with pytest.raises(WecomError) as caught:
        corp.client.get_user("linxt")
    assert caught.value.code == code
    if code == 45009:
        with pytest.raises(CircuitOpen):
            corp.client.get_user("linxt")
    calls = corp.sim.get("/sim/calls", corp=corp.corp_id)
    assert calls["calls"][path] == (4 if code == -1 else 1)
    corp.sim.delete("/sim/faults")


@pytest.mark.parametrize(
    ("code", "act"),
    [
        (40003, lambda c: c.get_user("nobody")),
        (40013, lambda c: c.access_token()),
        (84061, lambda c: c.get_customer("wm-nobody")),
        (40068, lambda c: c.edit_corp_tag("et-nothing", name="x")),
        (41050, lambda c: c.send_welcome_msg("NO-SUCH-CODE", text="您好")),
    ],
)
def test_what_wecom_refuses_is_refused(code: int, act: Any, corp: Corp) -> None:
    if code == 40013:
        corp.client.corp_id = "ww-unknown"
    with pytest.raises(WecomError) as caught:
        act(corp.client)
    assert caught.value.action is not Action.UNKNOWN


def test_forged_and_spoilt_callbacks_are_refused(corp: Corp) -> None:
    fields = {"UserID": "linxt", "ExternalUserID": "wm1", "State": "s"}
    for mode in sorted(set(MODES) - {"normal"}):
        body = {"change_type": "add_external_contact", "fields": fields, "mode": mode}
        corp.sim.post(f"/sim/corps/{corp.corp_id}/callback", body)
        assert isinstance(corp.next(), CryptoError | events.EventError), mode
