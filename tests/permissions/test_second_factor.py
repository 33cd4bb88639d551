"""The second factor: who needs one sets it up before anything opens, and every sign-in asks for it afterwards."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from permissions.models import RecoveryCode, TotpDevice
from permissions.selectors.credentials import has_second_factor, needs_second_factor
from permissions.services.second_factor import (
    AlreadySetUp,
    recovery_codes_make,
    second_factor_check,
    totp_begin,
    totp_confirm,
    wait_after,
)
from tests.authenticator import code_of
from tests.factories import PASSWORD, TenantFixture, client_for, make_user

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SETUP = "/account/second-factor/"


def username_of(user_id: int) -> str:
    from permissions.models import User

    return str(User.objects.values_list("username", flat=True).get(pk=user_id))


def sign_in(user_id: int, **extra: str) -> tuple[Client, str]:
    """Send the password; the browser and where it is led."""
    client = Client(REMOTE_ADDR=f"198.51.{secrets.randbelow(256)}.{secrets.randbelow(256)}")
    answer = client.post("/login/", {"username": username_of(user_id), "password": PASSWORD, **extra})
    return client, answer.headers.get("Location", "")


def set_up(client: Client) -> tuple[str, list[str]]:
    """Set the second factor up on its page; the key and the recovery codes."""
    found = re.search(r"data-secret>([A-Z2-7 ]+)<", client.get(SETUP).content.decode())
    assert found is not None
    answer = client.post(SETUP, {"code": code_of(found.group(1))})
    assert answer.status_code == 200, answer.content.decode()
    return found.group(1).replace(" ", ""), re.findall(r'"mono">([0-9A-Z]{5}-[0-9A-Z]{5})<', answer.content.decode())


def code_at(secret: str, now: datetime) -> str:
    import base64

    from django_otp.oath import hotp

    return f"{hotp(base64.b32decode(secret), int(now.timestamp()) // 30):06d}"


def device(user_id: int) -> str:
    """A second factor that was set up at NOW; its key."""
    secret = totp_begin(user_id=user_id, now=NOW).secret
    assert totp_confirm(user_id=user_id, code=code_at(secret, NOW), now=NOW).ok
    return secret


@pytest.mark.parametrize("bundle", ["owner", "system_config"])
def test_owners_and_who_configures_wecom_set_it_up_before_anything_opens(tenant: TenantFixture, bundle: str) -> None:
    user_id = tenant.owner_user_id if bundle == "owner" else (tenant.member(bundle).user_id or 0)
    client, led = sign_in(user_id, next=f"/t/{tenant.slug}/codes/")
    assert led.startswith(SETUP)
    for path in ("/", "/account/", f"/t/{tenant.slug}/", f"/t/{tenant.slug}/codes/"):
        assert client.get(path)["Location"].startswith(SETUP), path
    refused = client.post(f"/t/{tenant.slug}/staff/caps/", headers={"HX-Request": "true"})
    assert (refused.status_code, refused["HX-Redirect"].startswith(SETUP)) == (403, True)
    secret, codes = set_up(client)
    assert len(codes) == len(set(codes)) == 10
    assert client.get(f"/t/{tenant.slug}/").status_code == 200
    assert secret not in client.get("/account/").content.decode()


def test_a_bundle_that_brings_wecom_later_asks_for_it_on_the_next_request(tenant: TenantFixture) -> None:
    from livecode_admin.kernel import clock
    from permissions.services import bundle_assign
    from tenants.context import tenant_context

    member = tenant.member("campaign_ops")
    client, led = sign_in(member.user_id or 0)
    assert (led, client.get(f"/t/{tenant.slug}/").status_code) == ("/", 200)
    with tenant_context(tenant.id):
        bundle_assign(access=tenant.owner, member_id=member.member_id or 0, bundle_key="system_config", now=clock.now())
    assert client.get(f"/t/{tenant.slug}/")["Location"].startswith(SETUP)


def test_everybody_else_may_have_one_and_may_take_it_away(tenant: TenantFixture) -> None:
    user_id = tenant.member("intern").user_id or 0
    client, led = sign_in(user_id)
    assert led == "/"
    set_up(client)
    assert has_second_factor(user_id)
    client.post("/account/second-factor/remove/")
    assert not has_second_factor(user_id)
    assert not RecoveryCode.objects.filter(user_id=user_id).exists()


def test_who_needs_one_cannot_take_it_away(tenant: TenantFixture) -> None:
    client, _ = sign_in(tenant.owner_user_id)
    set_up(client)
    page = client.post("/account/second-factor/remove/", follow=True).content.decode()
    assert "不能关闭" in page
    assert has_second_factor(tenant.owner_user_id)


def test_after_the_password_comes_the_code_and_only_then_a_session(tenant: TenantFixture) -> None:
    first, _ = sign_in(tenant.owner_user_id)
    secret, _ = set_up(first)
    client, led = sign_in(tenant.owner_user_id, next=f"/t/{tenant.slug}/codes/")
    assert led == "/login/verify/"
    assert client.get(f"/t/{tenant.slug}/")["Location"].startswith("/login/")
    wrong = client.post(led, {"code": "000000"})
    assert (wrong.status_code, "验证码不正确" in wrong.content.decode()) == (422, True)
    assert client.post(led, {"code": code_of(secret)})["Location"] == f"/t/{tenant.slug}/codes/"
    assert client.get(f"/t/{tenant.slug}/codes/").status_code == 200


def test_without_the_password_there_is_no_second_step(tenant: TenantFixture) -> None:
    assert Client().get("/login/verify/")["Location"] == "/login/"


def test_the_second_step_ends_after_ten_minutes(tenant: TenantFixture) -> None:
    device(tenant.owner_user_id)
    client, _ = sign_in(tenant.owner_user_id)
    session = client.session
    session["sign_in_pending"] |= {"at": session["sign_in_pending"]["at"] - 601}
    session.save()
    assert client.get("/login/verify/")["Location"] == "/login/"


def test_a_recovery_code_works_once(tenant: TenantFixture) -> None:
    first, _ = sign_in(tenant.owner_user_id)
    _, codes = set_up(first)
    for expected in (302, 422):
        client, led = sign_in(tenant.owner_user_id)
        assert client.post(led, {"code": codes[3].lower()}).status_code == expected
    assert "9 个恢复码" in first.get("/account/").content.decode()


def test_new_recovery_codes_take_the_place_of_the_old(tenant: TenantFixture) -> None:
    user_id = tenant.owner_user_id
    device(user_id)
    old, new = recovery_codes_make(user_id=user_id), recovery_codes_make(user_id=user_id)
    assert not second_factor_check(user_id=user_id, code=old[0], now=NOW).ok
    assert second_factor_check(user_id=user_id, code=new[0], now=NOW).ok


def test_a_code_works_once_and_its_neighbours_are_taken() -> None:
    user_id = make_user()
    secret = device(user_id)
    later = NOW + timedelta(minutes=5)
    before, present = code_at(secret, later - timedelta(seconds=30)), code_at(secret, later)
    assert second_factor_check(user_id=user_id, code=before, now=later).ok
    assert second_factor_check(user_id=user_id, code=f"{present[:3]} {present[3:]}", now=later).ok
    for used in (before, present, code_at(secret, later - timedelta(seconds=60))):
        assert not second_factor_check(user_id=user_id, code=used, now=later).ok


def test_wrong_codes_bring_a_growing_wait_in_which_no_code_is_looked_at() -> None:
    assert [wait_after(count) for count in (0, 4, 5, 6, 7, 11, 99)] == [0, 0, 60, 120, 240, 3600, 3600]
    user_id = make_user()
    secret = device(user_id)
    later = NOW + timedelta(minutes=5)
    for _ in range(5):
        assert not second_factor_check(user_id=user_id, code="12345", now=later).ok
    checked = second_factor_check(user_id=user_id, code=code_at(secret, later), now=later + timedelta(seconds=59))
    assert (checked.ok, checked.wait) == (False, 2)
    assert TotpDevice.objects.get(user_id=user_id).failures == 5
    after = later + timedelta(seconds=60)
    assert second_factor_check(user_id=user_id, code=code_at(secret, after), now=after).ok
    assert TotpDevice.objects.get(user_id=user_id).failures == 0


def test_a_second_factor_is_not_replaced_while_it_counts() -> None:
    user_id = make_user()
    device(user_id)
    with pytest.raises(AlreadySetUp):
        totp_begin(user_id=user_id, now=NOW)


def test_key_and_recovery_codes_cannot_be_read_off_the_database() -> None:
    user_id = make_user()
    secret = device(user_id)
    codes = recovery_codes_make(user_id=user_id)
    assert secret not in TotpDevice.objects.get(user_id=user_id).key
    kept = set(RecoveryCode.objects.filter(user_id=user_id).values_list("hash", flat=True))
    assert kept.isdisjoint({*codes, *(code.replace("-", "") for code in codes)})


def test_setting_it_up_ends_the_other_sessions(tenant: TenantFixture) -> None:
    user_id = tenant.member("intern").user_id or 0
    (one, _), (other, _) = sign_in(user_id), sign_in(user_id)
    set_up(one)
    assert one.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302


def test_needing_one_is_looked_at_in_every_company(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    now = datetime.now(UTC)
    assert needs_second_factor(tenant.owner_user_id, now=now)
    assert not needs_second_factor(tenant.member("intern").user_id or 0, now=now)
    assert not needs_second_factor(make_user(), now=now)


def test_the_page_of_the_setup_draws_the_key_without_an_address_of_its_own(tenant: TenantFixture) -> None:
    client, _ = sign_in(tenant.owner_user_id)
    one, two = (client.get(SETUP).content.decode() for _ in range(2))
    pictures = [re.findall(r'src="(data:image/svg\+xml;base64,[^"]+)"', page) for page in (one, two)]
    assert pictures[0] == pictures[1]
    assert len(pictures[0]) == 1
    assert client_for(tenant.owner).get(SETUP).status_code == 200
