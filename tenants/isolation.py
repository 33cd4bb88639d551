"""The catalog query that must return nothing: every hole in wall 2 that PostgreSQL's own catalog can show.

Run by ``manage.py check_isolation`` in CI and at each deployment, by any role (catalogs are open to all).
A *tenant table* is ``tenants_tenant``, a table with a foreign key to it, or one with a column ``tenant_id``;
partitions count as tables of their own, because row level security of a parent doesn't guard a partition.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connections

from tenants.roles import APP, OPS, OWNER, RESOLVER

# The only SECURITY DEFINER functions, each made with tenants.migrations_sql.definer_function.
DEFINERS = (
    "livecode_tenant_by_slug",
    "livecode_tenant_by_host",
    "livecode_tenant_by_callback_key",
    "livecode_tenants_of_user",
    "resolve_slug",
    "livecode_live_slugs",
)
# Unique over all tenants, as "table.column": random values, where a clash tells nobody anything.
RANDOM_AND_UNIQUE = (
    "tenants_wecomconnection.callback_key",
    "codes_livecode.slug",
    "routing_contactway.state",
    "tenants_tenant.slug",
    "tenants_tenant.corp_id",
    "tenants_tenant.entry_host",
    "tenants_tenant.landing_host",
)


@dataclass(frozen=True, slots=True)
class Hole:
    """One finding: the rule that is broken, and where."""

    rule: str
    place: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.place}"


_QUERY = """
WITH tab AS (
    SELECT c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity, coalesce(
        (SELECT 'id'::name WHERE c.relname = 'tenants_tenant'),
        (SELECT a.attname FROM pg_constraint f JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = f.conkey[1]
          WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.confrelid = 'tenants_tenant'::regclass
            AND cardinality(f.conkey) = 1 ORDER BY a.attname <> 'tenant_id', a.attnum LIMIT 1),
        (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')) AS col
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
), guarded AS (SELECT * FROM tab WHERE col IS NOT NULL),
app AS (SELECT oid, rolname FROM pg_roles WHERE rolname IN (%(app)s, %(ops)s)),
pol AS (
    SELECT p.*, g.relname, g.oid AS reloid, pg_get_expr(p.polqual, p.polrelid) AS qual,
        pg_get_expr(p.polwithcheck, p.polrelid) AS checked,
        '(' || quote_ident(g.col) || ' = (NULLIF(current_setting(''app.tenant''::text, true), ''''::text))::bigint)'
            AS wanted
    FROM pg_policy p JOIN guarded g ON g.oid = p.polrelid
), idx AS (
    SELECT g.relname, g.col, i.indexrelid::regclass::text AS name, i.indisunique, i.indisprimary, i.indnkeyatts,
        a.attname AS first, am.amname, g.relname || '.' || a.attname AS place,
        EXISTS (SELECT 1 FROM pg_constraint f WHERE f.conrelid = g.oid AND f.contype = 'f'
                AND i.indkey[0] = ANY (f.conkey)) AS is_key,
        EXISTS (SELECT 1 FROM pg_attribute t WHERE t.attrelid = g.oid AND t.attnum = ANY (i.indkey::int2[])
                AND (t.attname = g.col OR EXISTS (
                    SELECT 1 FROM pg_constraint f WHERE f.conrelid = g.oid AND f.contype = 'f'
                    AND f.confrelid = 'tenants_tenant'::regclass AND f.conkey = ARRAY[t.attnum]))) AS has_tenant,
        EXISTS (SELECT 1 FROM pg_constraint f JOIN guarded p ON p.oid = f.confrelid
                WHERE f.conrelid = g.oid AND f.contype = 'f' AND cardinality(f.conkey) > 1
                AND f.conkey && i.indkey::int2[]) AS tells_tenant
    FROM pg_index i JOIN guarded g ON g.oid = i.indrelid JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_am am ON am.oid = c.relam
    LEFT JOIN pg_attribute a ON a.attrelid = g.oid AND a.attnum = i.indkey[0] AND i.indkey[0] > 0
), definer AS (
    SELECT p.oid, p.proname, p.proowner, p.proconfig, p.proacl FROM pg_proc p
    JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
)
SELECT 'row level security is off' AS rule, relname::text AS place FROM guarded WHERE NOT relrowsecurity
UNION ALL SELECT 'row level security is not forced', relname FROM guarded WHERE NOT relforcerowsecurity
UNION ALL SELECT 'no policy for the tenant', relname FROM guarded g
    WHERE NOT EXISTS (SELECT 1 FROM pol WHERE reloid = g.oid AND polroles = '{0}' AND polcmd = '*' AND polpermissive)
UNION ALL SELECT 'policy reads more than the tenant', relname || '.' || polname FROM pol
    WHERE polpermissive AND polroles = '{0}' AND qual IS DISTINCT FROM wanted
UNION ALL SELECT 'policy without its WITH CHECK', relname || '.' || polname FROM pol
    WHERE polpermissive AND polroles = '{0}' AND checked IS DISTINCT FROM wanted
UNION ALL SELECT 'policy for a role that has none', relname || '.' || polname FROM pol
    WHERE polroles <> '{0}' AND NOT polroles <@ (SELECT array_agg(oid) FROM pg_roles
        WHERE rolname IN (%(ops)s, %(resolver)s))
UNION ALL SELECT 'view is not security_invoker', c.relname FROM pg_class c
    WHERE c.relkind = 'v' AND c.relnamespace = 'public'::regnamespace
      AND NOT coalesce(c.reloptions @> '{security_invoker=true}' OR c.reloptions @> '{security_invoker=on}', false)
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
UNION ALL SELECT 'materialized view', c.relname FROM pg_class c WHERE c.relkind = 'm'
UNION ALL SELECT 'definer function outside the list', proname FROM definer WHERE NOT proname = ANY (%(definers)s)
UNION ALL SELECT 'definer function of another owner', proname FROM definer
    WHERE proowner <> (SELECT oid FROM pg_roles WHERE rolname = %(resolver)s)
UNION ALL SELECT 'definer function without a fixed path', proname FROM definer
    WHERE NOT coalesce(proconfig @> ARRAY['search_path=public, pg_temp'], false)
UNION ALL SELECT 'definer function open to everybody', proname FROM definer
    WHERE proacl IS NULL OR EXISTS (SELECT 1 FROM aclexplode(proacl) WHERE grantee = 0)
UNION ALL SELECT 'foreign key without the tenant', f.conrelid::regclass || '.' || f.conname FROM pg_constraint f
    JOIN guarded child ON child.oid = f.conrelid JOIN guarded parent ON parent.oid = f.confrelid
    WHERE f.contype = 'f' AND parent.relname <> 'tenants_tenant' AND NOT EXISTS (
        SELECT 1 FROM generate_subscripts(f.conkey, 1) n
        JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = f.conkey[n] AND a.attname = child.col
        JOIN pg_attribute b ON b.attrelid = f.confrelid AND b.attnum = f.confkey[n] AND b.attname = parent.col)
UNION ALL SELECT 'list index does not begin with the tenant', name FROM idx
    WHERE amname = 'btree' AND NOT indisunique AND first IS DISTINCT FROM col AND NOT is_key
      AND (place IS NULL OR NOT place = ANY (%(random)s))
UNION ALL SELECT 'unique over all tenants', name FROM idx
    WHERE indisunique AND NOT indisprimary AND NOT has_tenant AND NOT tells_tenant AND NOT (is_key AND indnkeyatts = 1)
      AND (place IS NULL OR indnkeyatts <> 1 OR NOT place = ANY (%(random)s))
UNION ALL SELECT 'no index begins with the tenant', relname FROM guarded g
    WHERE NOT EXISTS (SELECT 1 FROM idx WHERE idx.relname = g.relname AND first = g.col)
UNION ALL SELECT 'role is too mighty', rolname FROM pg_roles
    WHERE rolname IN (%(app)s, %(ops)s, %(owner)s, %(resolver)s)
      AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication)
UNION ALL SELECT 'connected role is too mighty', rolname FROM pg_roles
    WHERE rolname = current_user AND (rolsuper OR rolbypassrls)
UNION ALL SELECT 'resolver may log in', rolname FROM pg_roles WHERE rolname = %(resolver)s AND rolcanlogin
UNION ALL SELECT 'role is missing', wanted FROM unnest(ARRAY[%(app)s, %(ops)s, %(owner)s, %(resolver)s]) wanted
    WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = wanted)
UNION ALL SELECT 'role inherits from another', app.rolname || ' of ' || m.roleid::regrole FROM pg_auth_members m
    JOIN app ON app.oid = m.member
UNION ALL SELECT 'the owner inherits the resolver', %(owner)s WHERE pg_has_role(%(owner)s, %(resolver)s, 'USAGE')
UNION ALL SELECT 'app role owns', app.rolname || ' ' || c.relname FROM pg_class c JOIN app ON app.oid = c.relowner
UNION ALL SELECT 'app role owns', app.rolname || ' ' || p.proname FROM pg_proc p JOIN app ON app.oid = p.proowner
UNION ALL SELECT 'app role owns', app.rolname || ' ' || n.nspname FROM pg_namespace n JOIN app ON app.oid = n.nspowner
UNION ALL SELECT 'app role owns', app.rolname || ' ' || d.datname FROM pg_database d JOIN app ON app.oid = d.datdba
UNION ALL SELECT 'app role may make objects', app.rolname FROM app WHERE has_schema_privilege(oid, 'public', 'CREATE')
UNION ALL SELECT 'app role may TRUNCATE', app.rolname || ' ' || tab.relname FROM tab, app
    WHERE has_table_privilege(app.oid, tab.oid, 'TRUNCATE')
UNION ALL SELECT 'resolver reads more than columns', relname FROM tab
    WHERE has_table_privilege(%(resolver)s, oid, 'SELECT')
UNION ALL SELECT 'resolver may write', relname FROM tab
    WHERE has_any_column_privilege(%(resolver)s, oid, 'INSERT, UPDATE')
UNION ALL SELECT 'history may be changed', app.rolname || ' ' || tab.relname FROM tab, app
    WHERE EXISTS (SELECT 1 FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
                  WHERE t.tgrelid = tab.oid AND p.proname = 'livecode_refuse_history_change'
                    AND (t.tgtype & 16 > 0 AND has_any_column_privilege(app.oid, tab.oid, 'UPDATE')
                         OR t.tgtype & 8 > 0 AND has_table_privilege(app.oid, tab.oid, 'DELETE')))
UNION ALL SELECT 'history trigger is off', tab.relname || '.' || t.tgname FROM tab
    JOIN pg_trigger t ON t.tgrelid = tab.oid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE p.proname = 'livecode_refuse_history_change' AND t.tgenabled NOT IN ('O', 'A')
ORDER BY 1, 2
"""


def holes(*, using: str = "default") -> list[Hole]:
    """What is wrong with wall 2 in this database; an empty list is what must come back."""
    with connections[using].cursor() as cursor:
        return holes_seen_by(cursor)


def holes_seen_by(cursor: Any) -> list[Hole]:
    """The same through a cursor of the caller's (in a transaction of its own)."""
    values = {
        "app": APP,
        "ops": OPS,
        "owner": OWNER,
        "resolver": RESOLVER,
        "definers": list(DEFINERS),
        "random": list(RANDOM_AND_UNIQUE),
    }
    cursor.execute(_QUERY, values)
    return [Hole(rule=rule, place=place) for rule, place in cursor.fetchall()]
