"""The database roles of design.md §3.2 as SQL; run once by a superuser, safe to run again. No Django here.

==================  ==========  =================================================================================
role                logs in     may
==================  ==========  =================================================================================
livecode_owner      yes         own and change the schema (migrations)
livecode_app        yes         read and write rows of the current tenant; owns nothing, no TRUNCATE
livecode_ops        yes         as the app, plus the tables with a policy of its own (jobs that fan out)
livecode_resolver   no          own the SECURITY DEFINER functions, which read a few granted columns
==================  ==========  =================================================================================

None is a superuser, and none may pass by row level security. The owner may *become* the resolver (to make its
functions) but doesn't inherit from it: otherwise the resolver's policies would also open the tables to the owner.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OWNER: Final = "livecode_owner"
APP: Final = "livecode_app"
OPS: Final = "livecode_ops"
RESOLVER: Final = "livecode_resolver"
LOGIN_ROLES: Final = (OWNER, APP, OPS)
EXTENSIONS: Final = ("pg_trgm", "btree_gist", "btree_gin")

_HARMLESS = "NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION NOINHERIT"
# PostgreSQL 16 moved inheriting from the role to the membership; 15 knows only the role's NOINHERIT.
_INHERIT_SINCE = 160000


def literal(text: str) -> str:
    """``text`` as an SQL literal (with ``standard_conforming_strings``, PostgreSQL's default)."""
    return "'" + text.replace("'", "''") + "'"


def cluster_statements(passwords: Mapping[str, str], *, server_version: int) -> list[str]:
    """Create or correct the roles. ``passwords`` is by role name; a role without one keeps the one it has.

    ``server_version``: PostgreSQL's ``server_version_num``, e.g. 150018.
    """
    statements = []
    for role in (*LOGIN_ROLES, RESOLVER):
        login = "LOGIN" if role in LOGIN_ROLES else "NOLOGIN"
        statements += [
            f"DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
            f"ALTER ROLE {role} {login} {_HARMLESS}",
        ]
        if password := passwords.get(role):
            statements.append(f"ALTER ROLE {role} PASSWORD {literal(password)}")
    options = " WITH INHERIT FALSE, SET TRUE" if server_version >= _INHERIT_SINCE else ""
    statements.append(f"GRANT {RESOLVER} TO {OWNER}{options}")
    return statements


def database_statements() -> list[str]:
    """Prepare the database that the connection is on: extensions, a closed schema, privileges of tables to come."""
    readers = f"{APP}, {OPS}"
    return [
        *(f"CREATE EXTENSION IF NOT EXISTS {name}" for name in EXTENSIONS),
        f"ALTER SCHEMA public OWNER TO {OWNER}",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {readers}, {RESOLVER}",
        f"GRANT CREATE ON SCHEMA public TO {RESOLVER}",
        (
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public "
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {readers}"
        ),
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {readers}",
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {RESOLVER} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
    ]
