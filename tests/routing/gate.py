"""A door between an edge and PostgreSQL that a test can close, or leave open without letting anything through."""

from __future__ import annotations

import socket
import threading
from urllib.parse import parse_qs, urlsplit


class Gate:
    """Forwards loopback TCP to the server of ``database_url`` (a unix socket or a host)."""

    def __init__(self, database_url: str) -> None:
        self._parts = urlsplit(database_url)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._links: list[socket.socket] = []
        self._flow = threading.Event()
        self._flow.set()
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The same database through the gate."""
        user = self._parts.netloc.rpartition("@")[0]
        port = self._listener.getsockname()[1]
        return f"postgresql://{user}@127.0.0.1:{port}{self._parts.path}?sslmode=disable"

    def close(self) -> None:
        """Cut every connection and refuse new ones, as a server that is gone."""
        self._closed = True
        for link in self._links:
            link.close()
        self._links.clear()

    def freeze(self) -> None:
        """Let nothing through but keep the connections, as a server that is stopped by SIGSTOP."""
        self._flow.clear()

    def open(self) -> None:
        """Everything passes again."""
        self._closed = False
        self._flow.set()

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            if self._closed:
                client.close()
                continue
            server = self._connect()
            self._links += [client, server]
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    def _connect(self) -> socket.socket:
        folder = parse_qs(self._parts.query).get("host", [""])[0]
        if folder:
            link = socket.socket(socket.AF_UNIX)
            link.connect(f"{folder}/.s.PGSQL.{self._parts.port or 5432}")
            return link
        return socket.create_connection((self._parts.hostname or "127.0.0.1", self._parts.port or 5432))

    def _pump(self, one: socket.socket, other: socket.socket) -> None:
        try:
            while data := one.recv(65536):
                self._flow.wait()
                other.sendall(data)
        except OSError:
            pass
        finally:
            for link in (one, other):
                link.close()
