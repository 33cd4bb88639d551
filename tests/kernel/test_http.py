"""The one outgoing-HTTP door: deadlines, caps, redirects, logs, the guard (design.md §7)."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from livecode_admin.kernel import http
from tests.wecom.server import Seen, Server, serving


@contextmanager
def allowed(handler: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving(handler) as server:
        monkeypatch.setenv(http.ALLOW_VARIABLE, f"other.test:80, {server.allow}")
        yield server


@contextmanager
def talking(text: bytes, *, pause: float = 0.0, repeat: bytes = b"") -> Iterator[tuple[str, threading.Event]]:
    """A raw server: reads once, says `text`, then `repeat` every `pause` seconds, up to 200 times."""
    stop = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            try:
                connection.sendall(text)
                for _ in range(200):  # so that a door without a deadline fails here instead of hanging
                    if repeat and not stop.wait(pause):
                        connection.sendall(repeat)
            except OSError:
                stop.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}", stop
    finally:
        stop.set()
        thread.join(timeout=5)
        listener.close()


def test_the_answer_comes_back_as_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(seen: Seen, raw: Any) -> tuple[int, bytes, dict[str, str]]:
        return 201, b'{"ok": true}', {"X-Kind": "a"}

    with allowed(answer, monkeypatch) as server:
        request = http.Request("POST", f"{server.url}/p?q=1", {"Content-Type": "text/plain"}, "你好".encode(), "test")
        response = http.send(request)
    assert (response.status, response.json(), response.headers["x-kind"]) == (201, {"ok": True}, "a")
    seen = server.seen[0]
    assert (seen.method, seen.path, seen.query, seen.body.decode()) == ("POST", "/p", {"q": "1"}, "你好")
    assert seen.headers["host"] == server.allow
    assert seen.headers["accept-encoding"] == "identity"


def test_a_redirect_is_returned_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    with allowed(lambda seen, raw: (301, b"", {"Location": "http://127.0.0.1/"}), monkeypatch) as server:
        response = http.send(http.Request("GET", server.url + "/"))
    assert response.status == 301
    assert len(server.seen) == 1


def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    with allowed(lambda seen, raw: (200, b"direct"), monkeypatch) as server:
        assert http.send(http.Request("GET", server.url + "/")).body == b"direct"


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"])
def test_a_dripping_server_can_t_prolong_the_deadline(head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte every 50 ms, in the status line, a header, or the body: the server never stops by itself."""
    with talking(head, pause=0.05, repeat=b"a") as (address, stopped):
        monkeypatch.setenv(http.ALLOW_VARIABLE, address)
        with pytest.raises(http.DeadlineExceeded):
            http.send(http.Request("GET", f"http://{address}/"), deadline=0.4)
        assert not stopped.is_set()


def test_a_silent_server_meets_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    with talking(b"", pause=30, repeat=b"a") as (address, _):
        monkeypatch.setenv(http.ALLOW_VARIABLE, address)
        with pytest.raises(http.DeadlineExceeded):
            http.send(http.Request("GET", f"http://{address}/"), deadline=0.2)


def test_a_slow_name_server_meets_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    lookup = socket.getaddrinfo

    def slow(host: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("flags") != socket.AI_NUMERICHOST:
            time.sleep(2)
        return lookup("256.256.256.256", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with pytest.raises(http.DeadlineExceeded):
        http.send(http.Request("GET", "http://slow.test/"), deadline=0.2)


def test_a_body_over_the_cap_is_refused_and_at_the_cap_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with allowed(lambda seen, raw: (200, b"x" * 1000), monkeypatch) as server:
        request = http.Request("GET", server.url + "/")
        assert len(http.send(request, max_body=1000).body) == 1000
        with pytest.raises(http.BodyTooLarge):
            http.send(request, max_body=999)
        assert http.send(request, max_body=1000).status == 200  # the connection left behind does no harm


def test_an_endless_body_stops_at_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    with talking(b"HTTP/1.1 200 OK\r\n\r\n", pause=0, repeat=b"y" * 65536) as (address, _):
        monkeypatch.setenv(http.ALLOW_VARIABLE, address)
        with pytest.raises(http.BodyTooLarge):
            http.send(http.Request("GET", f"http://{address}/"), max_body=100_000)


@pytest.mark.parametrize(
    "said", [b"SSH-2.0-x\r\n", b"\x00\x01\x02\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"]
)
def test_what_is_not_http_is_a_failed_connection(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with talking(said) as (address, _):
        monkeypatch.setenv(http.ALLOW_VARIABLE, address)
        with pytest.raises(http.ConnectionFailed):
            http.send(http.Request("GET", f"http://{address}/"), deadline=5)


def test_a_closed_port_is_a_failed_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    monkeypatch.setenv(http.ALLOW_VARIABLE, address)
    with pytest.raises(http.ConnectionFailed):
        http.send(http.Request("GET", f"http://{address}/"))


def test_a_connection_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ports: set[int] = set()

    def answer(seen: Seen, raw: Any) -> tuple[int, bytes]:
        ports.add(raw.client_address[1])
        return 200, b"ok"

    with allowed(answer, monkeypatch) as server:
        for _ in range(5):
            http.send(http.Request("GET", server.url + "/"))
    assert len(ports) == 1


def test_a_body_that_is_not_json_says_so() -> None:
    with pytest.raises(http.BodyNotJson):
        http.Response(200, {}, b"<html>", 1).json()
    with pytest.raises(http.BodyNotJson):
        http.Response(200, {}, b"\xff", 1).json()


def test_the_log_holds_the_call_and_no_secret(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, logger="livecode.http")
    query = "access_token=TOPSECRET&corpsecret=HUSH&userid=zhangsan&suite_access_token=SHH&key=BOT"
    with allowed(lambda seen, raw: (200, b"ok"), monkeypatch) as server:
        http.send(http.Request("GET", f"{server.url}/cgi-bin/user/get?{query}", purpose="wecom:user/get"))
        http.send(http.Request("GET", f"{server.url}/hooks/HUSH", purpose="crm", log_url="crm endpoint 7"))
    first, second = (record.__dict__ for record in caplog.records)
    assert (first["purpose"], first["status"], first["bytes"], first["error"]) == ("wecom:user/get", 200, 2, "")
    assert "userid=zhangsan" in first["url"]
    assert second["url"] == "crm endpoint 7"
    written = str([record.__dict__ for record in caplog.records])
    assert not [word for word in ("TOPSECRET", "HUSH", "SHH", "BOT") if word in written]


def test_user_info_is_not_logged() -> None:
    assert http.redact_url("https://me:pass@example.com/a?b=1#c") == "https://example.com/a?b=1"


def test_an_open_transaction_stops_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_guards", [])

    def guard() -> None:
        raise http.TransactionOpen("an open transaction")

    with allowed(lambda seen, raw: (200, b"ok"), monkeypatch) as server:
        http.install_guard(guard)
        http.install_guard(guard)
        with pytest.raises(http.TransactionOpen):
            http.send(http.Request("GET", server.url + "/"))
    assert server.seen == []
    assert not issubclass(http.TransactionOpen, http.HttpError)


def test_a_connection_that_the_server_closed_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(seen: Seen, raw: Any) -> tuple[int, bytes]:
        raw.close_connection = True
        return 200, b"ok"

    with allowed(answer, monkeypatch) as server:
        for _ in range(3):
            assert http.send(http.Request("GET", server.url + "/")).status == 200
            time.sleep(0.05)
    assert len(server.seen) == 3
