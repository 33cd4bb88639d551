"""What holds everywhere. Values that differ between places come from the environment."""

from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF

from livecode_admin.settings import environment
from livecode_admin.settings.logs import configure_structlog, logging_config

BASE_DIR = Path(__file__).resolve().parents[2]
DEBUG = False
PRODUCTION = False
ALLOWED_HOSTS: list[str] = []
ROOT_URLCONF = "livecode_admin.urls"
WSGI_APPLICATION = "livecode_admin.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "guardian",
    "axes",
    "django_htmx",
    "csp",
    "livecode_admin.kernel",
    "tenants",
    "permissions",
    "livecode_admin.workspace",
    "crm",
    "people",
    "codes",
    "tagging",
    "routing",
    "reception",
    "analytics",
    "livecode_admin.console",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "permissions.sessions.SessionLimits",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "livecode_admin.console.frame.frame",
            ],
        },
    }
]

# --- PostgreSQL: three roles on one database (design.md §3) -----------------------------------------------------------
DATABASE_URL = environment.text("DATABASE_URL", "postgresql:///livecode")
DATABASE_OWNER_URL = environment.text("DATABASE_OWNER_URL", DATABASE_URL)
DATABASE_OPS_URL = environment.text("DATABASE_OPS_URL", DATABASE_URL)
DATABASES: dict[str, dict[str, Any]] = {
    "default": environment.database(DATABASE_URL, max_age=60),
    "owner": environment.database(DATABASE_OWNER_URL, max_age=0),
    "ops": environment.database(DATABASE_OPS_URL, max_age=60),
}
DATABASE_ROUTERS = ["livecode_admin.settings.routers.MigrateAsOwner"]

# --- Redis: two addresses, so that the cache may forget while the broker may not --------------------------------------
BROKER_URL = environment.text("BROKER_URL", "redis://127.0.0.1:6379/0")
CACHE_URL = environment.text("CACHE_URL", "redis://127.0.0.1:6379/1")
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
        "KEY_PREFIX": "lc",
        "TIMEOUT": 300,
        # redis-py waits and retries for seconds by default; a cache that is gone must be felt at once.
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
}

# --- Celery: messages are hints, rows are the truth (the visibility timeout is above every time limit) ----------
CELERY_VISIBILITY_SECONDS = 900
CELERY_BROKER_URL = BROKER_URL
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": CELERY_VISIBILITY_SECONDS,
    "socket_connect_timeout": 2,
    "global_keyprefix": "lc:",
}
CELERY_VISIBILITY_TIMEOUT = CELERY_VISIBILITY_SECONDS
# A broker that is gone must not hold a web request: one quick try, the sweeper finds the row later.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = environment.text("LIVECODE_BEAT_FILE", "celerybeat-schedule")

# --- People -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "permissions.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "permissions.passwords.UnlikeUsername"},
    {"NAME": "permissions.passwords.LongEnough", "OPTIONS": {"min_length": 12}},
    {"NAME": "permissions.passwords.NotCommon"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_RAISE_404 = True
ANONYMOUS_USER_NAME = None
AXES_HANDLER = "permissions.throttling.SignInThrottle"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
# Of one name from all addresses, and of one address (an office) for all names; permissions.throttling.
SIGN_IN_FAILURES_OF_NAME = 20
SIGN_IN_FAILURES_OF_ADDRESS = 50
AXES_IPWARE_PROXY_COUNT = environment.integer("LIVECODE_PROXY_COUNT", 0)
# A header is believed only when we know how many proxies of ours wrote into it.
AXES_IPWARE_META_PRECEDENCE_ORDER = (
    ["HTTP_X_FORWARDED_FOR", "REMOTE_ADDR"] if AXES_IPWARE_PROXY_COUNT else ["REMOTE_ADDR"]
)
AXES_LOCKOUT_CALLABLE = "permissions.views.sign_in.locked_out"
# Sessions end after 30 minutes without a request and 12 hours after signing in (permissions.sessions).
SESSION_IDLE_SECONDS = 30 * 60
SESSION_ABSOLUTE_SECONDS = 12 * 3600

# --- Cookies, headers ------------------------------------------------------------------------------------------------
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_SECONDS
CSRF_COOKIE_HTTPONLY = True
CSRF_USE_SESSIONS = False
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- Language, files --------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(environment.text("LIVECODE_STATIC_ROOT", str(BASE_DIR / "staticfiles")))
MEDIA_ROOT = Path(environment.text("LIVECODE_MEDIA_DIR", str(BASE_DIR / "media")))
# Where this machine's edge keeps scans while PostgreSQL is away; the console only looks for ones that were refused.
SPOOL_DIR = Path(spool) if (spool := environment.text("LIVECODE_SPOOL_DIR", "")) else None

# --- Ours -------------------------------------------------------------------------------------------------------------
CONSOLE_URL = environment.text("LIVECODE_CONSOLE_URL", "http://127.0.0.1:8000").rstrip("/")
PUBLIC_URL = CONSOLE_URL  # where WeCom reaches us: callbacks
ENTRY_URL = environment.text("LIVECODE_ENTRY_URL", "http://127.0.0.1:8001").rstrip("/")
WECOM_API_URL = environment.text("LIVECODE_WECOM_API_URL", "https://qyapi.weixin.qq.com").rstrip("/")
# Where WeCom's scan page is (document 98152).
WECOM_LOGIN_URL = environment.text("LIVECODE_WECOM_LOGIN_URL", "https://login.work.weixin.qq.com").rstrip("/")
CLOCK_OFFSET_FILE = environment.text("LIVECODE_CLOCK_OFFSET_FILE", "")
HTTP_ALLOW = environment.words("LIVECODE_HTTP_ALLOW")

configure_structlog()
LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_config(as_json=False, level=environment.text("LIVECODE_LOG_LEVEL", "INFO"))

# Whether writing an audit entry with a field that the log has no word for is an error; else the field shows as it is.
AUDIT_NEEDS_WORDS = False
