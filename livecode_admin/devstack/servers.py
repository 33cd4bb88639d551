"""PostgreSQL and Redis of a demo: embedded ones, or those whose addresses are given."""

import os

from livecode_admin.devstack import databases, postgres, valkey
from livecode_admin.devstack.output import Output
from livecode_admin.devstack.place import Place
from livecode_admin.devstack.problems import DevstackProblem
from livecode_admin.devstack.supervisor import Program, Supervisor
from tenants import roles

DATABASE = "livecode"
DATABASE_VARIABLES = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_OPS_URL")


def start(place: Place, supervisor: Supervisor, output: Output) -> dict[str, str]:
    """Start what is not given by URL, wait for it, create roles and database; return the addresses as variables."""
    given = {name: os.environ[name] for name in DATABASE_VARIABLES if os.environ.get(name)}
    if given and len(given) < len(DATABASE_VARIABLES):
        raise DevstackProblem(f"Set all of {', '.join(DATABASE_VARIABLES)}, or none for the embedded PostgreSQL.")
    os.environ["LIVECODE_DEMO_STATE"] = str(place.demo_file)  # the mark that servers carry too
    server = _redis(place, supervisor)
    if not given:
        given = _postgres(place, supervisor, output)
    if server is None:
        return {**given, "BROKER_URL": os.environ["BROKER_URL"], "CACHE_URL": os.environ["CACHE_URL"]}
    server.wait_ready(supervisor.programs["redis"].child)
    return {**given, "BROKER_URL": server.broker_url(0), "CACHE_URL": server.cache_url(1)}


def _redis(place: Place, supervisor: Supervisor) -> valkey.Server | None:
    urls = [os.environ.get(name) for name in ("BROKER_URL", "CACHE_URL")]
    if all(urls):
        return None
    if any(urls):
        raise DevstackProblem("Set both BROKER_URL and CACHE_URL, or neither for the embedded Redis.")
    server = valkey.Server(place.data_dir / "redis", place.socket_dir)
    supervisor.launch(Program("redis", spawn=server.spawn, layer=0))
    return server


def _postgres(place: Place, supervisor: Supervisor, output: Output) -> dict[str, str]:
    words = place.secrets()
    passwords = {role: words[role.removeprefix("livecode_")] for role in roles.LOGIN_ROLES}
    admin_url = os.environ.get("DATABASE_ADMIN_URL", "")
    if not admin_url:
        cluster = postgres.Cluster(place.data_dir / "postgres", place.socket_dir, password=words["postgres"])
        cluster.ensure_initialised()
        program = Program("postgres", spawn=cluster.spawn, stop_signal=postgres.STOP_SIGNAL, layer=0)
        supervisor.launch(program)
        cluster.wait_ready(program.child)
        admin_url = cluster.url()
    if not databases.database_exists(admin_url, DATABASE):
        output.say("creating roles and database")
    databases.create_roles(admin_url, passwords)
    if not databases.database_exists(admin_url, DATABASE):
        databases.create_database(admin_url, DATABASE)
    return databases.urls_for(admin_url, DATABASE, passwords).environment()
