"""A stand-in for the console: receives callbacks, answers the address check, and serves a landing page."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from defusedxml.ElementTree import ParseError, fromstring

from wecom_simulator import crypto

TOKEN = "QDG6eKtoken"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"


@dataclass
class Delivery:
    """One request to the callback address. `fields` is empty when it could not be read."""

    signed: bool
    receiver: str
    fields: dict[str, str]
    size: int


@dataclass
class Console:
    """`statuses` are given out first, then 200. `page` is the landing page's HTML; `files` by path."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    seconds: float = 0
    deliveries: list[Delivery] = field(default_factory=list)
    page: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def host(self) -> str:
        """host:port."""
        return urlsplit(self.url).netloc

    def wait(self, done: Callable[[list[Delivery]], bool], seconds: float = 10) -> list[Delivery]:
        """Wait until the deliveries satisfy `done`; the deliveries."""
        until = time.monotonic() + seconds
        while not done(self.deliveries):
            if time.monotonic() > until:
                raise AssertionError(f"not delivered: {self.deliveries}")
            time.sleep(0.01)
        return self.deliveries


def _read(query: dict[str, list[str]], body: bytes) -> Delivery:
    given = {key: values[0] for key, values in query.items()}
    try:
        encrypted = fromstring(body).findtext("Encrypt", "")
        signed = crypto.signature(TOKEN, given["timestamp"], given["nonce"], encrypted) == given["msg_signature"]
        plain, receiver = crypto.decrypt(AES_KEY, encrypted)
        root = fromstring(plain)
    except (ParseError, crypto.DecryptError, UnicodeDecodeError, ValueError):
        return Delivery(False, "", {}, len(body))
    return Delivery(signed, receiver, {child.tag: child.text or "" for child in root}, len(body))


def handler_for(console: Console) -> type[BaseHTTPRequestHandler]:
    """The request handler of one console."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _send(self, status: int, body: bytes, kind: str = "text/plain", **headers: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            console.requests.append((self.path, dict(self.headers.items())))
            if parts.path == "/callback":
                self._send(200, crypto.decrypt(AES_KEY, query["echostr"])[0])
            elif parts.path in console.redirects:
                self._send(302, b"", Location=console.redirects[parts.path])
            elif parts.path in console.files:
                self._send(200, console.files[parts.path], "image/png")
            else:
                self._send(200, console.page.encode(), "text/html; charset=utf-8", Set_Cookie="visitor=v1; Path=/")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            console.deliveries.append(_read(parse_qs(urlsplit(self.path).query), body))
            time.sleep(console.seconds)
            self._send(console.statuses.pop(0) if console.statuses else 200, b"")

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing."""

    return Handler


def start(console: Console) -> ThreadingHTTPServer:
    """Serve it on a free port in a thread."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(console))
    server.daemon_threads = True
    console.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
