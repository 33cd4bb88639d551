"""URLs of console pages: always of the tenant at hand, so that two tabs in two tenants can't mix (design.md §3.5)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from permissions.access import Access


def tenant_url(access: Access, name: str, *args: Any, **kwargs: Any) -> str:
    """The path of a console page in the tenant of ``access``; positional or named arguments, not both.

    Raises NoReverseMatch when there is no such page.
    """
    if args:
        return reverse(name, args=[access.tenant_slug, *args], kwargs=kwargs or None)
    return reverse(name, kwargs={"tenant_slug": access.tenant_slug, **kwargs})
