"""A member's browser: a page of Chromium that is signed in, and requests that are made by hand from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from playwright.sync_api import Page, sync_playwright

from livecode_admin.devstack import chromium
from permissions.access import Access
from tests.factories import client_for

# Sent with the page's own cookies and its token, as somebody does who writes the form by hand.
_BY_HAND = """async ([url, fields, headers]) => {
  const token = document.querySelector('[name=csrfmiddlewaretoken]').value;
  const body = new URLSearchParams([...fields, ['csrfmiddlewaretoken', token]]);
  return (await fetch(url, {method: 'POST', body, headers, redirect: 'manual'})).status;
}"""
_OFFERED = """() => [...document.querySelectorAll(
    'a[href], [hx-get], [hx-post], [hx-delete], form[action], button, [role=menuitem]')]
  .map(one => [one.textContent.trim(), one.href || one.getAttribute('hx-get') || one.getAttribute('hx-post')
    || one.getAttribute('hx-delete') || one.getAttribute('action') || '', one.hasAttribute('hx-delete')])"""
_NUMBERS = re.compile(r"/\d+(?=/|$)|/[0-9a-f]{8}-[0-9a-f-]{27}")


def browse(access: Access, console_url: str, walk: Callable[[Page], None]) -> None:
    """Walk as this member; the database is read before and after, never while Playwright's loop is open."""
    session = client_for(access).cookies["sessionid"].value
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        context.set_default_timeout(15_000)
        context.add_cookies([{"name": "sessionid", "value": session, "url": console_url}])
        walk(context.new_page())
        browser.close()


def by_hand(page: Page, url: str, fields: Sequence[tuple[str, str]], headers: Mapping[str, str] | None = None) -> int:
    """What the server answers to this form, sent from the page that is open."""
    return int(page.evaluate(_BY_HAND, [url, [list(one) for one in fields], dict(headers or {})]))


def everything_offered(page: Page, home: str) -> Iterator[tuple[str, str, str, bool]]:
    """(page, words, target, deletes) of every control on every page that links lead to; each kind of page once."""
    todo, seen = [home], {_NUMBERS.sub("/N", home)}
    while todo:
        here = todo.pop(0)
        answer = page.goto(here)
        assert answer is not None
        assert answer.status < 400, f"{answer.status} {here}"
        for words, target, deletes in page.evaluate(_OFFERED):
            yield urlsplit(here).path, words, target, deletes
            one = _NUMBERS.sub("/N", target.split("?")[0].split("#")[0])
            if target.startswith(home) and one not in seen and not re.search(r"\.(png|svg)$|/test/$", one):
                seen.add(one)
                todo.append(target)
