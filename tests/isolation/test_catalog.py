"""The catalog query finds nothing here, and finds each hole that is planted."""

from __future__ import annotations

from contextlib import closing

import psycopg2
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections

from tenants.isolation import holes, holes_seen_by
from tests.isolation.conftest import on_database
from tests.isolation.factory import tenant_models
from tests.isolation.walls import tenant_tables

# What is planted, as the owner (or "su:" the superuser), and the rule that must be named.
PLANTED = {
    "ALTER TABLE people_staff DISABLE ROW LEVEL SECURITY": "row level security is off",
    "ALTER TABLE people_staff NO FORCE ROW LEVEL SECURITY": "row level security is not forced",
    "DROP POLICY people_staff_isolation ON people_staff": "no policy for the tenant",
    "CREATE POLICY wide ON people_staff USING (true)": "policy reads more than the tenant",
    (
        "ALTER POLICY people_staff_isolation ON people_staff USING "
        "(tenant_id = nullif(current_setting('app.tenant', true), '')::bigint OR current_setting('app.admin') = '1')"
    ): "policy reads more than the tenant",
    "ALTER POLICY people_staff_isolation ON people_staff WITH CHECK (true)": "policy without its WITH CHECK",
    "CREATE POLICY mine ON people_staff TO livecode_app USING (true)": "policy for a role that has none",
    "CREATE VIEW everyone AS SELECT * FROM people_staff": "view is not security_invoker",
    "CREATE MATERIALIZED VIEW kept AS SELECT * FROM people_staff": "materialized view",
    "CREATE FUNCTION sly() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT 1::bigint'": (
        "definer function outside the list"
    ),
    (
        "CREATE FUNCTION livecode_tenant_by_slug() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT 1::bigint'"
    ): "definer function of another owner",
    "GRANT EXECUTE ON FUNCTION livecode_tenant_by_slug(text) TO PUBLIC": "definer function open to everybody",
    "ALTER TABLE codes_livecode ADD FOREIGN KEY (folder_id) REFERENCES codes_codefolder (id)": (
        "foreign key without the tenant"
    ),
    "CREATE INDEX ON people_staff (name)": "list index does not begin with the tenant",
    "CREATE UNIQUE INDEX ON people_staff (name) WHERE id < 0": "unique over all tenants",
    "GRANT TRUNCATE ON people_staff TO livecode_app": "app role may TRUNCATE",
    "GRANT UPDATE ON permissions_auditentry TO livecode_app": "history may be changed",
    "GRANT UPDATE (action) ON permissions_auditentry TO livecode_ops": "history may be changed",
    "GRANT DELETE ON reception_contact TO livecode_app": "history may be changed",
    "ALTER TABLE permissions_auditentry DISABLE TRIGGER permissions_auditentry_history": "history trigger is off",
    "ALTER TABLE analytics_hourlyfigure DISABLE TRIGGER USER": "history trigger is off",
    "GRANT SELECT ON people_staff TO livecode_resolver": "resolver reads more than columns",
    "GRANT INSERT ON people_staff TO livecode_resolver": "resolver may write",
    "CREATE TABLE new (id bigint PRIMARY KEY, tenant_id bigint NOT NULL)": "row level security is off",
    "su:ALTER TABLE people_staff OWNER TO livecode_app": "app role owns",
    "su:GRANT CREATE ON SCHEMA public TO livecode_app": "app role may make objects",
    "su:ALTER ROLE livecode_app BYPASSRLS": "role is too mighty",
    "su:ALTER ROLE livecode_ops SUPERUSER": "role is too mighty",
    "su:GRANT livecode_owner TO livecode_app": "role inherits from another",
    "su:ALTER ROLE livecode_resolver LOGIN": "resolver may log in",
}


def test_this_database_has_no_hole() -> None:
    assert holes() == []
    call_command("check_isolation")


def test_every_tenant_table_is_a_model_or_a_partition() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits")
        partitions = {name for (name,) in cursor.fetchall()}
        tables = set(tenant_tables(cursor)) - partitions
    assert tables - {"tenants_tenant"} == {model._meta.db_table for model in tenant_models()}


@pytest.mark.parametrize(("planted", "rule"), PLANTED.items(), ids=lambda part: part[:60])
def test_a_planted_hole_is_found(planted: str, rule: str, admin_url: str) -> None:
    # Looked at in the planting transaction, which is rolled back: nobody else ever sees the hole.
    with closing(psycopg2.connect(admin_url)) as connection, connection.cursor() as cursor:
        if not planted.startswith("su:"):
            cursor.execute("SET ROLE livecode_owner")
        if "livecode_tenant_by_slug(text)" in planted:
            cursor.execute("SET ROLE livecode_resolver")
        cursor.execute(planted.removeprefix("su:"))
        cursor.execute("SET ROLE livecode_app" if "livecode_app BYPASSRLS" not in planted else "RESET ROLE")
        assert rule in {hole.rule for hole in holes_seen_by(cursor)}
        connection.rollback()
    assert holes() == []


def test_the_command_fails_and_names_the_hole(open_database: str, capsys: pytest.CaptureFixture[str]) -> None:
    with on_database(open_database), pytest.raises(CommandError, match="holes"):
        call_command("check_isolation")
    assert "row level security is off: people_staff" in capsys.readouterr().err
