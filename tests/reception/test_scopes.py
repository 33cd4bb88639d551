"""Who sees which customers and greetings, and who sets a code's greeting."""

from __future__ import annotations

import pytest
from django.test import Client

from livecode_admin.kernel import clock
from people.models import Staff
from permissions.access import Access, Denied
from permissions.services import department_upsert
from reception.models import Contact, InboxEvent, WelcomeDelivery
from reception.selectors import contacts_of_code, customers_list, ledger
from reception.services.library import code_welcome_set, template_save
from reception.tasks import process_event
from tenants.context import tenant_context
from tests.company import Company, event_xml
from tests.factories import access_of, client_for


def befriend(company: Company, code_id: int, userid: str, customer: str) -> None:
    """A customer has added this colleague through the code."""
    message = event_xml(
        company.corp_id,
        "add_external_contact",
        clock.now(),
        UserID=userid,
        ExternalUserID=customer,
        State=company.way_state(code_id, userid),
        WelcomeCode=f"code-{customer}",
    )
    assert company.call_back(Client(), message, now=clock.now()).status_code == 200
    with tenant_context(company.tenant.id):
        inbox_id = InboxEvent.objects.latest("id").pk
    process_event(tenant_id=company.tenant.id, inbox_id=inbox_id)


@pytest.fixture
def busy(company: Company) -> tuple[Company, int, Access]:
    """A code of two colleagues with a customer each; 林晓彤 signs in as a receptionist."""
    access = company.tenant.member("receptionist")
    with tenant_context(company.tenant.id):
        Staff.objects.filter(wecom_userid="LinXiaoTong").update(member=access.member_id)
    code_id = company.code(roster=("LinXiaoTong", "ChenSiYuan"))
    befriend(company, code_id, "LinXiaoTong", "wmHers")
    befriend(company, code_id, "ChenSiYuan", "wmHis")
    return company, code_id, access


def test_seeing_a_code_is_not_seeing_the_customers_of_colleagues(busy: tuple[Company, int, Access]) -> None:
    company, code_id, receptionist = busy
    with tenant_context(company.tenant.id):
        assert {row.staff_name for row in contacts_of_code(receptionist, code_id) or ()} == {"林晓彤"}
        assert {row.staff_name for row in customers_list(receptionist)} == {"林晓彤"}
        assert {row.staff_name for row in contacts_of_code(company.tenant.owner, code_id) or ()} == {"林晓彤", "陈思远"}


def test_of_another_department_no_customer_is_seen(busy: tuple[Company, int, Access]) -> None:
    company, code_id, _ = busy
    with tenant_context(company.tenant.id):
        elsewhere = department_upsert(
            access=company.tenant.owner, name="华南", parent_id=company.tenant.department_id, now=clock.now()
        )
    lead = access_of(
        company.tenant, company.tenant.add_member(["reception_lead"], department_id=elsewhere), clock.now()
    )
    with tenant_context(company.tenant.id):
        assert contacts_of_code(lead, code_id) == []
        assert ledger(lead) == []


def test_the_ledger_shows_names_and_only_those_of_the_scope(busy: tuple[Company, int, Access]) -> None:
    company, _, receptionist = busy
    with tenant_context(company.tenant.id):
        assert WelcomeDelivery.objects.count() == 2
        assert [row.staff_name for row in ledger(receptionist)] == ["林晓彤"]
    page = client_for(receptionist).get(f"/t/{company.tenant.slug}/welcomes/").content.decode()
    assert "LinXiaoTong" not in page
    assert "陈思远" not in page


def test_a_receptionist_does_not_change_the_greeting_of_a_whole_code(busy: tuple[Company, int, Access]) -> None:
    company, code_id, receptionist = busy
    with tenant_context(company.tenant.id):
        owner = company.tenant.owner
        template_id = template_save(
            access=owner, template_id=None, folder="测试", name="新", text="您好", now=clock.now()
        )
        with pytest.raises(Denied):
            code_welcome_set(access=receptionist, code_id=code_id, template_id=template_id, text="", now=clock.now())
    client = client_for(receptionist)
    assert client.get(f"/t/{company.tenant.slug}/codes/{code_id}/welcome/").status_code == 403
    assert "/welcome/" not in client.get(f"/t/{company.tenant.slug}/codes/{code_id}/").content.decode()


def test_a_right_over_ones_department_does_not_reach_codes_that_another_bundle_shows(company: Company) -> None:
    with tenant_context(company.tenant.id):
        elsewhere = department_upsert(
            access=company.tenant.owner, name="华南", parent_id=company.tenant.department_id, now=clock.now()
        )
        owner = company.tenant.owner
        template_id = template_save(
            access=owner, template_id=None, folder="测试", name="新", text="您好", now=clock.now()
        )
    code_id = company.code(department_id=company.tenant.department_id)
    user_id = company.tenant.add_member(["campaign_ops", "system_config"], department_id=elsewhere)
    access = access_of(company.tenant, user_id, clock.now())
    with tenant_context(company.tenant.id), pytest.raises(Denied):
        code_welcome_set(access=access, code_id=code_id, template_id=template_id, text="", now=clock.now())


def test_the_filter_for_exact_has_those_who_waited_alone_too(busy: tuple[Company, int, Access]) -> None:
    company, _, _ = busy
    with tenant_context(company.tenant.id):
        for row, match in zip(Contact.objects.order_by("id"), ("sole", "oldest"), strict=True):
            Contact.objects.filter(pk=row.pk).update(match=match)
        owner = company.tenant.owner
        assert [row.staff_name for row in customers_list(owner, match="exact")] == ["林晓彤"]
        assert [row.staff_name for row in customers_list(owner, match="estimated")] == ["陈思远"]
        assert customers_list(owner, match="none") == []


def test_a_customer_of_a_colleague_who_is_not_synced_yet_waits_for_the_sync(company: Company) -> None:
    code_id = company.code()
    message = event_xml(
        company.corp_id,
        "add_external_contact",
        clock.now(),
        UserID="Newcomer",
        ExternalUserID="wmEarly",
        State=company.way_state(code_id),
    )
    company.call_back(Client(), message, now=clock.now())
    with tenant_context(company.tenant.id):
        row = InboxEvent.objects.latest("id")
    process_event(tenant_id=company.tenant.id, inbox_id=row.pk)
    with tenant_context(company.tenant.id):
        row.refresh_from_db()
        assert (row.state, row.attempts) == ("new", 1)
        assert "不在通讯录中" in row.note
        assert not Contact.objects.exists()
