"""SQL that migrations of several apps need: functions that find a tenant before one is known.

A resolver function is owned by ``livecode_resolver`` and runs as it (``SECURITY DEFINER``). The resolver reads the
columns granted here and nothing else, through a policy of its own; callers see only what the function returns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import migrations

from tenants.roles import APP, OPS, RESOLVER


def definer_function(
    *, name: str, arguments: str, returns: str, body: str, reads: Mapping[str, Sequence[str]]
) -> migrations.RunSQL:
    """A migration operation that makes (or replaces) one resolver function.

    ``name``: e.g. ``resolve_slug``; ``arguments``: e.g. ``wanted text``; ``returns``: e.g.
    ``TABLE (tenant_id bigint)``; ``body``: one SQL query, whose tables are found in ``public``;
    ``reads``: table → columns, all that the body reads. Every function must also be in ``tenants.isolation.DEFINERS``.

    The path of schemas is fixed, so that no caller can put a table of his own before ours. Undoing drops the function;
    the grants stay, because another function may live on them.
    """
    types = ", ".join(part.split()[-1] for part in arguments.split(",")) if arguments else ""
    statements: list[str] = []
    for table, columns in reads.items():
        listed = ", ".join(f'"{column}"' for column in columns)
        statements += [
            f'GRANT SELECT ({listed}) ON "{table}" TO {RESOLVER}',
            f'DROP POLICY IF EXISTS "{table}_resolver" ON "{table}"',
            f'CREATE POLICY "{table}_resolver" ON "{table}" FOR SELECT TO {RESOLVER} USING (true)',
        ]
    statements += [
        f"SET LOCAL ROLE {RESOLVER}",
        (
            f"CREATE OR REPLACE FUNCTION public.{name}({arguments}) RETURNS {returns} "
            f"LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $livecode${body}$livecode$"
        ),
        f"REVOKE ALL ON FUNCTION public.{name}({types}) FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION public.{name}({types}) TO {APP}, {OPS}",
        "RESET ROLE",
    ]
    undo = [f"SET LOCAL ROLE {RESOLVER}", f"DROP FUNCTION public.{name}({types})", "RESET ROLE"]
    return migrations.RunSQL([(one, None) for one in statements], [(one, None) for one in undo])
