"""The person's own account: password, and where one is signed in; throttling; asking again who it is."""

from __future__ import annotations

import re
import secrets

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client, override_settings
from django.urls import reverse

from permissions.models import SignIn, User
from permissions.services.sign_ins import browser_name, session_hash, short_ip
from permissions.sessions import CONFIRMED
from tests.authenticator import code_of
from tests.factories import PASSWORD, TenantFixture, client_for, make_user
from tests.permissions.test_second_factor import set_up, sign_in

NEW = "another-quiet-harbour-48"
CRM = {"url": "https://crm.example/hook", "enabled": "on"}
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36"


def address() -> str:
    return f"203.0.{secrets.randbelow(256)}.{secrets.randbelow(256)}"


def tries(username: str, password: str, where: str) -> int:
    return Client(REMOTE_ADDR=where).post("/login/", {"username": username, "password": password}).status_code


def stale(client: Client) -> Client:
    """The same browser eleven minutes after its person showed who they are."""
    session = client.session
    session[CONFIRMED] -= 660
    session.save()
    return client


# --- password ---------------------------------------------------------------------------------------------------------
def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(tenant: TenantFixture) -> None:
    user_id = tenant.member("campaign_ops").user_id or 0
    (here, _), (there, _) = sign_in(user_id), sign_in(user_id)
    assert here.post("/account/password/", {"old": PASSWORD, "new": NEW})["Location"] == "/account/"
    assert here.get("/account/").status_code == 200
    assert there.get("/account/")["Location"].startswith("/login/")
    assert User.objects.get(pk=user_id).check_password(NEW)
    assert SignIn.objects.filter(user_id=user_id, ended_at=None).count() == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [("wrong", NEW, "当前密码不正确"), (PASSWORD, "short", "12"), (PASSWORD, "", "请输入新密码")],
)
def test_what_is_wrong_with_a_password_stands_beside_it(tenant: TenantFixture, old: str, new: str, said: str) -> None:
    user_id = tenant.member("intern").user_id or 0
    client, _ = sign_in(user_id)
    answer = client.post("/account/password/", {"old": old, "new": new})
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert User.objects.get(pk=user_id).check_password(PASSWORD)


# --- sessions ---------------------------------------------------------------------------------------------------------
def test_the_account_shows_where_one_is_signed_in_with_short_addresses(tenant: TenantFixture) -> None:
    user_id = tenant.member("intern").user_id or 0
    client = Client(REMOTE_ADDR="192.0.2.77", headers={"User-Agent": CHROME})
    username = User.objects.get(pk=user_id).username
    client.post("/login/", {"username": username, "password": PASSWORD})
    page = client.get("/account/").content.decode()
    assert "Chrome · Windows" in page
    assert "192.0.2.*" in page
    assert "192.0.2.77" not in page
    assert "本设备" in page


def test_one_session_is_signed_out_from_another(tenant: TenantFixture) -> None:
    user_id = tenant.member("intern").user_id or 0
    (here, _), (there, _) = sign_in(user_id), sign_in(user_id)
    (row,) = re.findall(r'name="id" value="(\d+)"', here.get("/account/").content.decode())
    here.post("/account/sessions/", {"id": row})
    assert there.get("/account/").status_code == 302
    assert here.get("/account/").status_code == 200


def test_all_others_are_signed_out_at_once(tenant: TenantFixture) -> None:
    user_id = tenant.member("intern").user_id or 0
    browsers = [sign_in(user_id)[0] for _ in range(3)]
    browsers[0].post("/account/sessions/")
    assert [one.get("/account/").status_code for one in browsers] == [200, 302, 302]


def test_nobody_signs_another_person_out(tenant: TenantFixture) -> None:
    (mine, _), (theirs, _) = (sign_in(tenant.member(key).user_id or 0) for key in ("intern", "receptionist"))
    row = SignIn.objects.get(user_id=tenant.member("receptionist").user_id or 0)
    mine.post("/account/sessions/", {"id": str(row.pk)})
    mine.post("/account/sessions/", {"id": "²"})
    assert theirs.get("/account/").status_code == 200


def test_signing_out_ends_the_session_in_the_list_and_a_row_opens_no_session(tenant: TenantFixture) -> None:
    user_id = tenant.member("intern").user_id or 0
    client, _ = sign_in(user_id)
    key = client.session.session_key or ""
    row = SignIn.objects.get(user_id=user_id)
    assert row.session_hash == session_hash(key) != key
    client.post("/logout/")
    row.refresh_from_db()
    assert row.ended_at is not None
    assert not Session.objects.filter(session_key=key).exists()


def test_addresses_and_browsers_are_shortened() -> None:
    assert [short_ip(text) for text in ("198.51.100.7", "2001:db8:1:2::3", "")] == [
        "198.51.100.*",
        "2001:0db8:0001:*",
        "",
    ]
    assert browser_name(CHROME) == "Chrome · Windows"
    assert browser_name("curl/8") == ""


# --- throttling -------------------------------------------------------------------------------------------------------
@override_settings(SIGN_IN_FAILURES_OF_NAME=8)
@pytest.mark.parametrize("known", [True, False])
def test_one_name_is_held_up_from_every_address(known: bool) -> None:
    name = f"n{secrets.token_hex(6)}"
    if known:
        make_user(name)
    answers = [tries(name, "wrong", address()) for _ in range(8)]
    assert (answers[:7], answers[7]) == ([422] * 7, 429)
    assert tries(name, PASSWORD, address()) == 429


@override_settings(SIGN_IN_FAILURES_OF_ADDRESS=12)
def test_one_address_is_held_up_for_every_name() -> None:
    here, name = address(), f"n{secrets.token_hex(6)}"
    make_user(name)
    answers = [tries(f"n{secrets.token_hex(6)}", "wrong", here) for _ in range(12)]
    assert (answers[:11], answers[11]) == ([422] * 11, 429)
    assert tries(name, PASSWORD, here) == 429
    assert tries(name, PASSWORD, address()) == 302


@override_settings(SIGN_IN_FAILURES_OF_ADDRESS=6)
def test_a_right_password_clears_the_name_but_not_the_address() -> None:
    here, name = address(), f"n{secrets.token_hex(6)}"
    make_user(name)
    for _ in range(5):
        tries(f"n{secrets.token_hex(6)}", "wrong", here)
    assert tries(name, PASSWORD, here) == 302
    assert tries(f"n{secrets.token_hex(6)}", "wrong", here) == 429
    assert settings.AXES_FAILURE_LIMIT < settings.SIGN_IN_FAILURES_OF_NAME


# --- confirming -------------------------------------------------------------------------------------------------------
def test_a_secret_is_changed_only_by_who_has_lately_shown_that_it_is_them(tenant: TenantFixture) -> None:
    client = stale(client_for(tenant.member("system_config")))

    url = reverse("crm:endpoint-save", args=[tenant.slug])
    asked = client.post(url, CRM)
    text = asked.content.decode()
    assert (asked.status_code, "确认是您本人" in text) == (403, True)
    # What was typed goes with the answer.
    assert f'action="{url}"' in text
    assert 'name="url" value="https://crm.example/hook"' in text
    assert "密码不正确" in client.post(url, CRM | {"confirm_password": "wrong"}).content.decode()
    done = client.post(url, CRM | {"confirm_password": PASSWORD})
    assert done.status_code == 200
    assert "crm.example" in done.content.decode()
    assert client.post(url, CRM).status_code == 302


def test_the_page_of_a_secret_may_be_looked_at(tenant: TenantFixture) -> None:
    client = stale(client_for(tenant.member("system_config")))
    assert client.get(f"/t/{tenant.slug}/wecom/").status_code == 200
    assert client.post(f"/t/{tenant.slug}/wecom/", {"corp_id": "ww1"}).status_code == 403


def test_a_part_of_a_page_leads_to_the_page_that_asks_and_back(tenant: TenantFixture) -> None:
    client = stale(client_for(tenant.member("system_config")))
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver/t/{tenant.slug}/wecom/"}
    answer = client.post(f"/t/{tenant.slug}/wecom/", {}, headers=headers)
    assert answer["HX-Redirect"] == f"/confirm/?next=/t/{tenant.slug}/wecom/"
    back = client.post(answer["HX-Redirect"], {"next": f"/t/{tenant.slug}/wecom/", "confirm_password": PASSWORD})
    assert back["Location"] == f"/t/{tenant.slug}/wecom/"
    assert client.post(f"/t/{tenant.slug}/wecom/", {"corp_id": "ww1"}).status_code == 200


def test_a_code_of_the_second_factor_confirms_too(tenant: TenantFixture) -> None:
    client, _ = sign_in(tenant.owner_user_id)
    secret, _ = set_up(client)
    stale(client)
    assert client.post("/confirm/", {"confirm_code": "000000"}).status_code == 422
    assert client.post("/confirm/", {"confirm_code": code_of(secret), "next": "/account/"})["Location"] == "/account/"


def test_wrong_passwords_of_the_confirmation_count_as_failed_sign_ins(tenant: TenantFixture) -> None:
    client = stale(client_for(tenant.member("system_config")))
    answers = [
        client.post("/confirm/", {"confirm_password": "wrong"}, REMOTE_ADDR="203.0.113.99").status_code
        for _ in range(settings.AXES_FAILURE_LIMIT)
    ]
    assert answers[-1] == 429
