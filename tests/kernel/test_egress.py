"""Which addresses outgoing calls may reach (design.md §7)."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from livecode_admin.kernel import egress, http
from tests.wecom.server import serving

REFUSED = [
    "http://127.0.0.1/",
    "http://localhost/",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://0/",
    "http://0.0.0.0/",
    "http://127.255.255.254/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/",
    "http://100.127.255.255/",
    "http://192.0.0.8/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://198.51.100.7/",
    "http://203.0.113.9/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001::1]/",
    "http://[2001:db8::1]/",
    "http://[fc00::1]/",
    "http://[fd12:3456::1]/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://user@8.8.8.8/",
    "http://8.8.8.8@127.0.0.1/",
    "http://8.8.8.8:22/",
    "ftp://8.8.8.8/",
    "file:///etc/passwd",
    "gopher://8.8.8.8/",
    "http:///",
    "//8.8.8.8/",
    "http://127。0。0。1/",
    "http://①②⑦.0.0.1/",
    "http://[::1",
    "http://8.8.8.8:99999/",
    "http://exa mple/",
]


@pytest.mark.parametrize("url", REFUSED)
def test_an_inner_or_odd_address_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(http.ALLOW_VARIABLE, raising=False)
    with pytest.raises((http.AddressRefused, http.ConnectionFailed)) as caught:
        http.send(http.Request("GET", url), deadline=5)
    if isinstance(caught.value, http.ConnectionFailed):  # not an address for this machine's resolver either
        assert "could not be resolved" in str(caught.value)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "203.0.112.1", "2606:4700::1111", "2408:8888::8"])
def test_a_public_address_is_not_refused(address: str) -> None:
    assert egress.is_public(address)


def test_no_connection_reaches_a_listener_that_is_not_excepted(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda seen, raw: (200, b"inside")) as server:
        monkeypatch.delenv(http.ALLOW_VARIABLE, raising=False)
        for host in ("127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"):
            with pytest.raises(http.AddressRefused):
                http.send(http.Request("GET", f"http://{host}:{server.port}/"))
    assert server.seen == []


def name_server(answers: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have the system's resolver give these answers in turn; the list returned fills with the names asked."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, **kwargs: Any) -> list[Any]:
        if kwargs.get("flags") == socket.AI_NUMERICHOST:
            raise socket.gaierror("not a literal")
        asked.append(host)
        given = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in given]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_a_name_with_one_inner_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = name_server([["8.8.8.8", "127.0.0.1"]], monkeypatch)
    with pytest.raises(http.AddressRefused):
        http.send(http.Request("GET", "http://two-faced.test/"))
    assert asked == ["two-faced.test"]


def test_a_second_dns_answer_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is asked once, and the connection goes to what was judged."""
    connected: list[Any] = []

    def connect(self: socket.socket, address: Any) -> None:
        connected.append(address)
        raise OSError("no network in tests")

    asked = name_server([["8.8.8.8"], ["127.0.0.1"]], monkeypatch)
    monkeypatch.setattr(socket, "create_connection", lambda address, *a, **k: connect(socket.socket(), address))
    with pytest.raises(http.ConnectionFailed):
        http.send(http.Request("GET", "http://rebinding.test/"))
    assert asked == ["rebinding.test"]
    assert connected == [("8.8.8.8", 80)]
