"""A customer arrives: greeted, counted, tagged, told to the CRM; once, whatever is repeated or reordered."""

from __future__ import annotations

import time
from datetime import timedelta
from itertools import permutations

import pytest
from django.test import Client

from crm.models import OutboxMessage
from livecode_admin.kernel import clock
from reception.models import Contact, ContactEvent, InboxEvent, WelcomeDelivery
from reception.services.library import code_welcome_set, template_save
from reception.services.welcomes import welcome_claim
from reception.tasks import process_event, send_welcome
from tenants.context import tenant_context
from tests.company import Company, event_xml, make_company
from wecom_simulator.testing import RunningSimulator


def greeted_code(company: Company, text: str = "您好，【客户昵称】，我是【客服姓名】，来自【渠道】") -> int:
    """A live code with this greeting."""
    code_id = company.code()
    with tenant_context(company.tenant.id):
        owner = company.tenant.owner
        template_id = template_save(
            access=owner, template_id=None, folder="测试", name=f"模板{code_id}", text=text, now=clock.now()
        )
        code_welcome_set(access=owner, code_id=code_id, template_id=template_id, text="", now=clock.now())
    return code_id


def arrive(company: Company, state: str, person: str = "") -> tuple[int, int | None]:
    """A customer adds 林晓彤, and WeCom's callback has come in; the ids of its inbox row and of its greeting."""
    company.add(state=state, person=person)
    return newest(company)


def newest(company: Company) -> tuple[int, int | None]:
    """The newest inbox row and its greeting, once they are there."""
    for _ in range(200):
        with tenant_context(company.tenant.id):
            inbox = InboxEvent.objects.order_by("-id").first()
            if inbox is not None:
                delivery = WelcomeDelivery.objects.filter(inbox=inbox).first()
                return inbox.pk, delivery.pk if delivery else None
        time.sleep(0.05)
    raise AssertionError("no callback came in")


def ledger(company: Company) -> WelcomeDelivery:
    with tenant_context(company.tenant.id):
        row: WelcomeDelivery = WelcomeDelivery.objects.latest("id")
        return row


def messages(company: Company, person: str) -> str:
    """What this customer has been sent, as text."""
    return str(company.sim.get(f"/sim/customers/{person}"))


@pytest.fixture
def company(simulator: RunningSimulator, console_url: str) -> Company:
    """A company whose callbacks arrive."""
    company = make_company(simulator)
    company.listen(console_url)
    return company


def test_a_new_friend_is_greeted_by_name(company: Company) -> None:
    code_id = greeted_code(company)
    state = company.way_state(code_id)
    person = company.customer("小满妈妈")
    _, delivery_id = arrive(company, state, person)
    send_welcome(tenant_id=company.tenant.id, delivery_id=delivery_id)
    row = ledger(company)
    assert (row.state, row.errcode) == ("sent", 0)
    assert row.welcome_code_sealed == ""
    assert "您好，小满妈妈，我是林晓彤，来自地铁广告" in messages(company, person)


def test_a_greeting_is_never_sent_twice(company: Company) -> None:
    code_id = greeted_code(company)
    state = company.way_state(code_id)
    _, delivery_id = arrive(company, state)
    for _ in range(3):
        send_welcome(tenant_id=company.tenant.id, delivery_id=delivery_id)
    assert ledger(company).attempts == 1


def test_after_the_window_a_greeting_is_recorded_as_missed_and_not_sent(company: Company) -> None:
    code_id = greeted_code(company)
    message = event_xml(
        company.corp_id,
        "add_external_contact",
        clock.now() - timedelta(seconds=30),
        UserID="LinXiaoTong",
        ExternalUserID="wmLate",
        State=company.way_state(code_id),
        WelcomeCode="LATE",
    )
    company.call_back(Client(), message, now=clock.now())
    _, delivery_id = newest(company)
    send_welcome(tenant_id=company.tenant.id, delivery_id=delivery_id)
    assert ledger(company).state == "missed"
    assert ledger(company).errcode is None


def test_a_worker_that_died_holding_a_greeting_is_followed_by_another_in_time(company: Company) -> None:
    code_id = greeted_code(company)
    state = company.way_state(code_id)
    _, delivery_id = arrive(company, state)
    now = clock.now()
    with tenant_context(company.tenant.id):
        assert welcome_claim(delivery_id=delivery_id or 0, now=now) is not None
    with tenant_context(company.tenant.id):
        assert welcome_claim(delivery_id=delivery_id or 0, now=now + timedelta(seconds=2)) is None
        assert welcome_claim(delivery_id=delivery_id or 0, now=now + timedelta(seconds=9)) is not None


def test_a_chat_that_has_begun_is_told_apart_from_a_failure(company: Company) -> None:
    code_id = greeted_code(company)
    state = company.way_state(code_id)
    company.sim.post(
        "/sim/faults",
        {"corp": company.corp_id, "path": "*send_welcome_msg", "kind": "errcode", "value": 41051, "times": 1},
    )
    _, delivery_id = arrive(company, state)
    send_welcome(tenant_id=company.tenant.id, delivery_id=delivery_id)
    assert (ledger(company).state, ledger(company).errcode) == ("already", 41051)


def test_an_add_is_attributed_to_the_code_of_its_way_and_told_to_the_crm_once(company: Company) -> None:
    code_id = greeted_code(company)
    state = company.way_state(code_id)
    inbox_id, _ = arrive(company, state, company.customer("小满妈妈"))
    for _ in range(3):
        process_event(tenant_id=company.tenant.id, inbox_id=inbox_id)
    with tenant_context(company.tenant.id):
        contact = Contact.objects.get()
        assert (contact.code_id, contact.state, contact.customer.name) == (code_id, "friend", "小满妈妈")
        assert ContactEvent.objects.count() == 1
        assert OutboxMessage.objects.filter(event_type="customer.added").count() == 1


def test_a_card_exchanged_outside_of_our_codes_is_a_contact_without_code(company: Company) -> None:
    inbox_id, _ = arrive(company, "")
    process_event(tenant_id=company.tenant.id, inbox_id=inbox_id)
    with tenant_context(company.tenant.id):
        contact = Contact.objects.get()
        assert (contact.code_id, contact.match) == (None, "none")


def test_events_in_any_order_end_in_the_same_contact(simulator: RunningSimulator) -> None:
    company = make_company(simulator)
    at = clock.now()
    changes = ("add_half_external_contact", "add_external_contact", "edit_external_contact", "del_follow_user")
    ends = set()
    for number, order in enumerate(permutations(range(4))):
        for place in order:
            message = event_xml(
                company.corp_id,
                changes[place],
                at + timedelta(seconds=place),
                UserID="LinXiaoTong",
                ExternalUserID=f"wm{number}",
            )
            company.call_back(Client(), message, now=clock.now())
            with tenant_context(company.tenant.id):
                inbox_id = InboxEvent.objects.latest("id").pk
            process_event(tenant_id=company.tenant.id, inbox_id=inbox_id)
        with tenant_context(company.tenant.id):
            contact = Contact.objects.latest("id")
            ends.add((contact.state, contact.added_at, contact.lost_at))
    assert ends == {
        ("lost", (at + timedelta(seconds=1)).replace(microsecond=0), (at + timedelta(seconds=3)).replace(microsecond=0))
    }


def test_who_may_only_choose_templates_cannot_write_free_text(company: Company) -> None:
    code_id = company.code(department_id=company.tenant.department_id)
    client = company_client(company, "campaign_ops")
    url = f"/t/{company.tenant.slug}/codes/{code_id}/welcome/"
    assert "只有持有「自由编辑话术」权限的人能修改" in client.get(url).content.decode()
    client.post(url, {"template": "", "text": "加我领红包"})
    with tenant_context(company.tenant.id):
        from reception.models import CodeWelcome

        assert not CodeWelcome.objects.filter(code_id=code_id).exclude(text="").exists()


def company_client(company: Company, bundle: str) -> Client:
    from tests.factories import client_for

    return client_for(company.tenant.member(bundle))
