"""The gallery's pages rendered by Django's engine and served as files to a real browser under the production CSP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings
from playwright.sync_api import Browser, Page, sync_playwright

from tests.ui.gallery_pages import PAGES

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"


def policy() -> str:
    """The production CSP without the nonce: the pages must need none."""
    rules: dict[str, list[str]] = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    return "; ".join(
        f"{name} {' '.join(str(v) for v in values if 'Nonce' not in type(v).__name__)}"
        for name, values in rules.items()
    )


def render(name: str) -> str:
    """One gallery page as HTML."""
    template, context = PAGES[name]
    request = RequestFactory().get("/", {"sort": "-scans"})
    with override_settings(ROOT_URLCONF="tests.ui.gallery_urls"):
        return render_to_string(template, context(), request)


class Handler(SimpleHTTPRequestHandler):
    """Static files and the gallery, with the CSP on every answer."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", policy())
        super().end_headers()

    def do_GET(self) -> None:
        name = self.path.strip("/").split("?")[0]
        if name not in PAGES:
            return super().do_GET()
        body = render(name).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture(scope="session")
def gallery_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(ROOT)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


# A module's own: while Playwright's synchronous API is open this thread has a running event loop, and Django would
# refuse the database to every test after it.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Complaints(list[str]):
    """What the browser's console said: a page that is right says nothing."""


@pytest.fixture
def open_page(chromium: Browser, gallery_url: str) -> Iterator[Callable[..., tuple[Page, Complaints]]]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    context.set_default_timeout(5000)

    def go(name: str, width: int = 1440) -> tuple[Page, Complaints]:
        page = context.new_page()
        complaints = Complaints()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: complaints.append(str(e)))
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{gallery_url}/{name}")
        return page, complaints

    yield go
    context.close()
