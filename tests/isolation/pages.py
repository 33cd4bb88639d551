"""Every URL of the product with its guard, and the requests by which one tenant tries another's ids on it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django import forms
from django.apps import apps
from django.db import models
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tenants.context import tenant_context
from tests.factories import pass_second_factor
from tests.isolation.factory import Side, tenant_models

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>")
_READ = re.compile(r"""(?:POST|GET|data)\s*(?:\.get|\.getlist)?\s*[\(\[]\s*["'](\w+)["']""")
# What a captured text is, "page.argument" → the victim's field; ids need no entry.
CAPTURED = {
    "permissions:join.token": ("permissions.Invitation", "token_hash"),
    "reception:callback.key": ("tenants.WeComConnection", "callback_key"),
    "routing:why.scan_id": ("routing.Scan", "scan_id"),
    # Nobody's short name: a company's own leads to its WeCom, with its corp id in the address, for everybody.
    "console:wecom-login.company": ("tenants.WeComConnection", "agent_id"),
    "console:wecom-login-back.company": ("tenants.WeComConnection", "agent_id"),
}
# What a page wants to see under a name before it looks at ids. Every text in a filled tenant contains "name".
ASKED = {
    "q": "name",
    "query": "",
    "search": "name",
    "do": "pause",
    "action": "pause",
    "confirm": "1",
    "months": "3",
    "target": "folder",
}
BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True)
class Page:
    """One URL pattern. ``rule`` is what its guard says (permissions.guards), None when it wears none."""

    name: str
    route: str
    rule: tuple[str, ...] | None
    view: Any

    @property
    def arguments(self) -> list[tuple[str, str]]:
        """(converter, name) of what the URL captures, the tenant's slug left out."""
        return [(kind or "str", name) for kind, name in _ARGUMENT.findall(self.route) if name != "tenant_slug"]

    @property
    def of_a_tenant(self) -> bool:
        """Whether it is a page of one tenant's console."""
        return self.rule is not None and self.rule[0] in ("capability", "membership")

    def path(self, *, slug: str, victim: Side) -> str:
        """The page's path with the victim's ids and texts in every captured place."""

        def put(found: re.Match[str]) -> str:
            kind, name = found.group(1) or "str", found.group(2)
            return slug if name == "tenant_slug" else quote(_captured(self, kind, name, victim))

        return "/" + _ARGUMENT.sub(put, self.route)


def pages() -> list[Page]:
    """All URL patterns, in the order in which they are tried."""
    return list(walk(get_resolver().url_patterns))


def walk(patterns: list[URLPattern | URLResolver], route: str = "", namespace: str = "") -> Iterator[Page]:
    """The pages of some patterns."""
    for one in patterns:
        here = route + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from walk(one.url_patterns, here, f"{one.namespace}:" if one.namespace else namespace)
        else:
            rule = getattr(one.callback, "access_rule", None)
            yield Page(name=f"{namespace}{one.name}", route=here, rule=rule, view=one.callback)


def _captured(page: Page, kind: str, name: str, victim: Side) -> str:
    if kind == "int":
        return str(victim.row_id)
    label, field = CAPTURED[f"{page.name}.{name}"]
    with tenant_context(victim.tenant_id):
        return str(apps.get_model(label)._default_manager.values_list(field, flat=True).get(pk=victim.row_id))


@cache
def _names() -> dict[str, forms.Field | None]:
    """Every name under which a page may take an id: form fields, what views read, models and their relations."""
    found: dict[str, forms.Field | None] = dict.fromkeys(("id", "pk", "ids", "selected", "codes", "rows"))
    for model in tenant_models():
        name = str(model._meta.model_name)
        relations = [field.name for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]
        for word in (name, *relations):
            found |= dict.fromkeys((word, f"{word}s", f"{word}_id", f"{word}_ids"))
    for config in apps.get_app_configs():
        for source in Path(config.path).glob("views*/**/*.py") if _is_ours(config.name) else ():
            found |= dict.fromkeys(_READ.findall(source.read_text(encoding="utf-8")))
        views = Path(config.path) / "views.py"
        if _is_ours(config.name) and views.exists():
            found |= dict.fromkeys(_READ.findall(views.read_text(encoding="utf-8")))
    for form in _subclasses(forms.BaseForm):
        if _is_ours(form.__module__):
            found |= form.base_fields
    return found


def _is_ours(module: str) -> bool:
    return not module.startswith(("django", "guardian", "axes", "csp"))


def _subclasses(kind: type) -> Iterator[Any]:
    children: list[Any] = kind.__subclasses__()
    for one in children:
        if hasattr(one, "base_fields"):
            yield one
        yield from _subclasses(one)


def _value(field: forms.Field | None, victim: Side) -> str:
    """What a form would take, with the victim's id wherever an id fits."""
    if isinstance(field, forms.ModelChoiceField | forms.TypedChoiceField) or field is None:
        return str(victim.row_id)
    if isinstance(field, forms.ChoiceField):
        allowed = [str(value) for value, _ in field.choices if value] if not callable(field.choices) else []
        return allowed[0] if allowed else str(victim.row_id)
    if isinstance(field, forms.DateField):
        return "2027-01-31"
    return str(victim.row_id)


def attempts(
    client: Client, page: Page, *, slug: str, victim: Side, methods: tuple[str, ...] = METHODS
) -> Iterator[tuple[str, HttpResponse]]:
    """Try the methods with the victim's ids in path, query and body (form and JSON)."""
    data = {name: _value(field, victim) for name, field in _names().items()} | ASKED
    path = page.path(slug=slug, victim=victim)
    query, form = urlencode(data), "application/x-www-form-urlencoded"
    for method in methods:
        body = "" if method == "GET" else query
        yield method, client.generic(method, path, body, content_type=form, QUERY_STRING=query)  # type: ignore[misc]
    yield "GET alone", client.get(path)  # type: ignore[misc]
    as_json = json.dumps({name: [victim.row_id] if name.endswith("s") else victim.row_id for name in data})
    yield "POST JSON", client.generic("POST", path, as_json, content_type="application/json")  # type: ignore[misc]


def signed_in(user: Any) -> Client:
    """A browser in which this person has signed in; a fault in a view is a 500, not an exception here."""
    client = Client(raise_request_exception=False)
    client.force_login(user, backend=BACKEND)
    pass_second_factor(client)
    return client


def text_of(answer: HttpResponse) -> str:
    """Headers and body, for searching."""
    headers = "\n".join(f"{name}: {value}" for name, value in answer.items())
    return headers + "\n" + answer.content.decode("utf-8", "replace")
