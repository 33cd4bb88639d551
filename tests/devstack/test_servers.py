"""The embedded servers: made once, reused, private, and none left behind."""

import os
import signal
import subprocess
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
import redis

from livecode_admin.devstack import databases, postgres, valkey
from livecode_admin.devstack.problems import DevstackProblem
from livecode_admin.devstack.sockets import LONGEST, socket_dir

DEBIAN = Path("/usr/lib/postgresql/15/bin")


def cluster_in(folder: Path, *, durable: bool = False) -> postgres.Cluster:
    settings = {} if durable else postgres.UNSAFE_BUT_FAST
    return postgres.Cluster(folder / "pg", folder / "s", password="不简单 p@ss/word", settings=settings)


def started(cluster: postgres.Cluster) -> "subprocess.Popen[bytes]":
    cluster.ensure_initialised()
    child = cluster.spawn(subprocess.DEVNULL)
    cluster.wait_ready(child)
    return child


def value(url: str, query: str) -> object:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        (found,) = cursor.fetchone() or (None,)
        return found


def test_a_cluster_survives_a_kill_and_keeps_its_rows(tmp_path: Path) -> None:
    cluster = cluster_in(tmp_path, durable=True)
    child = started(cluster)
    with closing(psycopg2.connect(cluster.url())) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 7 AS n")
        connection.commit()
    child.kill()
    child.wait()
    again = started(cluster_in(tmp_path, durable=True))
    try:
        assert value(cluster.url(), "SELECT n FROM kept") == 7
    finally:
        postgres.stop(again)
    assert again.returncode == 0


@pytest.mark.parametrize("folder", ["wheel", "debian"])
def test_chinese_search_works_with_the_wheel_and_with_debians_15(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if folder == "debian":
        if not DEBIAN.exists():
            pytest.fail(f"install postgresql-15: {DEBIAN} is the oldest supported server and must be tried")
        monkeypatch.setenv("PG_BIN", str(DEBIAN))
    cluster = cluster_in(tmp_path)
    child = started(cluster)
    try:
        databases.create_roles(cluster.url(), {"livecode_app": "x"})
        databases.create_database(cluster.url(), "one")
        url = cluster.url(database="one")
        assert value(url, "SELECT similarity('华东区渠道活码', '华东渠道') > 0")
        assert value(url, "SHOW server_encoding") == "UTF8"
        assert not value(url, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = 'livecode_app'")
    finally:
        postgres.stop(child)


def test_the_server_asks_for_the_password_and_has_no_open_port(tmp_path: Path) -> None:
    cluster = cluster_in(tmp_path)
    child = started(cluster)
    try:
        with pytest.raises(psycopg2.OperationalError, match="password"):
            psycopg2.connect(cluster.url(password="wrong"))
        assert value(cluster.url(), "SHOW listen_addresses") == ""
        assert cluster.sockets.stat().st_mode & 0o077 == 0
    finally:
        postgres.stop(child)


def test_a_deep_chinese_path_gets_short_sockets(tmp_path: Path) -> None:
    deep = tmp_path / "很深的目录" / ("活码" * 20)
    chosen = socket_dir(deep / "sockets")
    assert len(os.fsencode(chosen)) + len("/.s.PGSQL.5432.lock") <= LONGEST
    assert chosen == socket_dir(deep / "sockets")
    assert chosen.stat().st_mode & 0o777 == 0o700
    chosen.rmdir()


def test_a_missing_pg_bin_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    with pytest.raises(DevstackProblem, match="no program named postgres"):
        postgres.binaries()


def test_redis_keeps_what_the_broker_was_given_through_a_kill(tmp_path: Path) -> None:
    server = valkey.Server(tmp_path / "redis", tmp_path / "s")
    child = server.spawn(subprocess.DEVNULL)
    server.wait_ready(child)
    with closing(redis.Redis.from_url(server.cache_url(3))) as client:
        client.lpush("queue", "hint")
    child.send_signal(signal.SIGKILL)
    child.wait()
    again = server.spawn(subprocess.DEVNULL)
    server.wait_ready(again)
    try:
        with closing(redis.Redis.from_url(server.cache_url(3))) as client:
            assert client.lrange("queue", 0, -1) == [b"hint"]
    finally:
        again.terminate()
        again.wait()


def test_data_of_another_version_are_refused_in_one_line(tmp_path: Path) -> None:
    cluster = cluster_in(tmp_path)
    cluster.ensure_initialised()
    (cluster.data_dir / "PG_VERSION").write_text("12\n", encoding="ascii")
    with pytest.raises(DevstackProblem, match="are of PostgreSQL 12"):
        cluster.ensure_initialised()
