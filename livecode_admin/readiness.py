"""`/healthz` and `/readyz` of the console process (the edge answers its own)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from livecode_admin.kernel import health
from permissions.guards import public


@public
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that this process answers; asks nobody."""
    return JsonResponse({"status": "alive"})


@public
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Ask PostgreSQL, the broker and the cache; 503 when one does not answer. Scans that were refused are named too."""
    status, body = health.readiness(
        {
            "postgres": health.postgres(settings.DATABASE_URL),
            "broker": health.redis_server(settings.BROKER_URL),
            "cache": health.redis_server(settings.CACHE_URL),
        },
        attention={"refused_scans": health.refused_scans(settings.SPOOL_DIR) if settings.SPOOL_DIR else 0},
    )
    return JsonResponse(body, status=status)
