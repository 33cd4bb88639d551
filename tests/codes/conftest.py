"""What tests of codes share: a moment, and codes made through the service."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from permissions.access import Access
from tenants.context import tenant_context

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)  # 14:00 in Shanghai
MakeCode = Callable[..., int]


@pytest.fixture
def make_code() -> MakeCode:
    """``make_code(access, name=…)``: a draft in a context of its own; returns its id."""
    numbers = count(1)

    def make(access: Access, **given: Any) -> int:
        from codes.rules import default_end
        from codes.services import code_create

        number = next(numbers)
        plain: dict[str, Any] = {
            "name": f"20261122-DTGG-{number}",
            "purpose": "campaign",
            "purpose_text": "地铁广告",
            "expires_at": default_end(now=NOW, zone="Asia/Shanghai"),
        }
        with tenant_context(access.tenant_id):
            return code_create(access=access, now=NOW, **(plain | given))

    return make
