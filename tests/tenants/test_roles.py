"""Roles: set up twice without harm, and a mighty role is refused."""

from __future__ import annotations

import os
from contextlib import closing

import psycopg2
import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, connections
from django.test import override_settings

from tenants import checks, roles
from tenants.isolation import holes


def test_setting_up_the_roles_again_changes_nothing() -> None:
    call_command("setup_roles")
    call_command("setup_roles")
    assert holes() == []


def test_setting_up_needs_a_superusers_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_ADMIN_URL")
    with pytest.raises(CommandError, match="DATABASE_ADMIN_URL"):
        call_command("setup_roles")


def test_postgresql_15_has_another_way_not_to_inherit() -> None:
    old = roles.cluster_statements({}, server_version=150018)
    new = roles.cluster_statements({}, server_version=180006)
    assert old[-1] == "GRANT livecode_resolver TO livecode_owner"
    assert new[-1].endswith("WITH INHERIT FALSE, SET TRUE")
    assert all("NOINHERIT" in one for one in old if one.startswith("ALTER ROLE"))


def test_a_password_with_a_quote_stays_one_literal() -> None:
    assert roles.literal("a'b\\c") == "'a''b\\c'"


@pytest.mark.parametrize(
    "statement", ["TRUNCATE people_staff", "CREATE TABLE mine ()", "ALTER TABLE people_staff ADD x int"]
)
def test_the_app_changes_no_schema_and_truncates_nothing(statement: str) -> None:
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_owner_sees_no_tenants_rows_by_itself() -> None:
    with connections["owner"].cursor() as cursor:
        for table in ("tenants_tenant", "permissions_member", "codes_livecode"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (0,)


def test_a_process_refuses_to_serve_as_a_mighty_role(monkeypatch: pytest.MonkeyPatch) -> None:
    admin = psycopg2.extensions.parse_dsn(os.environ["DATABASE_ADMIN_URL"])
    mine = connections.create_connection("default")
    mine.settings_dict = {**mine.settings_dict, "USER": admin["user"], "PASSWORD": admin.get("password", "")}
    monkeypatch.setattr(checks, "_judged", set())
    with closing(mine), pytest.raises(ImproperlyConfigured, match="passes by row level security"):
        mine.ensure_connection()
    assert mine.connection is None


def test_the_product_does_not_start_without_the_loud_wall() -> None:
    with override_settings(TENANT_LOUD_WALL=False), pytest.raises(ImproperlyConfigured, match="TENANT_LOUD_WALL"):
        apps.get_app_config("tenants").ready()


def test_the_system_check_is_content_with_the_servers_roles() -> None:
    assert checks.check_roles(databases=["default", "ops", "owner"]) == []
    assert checks.mighty_role(connection) is None
