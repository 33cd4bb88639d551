"""A company that works: connected to a simulated WeCom, its staff synced, codes published and live.

A pytest plugin: fixtures ``simulator`` (one process for the run) and ``company``.
"""

from __future__ import annotations

import os
import secrets
import string
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

from tests.factories import TenantFixture, make_tenant
from wecom_simulator.testing import RunningSimulator, running_simulator

if TYPE_CHECKING:
    from django.test import Client

STAFF = (("LinXiaoTong", "林晓彤"), ("ChenSiYuan", "陈思远"), ("ZhouYuTong", "周雨桐"), ("WuZiHan", "吴梓涵"))
_LETTERS = string.ascii_letters + string.digits


@dataclass
class Company:
    """One tenant with its corp in the simulator."""

    tenant: TenantFixture
    sim: RunningSimulator
    corp_id: str
    callback_key: str
    token: str
    aes_key: str
    staff: dict[str, int] = field(default_factory=dict)

    def code(self, *, roster: tuple[str, ...] = ("LinXiaoTong",), **changes: Any) -> int:
        """A live code with these staff; its id. ``changes``: fields of console.services.NewCode."""
        from livecode_admin.console.services import NewCode, code_launch
        from livecode_admin.kernel import clock
        from tenants.context import tenant_context

        plan: dict[str, Any] = {
            "name": f"20261122-DTGG-{secrets.token_hex(3)}",
            "purpose": "campaign",
            "purpose_text": "地铁广告",
            "kind": "several",
            "channel_name": "地铁广告",
            "folder_id": None,
            "owner_id": None,
            "department_id": None,
            "expires_at": None,
            "landing_text": "",
            "roster": [self.staff[userid] for userid in roster],
            "backups": [],
            "tag_ids": [],
            "template_id": None,
        }
        with tenant_context(self.tenant.id):
            code_id = code_launch(access=self.tenant.owner, new=NewCode(**(plan | changes)), now=clock.now())
        self.provision()
        return code_id

    def provision(self) -> None:
        """Make all contact ways and links that are ordered, as the worker would."""
        from routing.models import AcquisitionLink, ContactWay
        from routing.tasks import provision_way
        from routing.tasks.links import provision_link
        from tenants.context import tenant_context

        with tenant_context(self.tenant.id):
            ways = list(ContactWay.objects.exclude(status="live").values_list("id", flat=True))
            links = list(AcquisitionLink.objects.exclude(status="live").values_list("id", flat=True))
        for way_id in ways:
            provision_way(tenant_id=self.tenant.id, way_id=way_id)
        for link in links:
            provision_link(tenant_id=self.tenant.id, link=link)
        self.push_native()

    def push_native(self, after: timedelta = timedelta()) -> None:
        """Look at all native codes as if ``after`` now, and push what differs, as the worker would."""
        from livecode_admin.kernel import clock
        from routing.models import NativeWay
        from routing.services.native import native_look
        from routing.tasks.native import push_native
        from tenants.context import tenant_context

        with tenant_context(self.tenant.id):
            NativeWay.objects.update(next_look_at=clock.now())
            due = native_look(now=clock.now() + after)
        for way_id in due:
            push_native(tenant_id=self.tenant.id, way_id=way_id)

    def work_through(self, expected: int = 1) -> list[str]:
        """Wait until ``expected`` callbacks wait in the inbox, process all that do; their notes in order."""
        from reception.models import InboxEvent
        from reception.tasks import process_event
        from tenants.context import tenant_context

        for _ in range(200):
            with tenant_context(self.tenant.id):
                ids = list(InboxEvent.objects.filter(state="new").order_by("id").values_list("id", flat=True))
            if len(ids) >= expected:
                break
            time.sleep(0.05)
        assert len(ids) >= expected, "the callbacks did not come in"
        for inbox_id in ids:
            process_event(tenant_id=self.tenant.id, inbox_id=inbox_id)
        with tenant_context(self.tenant.id):
            return list(InboxEvent.objects.filter(pk__in=ids).order_by("id").values_list("note", flat=True))

    def slug(self, code_id: int) -> str:
        """The short, permanent part of a code's printed URL."""
        from codes.selectors import code_cards
        from tenants.context import tenant_context

        with tenant_context(self.tenant.id):
            return code_cards([code_id])[code_id].slug

    def records(self, section: str) -> list[dict[str, Any]]:
        """What the corp holds at the simulator: ``ways``, ``links``, ``follows`` …"""
        found: list[dict[str, Any]] = self.sim.get(f"/sim/corps/{self.corp_id}/records/{section}")[section]
        return found

    def fault(self, path: str, kind: str = "errcode", **more: Any) -> None:
        """Let calls of this corp under ``path`` (a glob below /cgi-bin/) suffer."""
        self.sim.post("/sim/faults", {"path": f"/cgi-bin/{path}", "kind": kind, "corp": self.corp_id, **more})

    def way_state(self, code_id: int, userid: str = "LinXiaoTong") -> str:
        """The state of one of this staff's contact ways on the code."""
        from routing.models import ContactWay
        from tenants.context import tenant_context

        with tenant_context(self.tenant.id):
            ways = ContactWay.objects.filter(seat__code_id=code_id, seat__staff_id=self.staff[userid], status="live")
            return str(ways.order_by("id").first().state)

    def customer(self, nickname: str = "") -> str:
        """A new customer of the simulator; the person's id there."""
        return str(self.sim.post("/sim/customers", {"nickname": nickname} if nickname else {})["person_id"])

    def listen(self, console_url: str) -> None:
        """Let the simulator send this corp's callbacks to a running console."""
        url = f"{console_url}/callback/{self.callback_key}"
        body = {"corp_id": self.corp_id, "callback_url": url, "token": self.token, "aes_key": self.aes_key}
        self.sim.post("/sim/corps", body)

    def add(self, *, state: str, userid: str = "LinXiaoTong", person: str = "") -> dict[str, Any]:
        """A customer adds a colleague; the simulator's friendship with its welcome code."""
        body = {"corp_id": self.corp_id, "userid": userid, "state": state}
        found: dict[str, Any] = self.sim.post(f"/sim/customers/{person or self.customer()}/add", body)
        return found

    def sealed(self, message: str, *, now: datetime) -> tuple[str, bytes]:
        """A callback as WeCom sends it: the query string and the body."""
        from wecom.crypto import Callback

        stamp, nonce = str(int(now.timestamp())), secrets.token_hex(5)
        door = Callback(self.token, self.aes_key, self.corp_id)
        encrypted, signature = door.seal(message.encode(), timestamp=stamp, nonce=nonce)
        envelope = (
            f"<xml><ToUserName><![CDATA[{self.corp_id}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        )
        return f"msg_signature={signature}&timestamp={stamp}&nonce={nonce}", envelope.encode()

    def call_back(self, client: Client, message: str, *, now: datetime) -> Any:
        """Send one event to the tenant's callback address."""
        query, body = self.sealed(message, now=now)
        return client.post(f"/callback/{self.callback_key}?{query}", data=body, content_type="text/xml")


def event_xml(corp_id: str, change: str, at: datetime, **fields: str) -> str:
    """A customer event in clear text (document 96361)."""
    inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())
    return (
        f"<xml><ToUserName><![CDATA[{corp_id}]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>"
        f"<CreateTime>{int(at.timestamp())}</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        f"<Event><![CDATA[change_external_contact]]></Event><ChangeType><![CDATA[{change}]]></ChangeType>{inner}</xml>"
    )


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    """One simulated WeCom for the whole run; each company has its own corp in it."""
    with running_simulator(tmp_path_factory.mktemp("simulator"), SIMULATOR_CONSOLE_HOSTS="127.0.0.1") as running:
        allowed = os.environ.get("LIVECODE_HTTP_ALLOW", "")
        os.environ["LIVECODE_HTTP_ALLOW"] = f"{allowed},127.0.0.1:{running.port}".strip(",")
        yield running


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Say nothing: the suite's output is for failures."""


@pytest.fixture(scope="session")
def console_url() -> Iterator[str]:
    """The console over HTTP, in this process, for the simulator to call back."""
    from django.core.wsgi import get_wsgi_application

    server = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=_Server, handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def company(simulator: RunningSimulator) -> Company:
    """A company of this test alone, with four staff who can receive."""
    return make_company(simulator)


def make_company(sim: RunningSimulator, name: str = "知行教育") -> Company:
    """Make a tenant, its corp, and sync its staff."""
    from livecode_admin.kernel import clock
    from people.selectors import staff_ids_of
    from people.services import contacts_sync
    from permissions.access import Access
    from tenants.context import tenant_context
    from tenants.services import wecom_connect

    tenant = make_tenant(name)
    corp_id = f"ww{secrets.token_hex(8)}"
    token, aes_key, secret = ("".join(secrets.choice(_LETTERS) for _ in range(size)) for size in (16, 43, 43))
    members = [{"userid": userid, "name": label, "department": [1]} for userid, label in STAFF]
    sim.post("/sim/corps", {"corp_id": corp_id, "name": name, "secret": secret, "members": members})
    with tenant_context(tenant.id):
        key = wecom_connect(
            tenant_id=tenant.id,
            corp_id=corp_id,
            agent_id="1000002",
            secret=secret,
            callback_token=token,
            aes_key=aes_key,
            base_url=sim.url,
            now=clock.now(),
        )
    system = Access.system(tenant_id=tenant.id, tenant_slug=tenant.slug, reason="tests")
    contacts_sync(access=system, now=clock.now())
    with tenant_context(tenant.id):
        staff = staff_ids_of([userid for userid, _ in STAFF])
    return Company(tenant, sim, corp_id, key, token, aes_key, staff)
