"""Signing in and out, choosing a company, and how long a session lives."""

import secrets

import pytest
from django.conf import settings
from django.contrib.auth import hashers
from django.test import Client, override_settings

from livecode_admin.kernel import clock
from permissions.models import User
from permissions.services import member_add
from permissions.sessions import SEEN, SEEN_STEP, SIGNED_IN, is_over
from tenants.context import tenant_context
from tests.factories import PASSWORD, TenantFixture, client_for, make_user

WRONG = "用户名或密码不正确"


@pytest.fixture
def username() -> str:
    name = f"p{secrets.token_hex(6)}"
    make_user(name)
    return name


def sign_in(client: Client, username: str, password: str = PASSWORD, **extra: str) -> tuple[int, str, str]:
    answer = client.post("/login/", {"username": username, "password": password, **extra})
    return answer.status_code, answer.headers.get("Location", ""), answer.content.decode()


def test_the_right_password_leads_to_where_one_was_going(username: str) -> None:
    assert sign_in(Client(), username, next="/t/zhixing/codes/?tab=1")[:2] == (302, "/t/zhixing/codes/?tab=1")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/x",
        "/\\\\evil",
        "javascript:alert(1)",
        "\\\\evil",
        "7000",
        "permissions:login",
    ],
)
def test_signing_in_never_leads_out_of_the_product(username: str, elsewhere: str) -> None:
    assert sign_in(Client(), username, next=elsewhere)[:2] == (302, "/")


def test_a_wrong_name_a_wrong_password_and_a_closed_account_get_the_same_answer(username: str) -> None:
    closed = f"c{secrets.token_hex(6)}"
    User.objects.filter(pk=make_user(closed)).update(is_active=False)
    answers = [
        sign_in(Client(), username, "not-the-password"),
        sign_in(Client(), f"n{secrets.token_hex(6)}", "not-the-password"),
        sign_in(Client(), closed),
    ]
    assert {status for status, _, _ in answers} == {422}
    assert all(WRONG in text for _, _, text in answers)


def test_an_unknown_name_costs_as_many_hashes_as_a_known_one(username: str) -> None:
    made = []

    class Counting(hashers.MD5PasswordHasher):
        algorithm = "md5"

        def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
            made.append(password)
            return super().encode(password, salt)

    path = f"{__name__}.Counting"
    globals()["Counting"] = Counting
    with override_settings(PASSWORD_HASHERS=[path]):
        sign_in(Client(), username, "wrong")
        known = len(made)
        sign_in(Client(), f"n{secrets.token_hex(6)}", "wrong")
    assert len(made) - known == known > 0


def test_empty_fields_are_told_beside_them() -> None:
    _, _, text = sign_in(Client(), "", "")
    assert "请输入用户名" in text
    assert "请输入密码" in text


def test_the_sixth_try_is_refused_even_with_the_right_password(username: str) -> None:
    client = Client()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        last = sign_in(client, username, "wrong")
    assert last[0] == 429
    status, _, text = sign_in(client, username)
    assert status == 429
    assert "15 分钟后" in text


def test_others_and_other_addresses_are_not_held_up(username: str) -> None:
    client, neighbour = Client(), f"b{secrets.token_hex(6)}"
    make_user(neighbour)
    for _ in range(settings.AXES_FAILURE_LIMIT + 1):
        sign_in(client, username, "wrong")
    assert sign_in(client, neighbour)[0] == 302
    assert sign_in(Client(REMOTE_ADDR="192.0.2.7"), username)[0] == 302


def test_the_session_key_changes_on_signing_in(username: str) -> None:
    client = Client()
    session = client.session
    session["before"] = 1
    session.save()
    before = client.cookies[settings.SESSION_COOKIE_NAME].value
    sign_in(client, username)
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != before


def test_signing_out_takes_a_post_and_ends_the_session(tenant: TenantFixture) -> None:
    client = client_for(tenant.owner)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/").status_code == 302


def test_forms_need_their_token(username: str) -> None:
    assert sign_in(Client(enforce_csrf_checks=True), username)[0] == 403


def test_with_one_company_one_is_led_straight_in(tenant: TenantFixture) -> None:
    assert client_for(tenant.owner).get("/")["Location"] == f"/t/{tenant.slug}/"


def test_with_several_companies_one_chooses(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    with tenant_context(other_tenant.id):
        member_add(
            access=other_tenant.owner,
            user_id=tenant.owner_user_id,
            display_name="方圆",
            department_id=None,
            bundle_keys=["intern"],
            now=clock.now(),
        )
    text = client_for(tenant.owner).get("/").content.decode()
    for one in (tenant, other_tenant):
        assert f'href="/t/{one.slug}/"' in text
        assert one.name in text


def test_without_a_company_one_is_told_whom_to_ask(username: str) -> None:
    client = Client()
    sign_in(client, username)
    assert "请联系企业的管理员" in client.get("/").content.decode()


def test_a_signed_in_person_is_not_asked_again(tenant: TenantFixture) -> None:
    assert client_for(tenant.owner).get("/login/?next=/t/x/")["Location"] == "/t/x/"


@pytest.mark.parametrize(
    ("moved", "alive"),
    [
        ({SEEN: settings.SESSION_IDLE_SECONDS - SEEN_STEP}, True),
        ({SEEN: settings.SESSION_IDLE_SECONDS + 1}, False),
        ({SIGNED_IN: settings.SESSION_ABSOLUTE_SECONDS - SEEN_STEP}, True),
        ({SIGNED_IN: settings.SESSION_ABSOLUTE_SECONDS + 1}, False),
    ],
)
def test_a_session_ends_after_half_an_hour_idle_and_twelve_hours_in_all(
    tenant: TenantFixture, moved: dict[str, int], alive: bool
) -> None:
    client = client_for(tenant.owner)
    client.get("/")
    session = client.session
    for name, seconds in moved.items():
        session[name] -= seconds
    session.save()
    assert (client.get("/")["Location"] == f"/t/{tenant.slug}/") is alive


def test_limits_are_exclusive() -> None:
    idle, whole = settings.SESSION_IDLE_SECONDS, settings.SESSION_ABSOLUTE_SECONDS
    assert not is_over(0, 0, idle - 1)
    assert is_over(0, 0, idle)
    assert not is_over(0, whole - 1, whole - 1)
    assert is_over(0, whole - 1, whole)


def test_passwords_are_kept_as_argon2id_in_production() -> None:
    from livecode_admin.settings import base

    with override_settings(PASSWORD_HASHERS=base.PASSWORD_HASHERS):
        assert hashers.make_password("x").startswith("argon2$argon2id$")
