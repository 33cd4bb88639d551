"""What is taken away is felt on the next request of a session that is open; nothing waits for a job."""

from __future__ import annotations

from datetime import timedelta

from livecode_admin.kernel import clock
from permissions.services import bundle_assign, bundle_revoke, member_deactivate
from tenants.context import tenant_context
from tests.factories import TenantFixture, client_for


def test_a_revoked_bundle_is_gone_on_the_next_request(tenant: TenantFixture) -> None:
    member = tenant.member("campaign_ops")
    browser = client_for(member)
    assert browser.get(f"/t/{tenant.slug}/codes/").status_code == 200
    assert member.member_id is not None
    with tenant_context(tenant.id):
        bundle_revoke(access=tenant.owner, member_id=member.member_id, bundle_key="campaign_ops", now=clock.now())
    assert browser.get(f"/t/{tenant.slug}/codes/").status_code == 403
    assert "/codes/" not in browser.get(f"/t/{tenant.slug}/").content.decode()


def test_a_deactivated_members_next_request_is_the_login_page(tenant: TenantFixture) -> None:
    member = tenant.member("campaign_ops")
    browser = client_for(member)
    assert browser.get(f"/t/{tenant.slug}/codes/").status_code == 200
    assert member.member_id is not None
    with tenant_context(tenant.id):
        member_deactivate(access=tenant.owner, member_id=member.member_id, now=clock.now())
    answer = browser.get(f"/t/{tenant.slug}/codes/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login/")


def test_a_bundle_whose_end_has_passed_gives_nothing_without_a_job(tenant: TenantFixture) -> None:
    member = tenant.member("intern")
    browser = client_for(member)
    assert member.member_id is not None
    given = clock.now() - timedelta(days=2)
    for until, status in ((clock.now() + timedelta(days=1), 200), (given + timedelta(days=1), 403)):
        with tenant_context(tenant.id):
            bundle_assign(
                access=tenant.owner,
                member_id=member.member_id,
                bundle_key="data_analyst",
                until=until,
                now=given,
            )
        assert browser.get(f"/t/{tenant.slug}/live/").status_code == status
