"""Keys and paths carry their tenant, and no part can break out of its place."""

from __future__ import annotations

import pytest

from livecode_admin.kernel.keys import platform_key, tenant_key, tenant_path


def test_every_key_begins_with_its_tenant() -> None:
    assert tenant_key(7, "token", "ww1") == "t:7:token:ww1"
    assert tenant_key(8, "job", 3) == "t:8:job:3"
    assert platform_key("probe") == "p:probe"
    assert str(tenant_path(7, "posters", "a.png")) == "tenants/7/posters/a.png"


@pytest.mark.parametrize("part", ["", ".", "..", "../8", "a:b", "a/b", "a\\b", "a b", "a\nb", ".hidden"])
def test_a_part_can_not_break_out_of_its_place(part: str) -> None:
    for make in (lambda: tenant_key(7, part), lambda: tenant_path(7, part), lambda: platform_key(part)):
        with pytest.raises(ValueError, match="not a key part"):
            make()


def test_a_tenant_is_a_number() -> None:
    with pytest.raises(ValueError):
        tenant_key("7:8", "x")  # type: ignore[arg-type]
