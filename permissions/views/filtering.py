"""Filters of a list whose choices stand in the URL."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, QueryDict

from livecode_admin.kernel.web.page import Filter, Option


def url_filter(request: HttpRequest, key: str, label: str, choices: Mapping[str, str]) -> Filter:
    """One filter of a list; what is chosen stands in the URL, and choosing begins at the first page again."""
    chosen = request.GET.get(key, "")
    options = [
        Option(text, query_with(request, **{key: value, "page": "", "before": ""}), value == chosen)
        for value, text in choices.items()
    ]
    clear = query_with(request, **{key: "", "page": "", "before": ""}) if chosen in choices else ""
    return Filter(key, label, choices.get(chosen, "全部"), options, clear)


def query_with(request: HttpRequest, **changes: str) -> str:
    """The query string with some values changed; empty ones are left out."""
    query: QueryDict = request.GET.copy()
    for name, value in changes.items():
        query[name] = value
        if not value:
            del query[name]
    return f"?{query.urlencode()}"
