"""The demo and development: simulator allowed, clock may be shifted, static files straight from their folders."""

from livecode_admin.settings import environment
from livecode_admin.settings.base import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "livecode_admin.devstack"]  # noqa: F405
DEBUG = environment.text("LIVECODE_DEBUG", "") == "1"
SECRET_KEY = environment.text("SECRET_KEY", "development-only-key-that-signs-nothing-of-value-0123456789")
ALLOWED_HOSTS = environment.words("LIVECODE_HOSTS", "*")
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
