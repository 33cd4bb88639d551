"""The callback endpoint: what it accepts, what it refuses, and that nothing is applied twice (checks 28 to 30)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from livecode_admin.kernel import clock
from reception.models import InboxEvent, WelcomeDelivery
from tenants.context import tenant_context
from tests.company import Company, event_xml, make_company
from wecom.crypto import Callback


def inbox(company: Company) -> int:
    with tenant_context(company.tenant.id):
        return int(InboxEvent.objects.count())


def added(company: Company, **changes: str) -> str:
    fields = {"UserID": "LinXiaoTong", "ExternalUserID": "wmA", "State": "", "WelcomeCode": "CODE"}
    return event_xml(company.corp_id, "add_external_contact", clock.now(), **(fields | changes))


def test_the_url_check_answers_the_decrypted_echo(company: Company) -> None:
    door = Callback(company.token, company.aes_key, company.corp_id)
    encrypted, signature = door.seal(b"1616140317555161061", timestamp="1409659589", nonce="n")
    answer = Client().get(
        f"/callback/{company.callback_key}",
        {"msg_signature": signature, "timestamp": "1409659589", "nonce": "n", "echostr": encrypted},
    )
    assert answer.content == b"1616140317555161061"


def test_an_event_is_kept_before_it_is_answered_with_an_empty_200(company: Company) -> None:
    answer = company.call_back(Client(), added(company), now=clock.now())
    assert (answer.status_code, answer.content) == (200, b"")
    assert inbox(company) == 1
    with tenant_context(company.tenant.id):
        assert WelcomeDelivery.objects.get().state == "pending"


def test_the_same_callback_four_times_at_once_is_one_row_and_one_greeting(company: Company) -> None:
    message, now = added(company), clock.now()

    def send(_: int) -> int:
        try:
            return int(company.call_back(Client(), message, now=now).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(send, range(4))) == [200] * 4
    assert inbox(company) == 1
    with tenant_context(company.tenant.id):
        assert WelcomeDelivery.objects.count() == 1


def test_two_customers_in_the_same_second_are_two(company: Company) -> None:
    now = clock.now()
    for customer in ("wmA", "wmB"):
        company.call_back(Client(), added(company, ExternalUserID=customer), now=now)
    assert inbox(company) == 2


def _refusals(company: Company) -> dict[str, tuple[str, bytes]]:
    now = clock.now()
    query, body = company.sealed(added(company), now=now)
    foreign = Callback(company.token, company.aes_key, "wwOTHERCORP")
    encrypted, signature = foreign.seal(added(company).encode(), timestamp="1", nonce="n")
    envelope = f"<xml><Encrypt>{encrypted}</Encrypt></xml>".encode()
    suite = "<xml><SuiteId>s</SuiteId><InfoType>suite_ticket</InfoType><TimeStamp>1</TimeStamp></xml>"
    broken = Callback(company.token, company.aes_key, company.corp_id)
    cut, cut_signature = broken.seal(b"x", timestamp="1", nonce="n")
    return {
        "forged": (query.replace("msg_signature=", "msg_signature=0"), body),
        "foreign": (f"msg_signature={signature}&timestamp=1&nonce=n", envelope),
        "oversized": (query, b"<xml>" + b"a" * 1_000_000 + b"</xml>"),
        "doctype": (query, b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>a</Encrypt></xml>'),
        "truncated": (f"msg_signature={cut_signature}&timestamp=1&nonce=n", f"<xml><Encrypt>{cut[:20]}".encode()),
        "not utf-8": (query, b"<xml>\xff\xfe</xml>"),
        "suite": company.sealed(suite, now=now),
        "empty": (query, b""),
    }


@pytest.mark.parametrize(
    "kind", ["forged", "foreign", "oversized", "doctype", "truncated", "not utf-8", "suite", "empty"]
)
def test_what_is_not_for_us_is_refused_and_leaves_no_row(company: Company, kind: str) -> None:
    query, body = _refusals(company)[kind]
    answer = Client().post(f"/callback/{company.callback_key}?{query}", data=body, content_type="text/xml")
    assert answer.status_code == 400
    assert inbox(company) == 0


def test_another_companys_message_is_refused_at_our_address(simulator: Any) -> None:
    ours, theirs = make_company(simulator), make_company(simulator, "云帆商贸")
    query, body = theirs.sealed(added(theirs), now=clock.now())
    answer = Client().post(f"/callback/{ours.callback_key}?{query}", data=body, content_type="text/xml")
    assert answer.status_code == 400
    assert inbox(ours) == inbox(theirs) == 0


def test_an_unknown_address_is_404() -> None:
    assert Client().post("/callback/nobody", data=b"x", content_type="text/xml").status_code == 404
