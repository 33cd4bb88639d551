"""Production: everything secret comes from the environment, and what may only exist in a demo is refused."""

from django.core.exceptions import ImproperlyConfigured

from livecode_admin.settings import environment
from livecode_admin.settings.base import *  # noqa: F403
from livecode_admin.settings.base import CLOCK_OFFSET_FILE, CONSOLE_URL, HTTP_ALLOW
from livecode_admin.settings.logs import logging_config

if CLOCK_OFFSET_FILE:
    raise ImproperlyConfigured(
        "LIVECODE_CLOCK_OFFSET_FILE shifts the clock; it is for the demo and must not be set here."
    )
if HTTP_ALLOW:
    raise ImproperlyConfigured(
        "LIVECODE_HTTP_ALLOW opens private addresses; it is for the demo and must not be set here."
    )

PRODUCTION = True
DEBUG = False
SECRET_KEY = environment.text("SECRET_KEY")
ALLOWED_HOSTS = environment.words("LIVECODE_HOSTS")
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("Set LIVECODE_HOSTS to the console's host names, comma-separated.")
environment.text("DATABASE_URL")
environment.text("DATABASE_OPS_URL")
environment.text("BROKER_URL")
environment.text("CACHE_URL")
environment.text("LIVECODE_SECRET_KEYS")  # the key ring; the kernel reads it, here it is only missed in time
CSRF_TRUSTED_ORIGINS = [CONSOLE_URL]

# The reverse proxy ends TLS and sets this header itself, so that no visitor can.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
# `__Host-`: the browser takes them over TLS only, for this host only, for the whole site only.
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
LANGUAGE_COOKIE_SECURE = True

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
LOGGING = logging_config(as_json=True, level=environment.text("LIVECODE_LOG_LEVEL", "INFO"))
