"""What tests of tagging share: a moment, tags by path, a code that carries tags."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from permissions.access import Access
from tenants.context import tenant_context
from tests.factories import TenantFixture

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def install(tenant: TenantFixture) -> dict[str, int]:
    """The starter tags; ids by path, e.g. ``地区/华东``."""
    from tagging.selectors import tags_tree
    from tagging.services import tags_install

    access = tenant.owner
    with tenant_context(tenant.id):
        tags_install(NOW)
        return {"/".join(node.names): node.id for node in tags_tree(access)}


def make_code(access: Access, **given: Any) -> int:
    """A draft; returns its id."""
    from codes.services import code_create

    plain = {"name": "20261122-DTGG", "purpose": "service", "purpose_text": "地铁广告", "expires_at": None}
    with tenant_context(access.tenant_id):
        return code_create(access=access, now=NOW, **(plain | given))


def set_tags(access: Access, code_id: int, tag_ids: list[int]) -> None:
    """As code_tags_set, in a context of its own."""
    from tagging.services import code_tags_set

    with tenant_context(access.tenant_id):
        code_tags_set(access=access, code_id=code_id, tag_ids=tag_ids, now=NOW)


def code_tags(tenant: TenantFixture, code_id: int) -> set[str]:
    """The names of a code's tags."""
    from tagging.selectors import tags_of_code

    with tenant_context(tenant.id):
        return {node.name for node in tags_of_code(code_id)}
