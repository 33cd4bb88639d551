"""Pytest plugin: real PostgreSQL and Redis for the suite, ready before Django reads its settings.

One run has one server of each kind and one migrated template database; the run, or each xdist worker, gets a copy.
By default the embedded binaries are used. `PG_BIN=/usr/lib/postgresql/15/bin` and `REDIS_SERVER=/usr/bin/redis-server`
choose other binaries; `TEST_DATABASE_ADMIN_URL` (a superuser) and `TEST_REDIS_URL` choose running servers.
`TEST_SERVICES=off` starts nothing, for tests of pure functions.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from livecode_admin.devstack import databases, postgres, valkey
from tenants import roles

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "livecode-test"
PASSWORDS = dict.fromkeys(roles.LOGIN_ROLES, PASSWORD)
# Two keys, so that reading with an older key is exercised; the first one seals.
KEY_RING = "t2:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=,t1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
# Stops the servers when the test run is killed before it can do so: the pipe closes, `read` returns.
WATCH = 'read word; [ "$word" = done ] && exit; kill -INT "$1"; kill -TERM "$2"; sleep 1; rm -rf "$3"'


@dataclass
class Services:
    """What this process started and has to stop."""

    folder: Path | None = None
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)
    watcher: subprocess.Popen[bytes] | None = None
    own_databases: list[str] = field(default_factory=list)


STARTED = Services()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start the servers, or in an xdist worker copy the template, and put the addresses into the environment."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "livecode_admin.settings.test"
    os.environ["LIVECODE_SECRET_KEYS"] = KEY_RING
    known = early_config.known_args_namespace
    if os.environ.get("TEST_SERVICES") == "off" or known.help or known.version or known.collectonly:
        return
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not worker:
        _start_servers()
        _make_template()
    _use_copy(worker)


def pytest_unconfigure() -> None:
    """Stop what was started."""
    from django.db import connections

    connections.close_all()
    admin_url = os.environ.get("LIVECODE_TEST_ADMIN_URL", "")
    if STARTED.folder is None:
        for name in STARTED.own_databases:
            with suppress(Exception):  # a server that is gone has no database to drop
                databases.drop_database(admin_url, name)
    for child in STARTED.children:
        postgres.stop(child)
    if STARTED.watcher is not None:
        STARTED.watcher.communicate(b"done\n")
    if STARTED.folder is not None:
        shutil.rmtree(STARTED.folder, ignore_errors=True)


def _start_servers() -> None:
    """Start embedded servers, unless addresses of running ones were given."""
    admin_url = os.environ.get("TEST_DATABASE_ADMIN_URL", "")
    redis_url = os.environ.get("TEST_REDIS_URL", "")
    cluster: postgres.Cluster | None = None
    if not (admin_url and redis_url):
        STARTED.folder = Path(tempfile.mkdtemp(prefix="lc-test-"))
        log = (STARTED.folder / "servers.log").open("wb")
    if not admin_url:
        assert STARTED.folder is not None
        cluster = postgres.Cluster(
            STARTED.folder / "pg", STARTED.folder / "s", password=PASSWORD, settings=postgres.UNSAFE_BUT_FAST
        )
        cluster.ensure_initialised()
        STARTED.children.append(cluster.spawn(log))
        admin_url = cluster.url()
    if not redis_url:
        assert STARTED.folder is not None
        server = valkey.Server(STARTED.folder / "redis", STARTED.folder / "s", durable=False)
        STARTED.children.append(server.spawn(log))
        redis_url = server.socket.as_posix()
        server.wait_ready(STARTED.children[-1])
    if cluster is not None:
        cluster.wait_ready(STARTED.children[0])
    if STARTED.children:
        pids = [str(child.pid) for child in STARTED.children]
        STARTED.watcher = subprocess.Popen(
            ["sh", "-c", WATCH, "watch", pids[0], pids[-1], str(STARTED.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    os.environ["LIVECODE_TEST_ADMIN_URL"] = admin_url
    os.environ["LIVECODE_TEST_REDIS"] = redis_url


def _make_template() -> None:
    """Make and migrate the database that every copy starts from."""
    admin_url = os.environ["LIVECODE_TEST_ADMIN_URL"]
    name = f"livecode_template_{os.getpid()}"
    databases.create_roles(admin_url, PASSWORDS)
    databases.drop_database(admin_url, name)
    databases.create_database(admin_url, name)
    STARTED.own_databases.append(name)
    os.environ["LIVECODE_TEST_TEMPLATE"] = name
    urls = databases.urls_for(admin_url, name, PASSWORDS)
    done = subprocess.run(
        [
            sys.executable,
            str(ROOT / "manage.py"),
            "migrate",
            "--database",
            "owner",
            "--verbosity",
            "0",
            "--skip-checks",
        ],
        env={**os.environ, **urls.environment(), "DATABASE_ADMIN_URL": admin_url},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.exit(
            f"The migrations failed (TEST_SERVICES=off runs pure tests without them):\n{done.stdout}{done.stderr}",
            returncode=3,
        )


def _use_copy(worker: str) -> None:
    """Copy the template for this process and point all addresses at the copy."""
    admin_url = os.environ["LIVECODE_TEST_ADMIN_URL"]
    template = os.environ["LIVECODE_TEST_TEMPLATE"]
    name = f"{template}_{worker or 'main'}"
    databases.drop_database(admin_url, name)
    databases.create_database(admin_url, name, template=template)
    STARTED.own_databases.insert(0, name)
    number = int(worker.removeprefix("gw") or 0) if worker else 0
    broker, cache = _redis_urls(os.environ["LIVECODE_TEST_REDIS"], number)
    os.environ.update(
        {
            **databases.urls_for(admin_url, name, PASSWORDS).environment(),
            "DATABASE_ADMIN_URL": databases.with_database(admin_url, name),
            "BROKER_URL": broker,
            "CACHE_URL": cache,
        }
    )


def _redis_urls(place: str, number: int) -> tuple[str, str]:
    """Return broker and cache addresses: own databases for each worker, on a socket path or a redis:// server."""
    broker, cache = 2 * number, 2 * number + 1
    if place.startswith("/"):
        return f"redis+socket://{place}?virtual_host={broker}", f"unix://{place}?db={cache}"
    return f"{place.rstrip('/')}/{broker}", f"{place.rstrip('/')}/{cache}"
