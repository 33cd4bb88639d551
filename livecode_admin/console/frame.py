"""What the frame around every console page shows: navigation, tenants, bell, account."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from livecode_admin.console.navigation import nav_groups
from livecode_admin.kernel import clock
from livecode_admin.workspace.selectors import notices_unread
from permissions.access import Access
from permissions.links import tenant_url
from permissions.selectors import account_card
from routing.selectors.people import own_presence
from tenants.context import current_tenant_id
from tenants.selectors import tenants_of_user


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of templates/base.html; nothing on pages without a tenant, and on parts of pages that htmx loads."""
    access = getattr(request, "access", None)
    # An error page is made after the tenant's transaction has ended: it has no frame.
    if not isinstance(access, Access) or access.user_id is None or current_tenant_id() is None:
        return {}
    if request.headers.get("HX-Request") == "true":
        return {}
    return {
        "tenant": request.tenant,  # type: ignore[attr-defined]
        "nav_groups": nav_groups(access, request.path),
        "memberships": tenants_of_user(request.user.pk or 0),
        "notices_unread": notices_unread(access),
        "account": account_card(access),
        "presence": own_presence(access, now=clock.now()),
        "search_hint": _search_hint(access),
        "new_code_url": tenant_url(access, "console:code-new") if access.can("codes.create") else "",
    }


def _search_hint(access: Access) -> str:
    """What the search looks into for this member: kinds that they may not see are not named (product.md §5.4)."""
    kinds = (
        ("活码名称、短码", access.may_enter("codes.view")),
        ("客服", access.can("staff.manage")),
        ("客户", access.can("customers.view")),
    )
    return "搜索" + "、".join(label for label, shown in kinds if shown)
