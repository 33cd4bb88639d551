"""TLS over a pinned address: the certificate is still checked against the name, and the name is still sent."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from livecode_admin.kernel import http
from tests.wecom.server import serving


@dataclass
class Secure:
    port: int
    asked_for: list[str | None] = field(default_factory=list)


def certificate_for(name: str, folder: Path) -> Path:
    """A file with a key and a certificate of `name` that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start.replace(year=2120))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{name}.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Secure]:
    """A server with the certificate of crm.test, which is trusted; every name leads to it."""
    path = certificate_for("crm.test", tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    with serving(lambda seen, raw: (200, seen.headers["host"].encode()), tls=context) as server:
        made = Secure(server.port)
        context.sni_callback = lambda sock, name, ctx: made.asked_for.append(name)
        names = ("crm.test", "other.test", "127.0.0.1")
        monkeypatch.setenv(http.ALLOW_VARIABLE, ",".join(f"{name}:{server.port}" for name in names))
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        monkeypatch.setattr(http, "_tls", [])

        def getaddrinfo(host: str, port: int, *_: Any, **kwargs: Any) -> list[Any]:
            if kwargs.get("flags") == socket.AI_NUMERICHOST and host != "127.0.0.1":
                raise socket.gaierror("not a literal")
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        yield made


def test_the_name_is_sent_and_checked(secure: Secure) -> None:
    response = http.send(http.Request("GET", f"https://crm.test:{secure.port}/"))
    assert response.body.decode() == f"crm.test:{secure.port}"
    assert secure.asked_for == ["crm.test"]


@pytest.mark.parametrize("host", ["other.test", "127.0.0.1"])
def test_a_certificate_of_another_name_is_refused(host: str, secure: Secure) -> None:
    with pytest.raises(http.ConnectionFailed):
        http.send(http.Request("GET", f"https://{host}:{secure.port}/"))
