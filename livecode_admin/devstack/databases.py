"""Roles and databases: what a superuser does once, before Django's own migrations."""

import time
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg2
from psycopg2 import errors, sql

from tenants import roles


@dataclass(frozen=True)
class Urls:
    """The addresses of one database, one for each login role."""

    app: str
    owner: str
    ops: str

    def environment(self) -> dict[str, str]:
        """Return the variables that settings read."""
        return {"DATABASE_URL": self.app, "DATABASE_OWNER_URL": self.owner, "DATABASE_OPS_URL": self.ops}


def urls_for(admin_url: str, database: str, passwords: dict[str, str]) -> Urls:
    """Return the addresses of a database on the server that `admin_url` names."""
    return Urls(
        **{
            kind: with_login(admin_url, database, role, passwords[role])
            for kind, role in (("app", roles.APP), ("owner", roles.OWNER), ("ops", roles.OPS))
        }
    )


def with_login(url: str, database: str, user: str, password: str) -> str:
    """Return the same server's address for another database and login."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    netloc = f"{user}:{quote(password, safe='')}@{place}"
    # urlunsplit drops the empty host of unix-socket URLs when there is no netloc; with a login there always is one.
    return urlunsplit((parts.scheme, netloc, f"/{database}", parts.query, ""))


def with_database(url: str, database: str) -> str:
    """Return the same login on another database."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, f"/{database}", parts.query, ""))


def database_exists(admin_url: str, database: str) -> bool:
    """Return whether the server has a database of that name."""
    with closing(psycopg2.connect(admin_url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        return cursor.fetchone() is not None


def create_roles(admin_url: str, passwords: dict[str, str]) -> None:
    """Create or update the roles of design.md §3; safe to run again."""
    with closing(psycopg2.connect(admin_url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        for statement in roles.cluster_statements(passwords, server_version=connection.server_version):
            cursor.execute(statement)


def create_database(admin_url: str, database: str, *, template: str = "") -> None:
    """Create a database of the owner role, empty with the extensions, or as a copy of `template`.

    A template that somebody is still leaving is tried again for a few seconds.
    """
    words = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(roles.OWNER))
    if template:
        words += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    with closing(psycopg2.connect(admin_url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        for attempt in range(50):
            try:
                cursor.execute(words)
                break
            except errors.ObjectInUse:
                if attempt == 49:
                    raise
                time.sleep(0.2)
    if not template:
        prepare_database(with_database(admin_url, database))


def prepare_database(url: str) -> None:
    """Add the extensions, close the public schema to everybody but the owner, set privileges of tables to come."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        for statement in roles.database_statements():
            cursor.execute(statement)


def drop_database(admin_url: str, database: str) -> None:
    """Drop a database, whoever is connected to it."""
    with closing(psycopg2.connect(admin_url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))
