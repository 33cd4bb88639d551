"""The servers of the suite are real, of a supported version, and behave as production's do."""

from contextlib import closing

import psycopg2
import pytest
import redis
from django.db import connection, connections


@pytest.mark.parametrize(
    ("alias", "role"), [("default", "livecode_app"), ("owner", "livecode_owner"), ("ops", "livecode_ops")]
)
def test_each_alias_is_its_own_role_on_the_same_database(alias: str, role: str) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        user, database = cursor.fetchone()
    assert user == role
    assert database == connection.settings_dict["NAME"]


def test_the_app_role_has_no_power_to_pass_the_silent_wall(database_url: str) -> None:
    with closing(psycopg2.connect(database_url)) as link, link.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False, False)


def test_chinese_text_has_trigrams() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT similarity('华东区渠道活码', '华东渠道')")
        (similarity,) = cursor.fetchone()
    assert similarity > 0


def test_the_server_is_postgresql_15_or_newer() -> None:
    assert connection.cursor().connection.server_version >= 150000


def test_redis_runs_scripts_and_streams(redis_url: str) -> None:
    client = redis.Redis.from_url(redis_url)
    assert client.eval("return redis.call('SET', KEYS[1], ARGV[1])", 1, "probe", "1") == b"OK"
    client.delete("probe")
