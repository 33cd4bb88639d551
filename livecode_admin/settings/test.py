"""The suite: real PostgreSQL and Redis from `tests/testservices.py`; cheap password hashes, nothing else faked."""

from livecode_admin.settings.base import *  # noqa: F403

SECRET_KEY = "test-key-with-no-value-outside-of-the-suite-0123456789abcdef"
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
AUDIT_NEEDS_WORDS = True
