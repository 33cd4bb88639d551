"""Production starts only when it is safe, and Django's own deployment check has nothing to add."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "DJANGO_SETTINGS_MODULE": "livecode_admin.settings.production",
    "SECRET_KEY": "f7Zs0pVg3mQ9xKd2Lr8TnYb5Wc1HjUe6Ao4iSqXtMvBzRkGyDlPwNhJfCu",
    "LIVECODE_HOSTS": "console.example.cn",
    "LIVECODE_CONSOLE_URL": "https://console.example.cn",
}
DEMO_ONLY = ("LIVECODE_CLOCK_OFFSET_FILE", "LIVECODE_HTTP_ALLOW")


def python(code: str, **changes: str) -> "subprocess.CompletedProcess[str]":
    """Run code under production settings; an empty value removes a variable."""
    environment = {**os.environ, **GOOD, **dict.fromkeys(DEMO_ONLY, ""), **changes}
    environment = {name: value for name, value in environment.items() if value}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def last_line(done: "subprocess.CompletedProcess[str]") -> str:
    return done.stderr.strip().splitlines()[-1] if done.stderr.strip() else ""


def test_djangos_deployment_check_is_clean() -> None:
    done = python(
        "from django.core.management import execute_from_command_line as run\n"
        "run(['manage.py', 'check', '--deploy', '--fail-level', 'WARNING'])"
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("LIVECODE_CLOCK_OFFSET_FILE", "/tmp/offset", "shifts the clock"),
        ("LIVECODE_HTTP_ALLOW", "127.0.0.1:8002", "opens private addresses"),
        ("SECRET_KEY", "", "SECRET_KEY"),
        ("LIVECODE_SECRET_KEYS", "", "LIVECODE_SECRET_KEYS"),
        ("DATABASE_URL", "", "DATABASE_URL"),
        ("LIVECODE_HOSTS", "*", "LIVECODE_HOSTS"),
    ],
)
def test_production_refuses(variable: str, value: str, said: str) -> None:
    done = python("from django.conf import settings; settings.DEBUG", **{variable: value})
    assert done.returncode == 1
    assert last_line(done).startswith("django.core.exceptions.ImproperlyConfigured")
    assert said in last_line(done)


def test_production_refuses_a_database_role_that_passes_by_the_silent_wall(admin_url: str) -> None:
    code = "import django; django.setup(); from django.db import connection; connection.ensure_connection()"
    done = python(code, DATABASE_URL=admin_url)
    assert done.returncode == 1
    assert "row level security" in last_line(done)


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("from-a-file-" + "x" * 50 + "\n", encoding="utf-8")
    done = python(
        "from django.conf import settings; print(settings.SECRET_KEY)", SECRET_KEY="", SECRET_KEY_FILE=str(secret)
    )
    assert done.stdout == secret.read_text(encoding="utf-8")


def test_cookies_and_headers_are_the_strict_ones() -> None:
    code = (
        "from django.conf import settings as s\n"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY,\n"
        "      s.SECURE_HSTS_SECONDS >= 31536000, s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.DEBUG)"
    )
    assert python(code).stdout.split() == ["__Host-session", "__Host-csrf", "True", "True", "True", "True", "False"]
