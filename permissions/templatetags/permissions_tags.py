"""`{% turl 'codes:detail' pk %}` and `{% if request.access|can:'codes.create' %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from permissions.access import Access
from permissions.actions import action_label
from permissions.audit_words import field_label, value_text
from permissions.capabilities import check
from permissions.links import tenant_url

register = template.Library()


@register.simple_tag(takes_context=True)
def turl(context: Context, name: str, *args: Any, **kwargs: Any) -> str:
    """The path of a console page in the tenant of the request. Raises NoReverseMatch."""
    return tenant_url(context["request"].access, name, *args, **kwargs)


register.filter("action_label", action_label)
register.filter("field_label", field_label)
register.filter("value_text", value_text)


@register.filter
def can(access: Access | None, capability: str) -> bool:
    """Whether the member holds the capability; False on pages without a tenant. Raises UnknownCapability."""
    check(capability)
    return isinstance(access, Access) and access.can(capability)
