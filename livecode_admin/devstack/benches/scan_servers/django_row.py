"""(c) What one would write first: a Django view that selects, locks, updates and inserts, with tables of its own."""

from __future__ import annotations

import os
from typing import Any

import django
from django.conf import settings

if not settings.configured:
    from livecode_admin.settings.environment import database

    settings.configure(
        DEBUG=False,
        SECRET_KEY="bench",  # noqa: S106  # nothing is signed here
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        USE_TZ=True,
        DATABASES={"default": database(os.environ["DATABASE_URL"], max_age=3600)},
        MIDDLEWARE=[],
        INSTALLED_APPS=[],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()

from django.core.wsgi import get_wsgi_application
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone

from livecode_admin.devstack.benches.scan_servers.answer import BODY, HEADERS


class Code(models.Model):
    """A code with its turn."""

    slug = models.CharField(max_length=10, unique=True)
    position = models.IntegerField()

    objects: models.Manager[Code] = models.Manager()

    class Meta:
        app_label = "bench"
        managed = False
        db_table = "bench_code"

    def __str__(self) -> str:
        return self.slug


class Seat(models.Model):
    """A seat with its count."""

    code_id = models.BigIntegerField()
    position = models.IntegerField()
    used = models.IntegerField()
    cap = models.IntegerField()

    objects: models.Manager[Seat] = models.Manager()

    class Meta:
        app_label = "bench"
        managed = False
        db_table = "bench_seat"

    def __str__(self) -> str:
        return f"{self.code_id}/{self.position}"


class Scan(models.Model):
    """A scan."""

    code_id = models.BigIntegerField()
    seat_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    agent = models.CharField(max_length=300)

    objects: models.Manager[Scan] = models.Manager()

    class Meta:
        app_label = "bench"
        managed = False
        db_table = "bench_scan"

    def __str__(self) -> str:
        return f"{self.code_id}: {self.seat_id}"


def scan(request: HttpRequest, slug: str) -> HttpResponse:
    """The next seat in turn under its cap."""
    with transaction.atomic():
        code = Code.objects.select_for_update().get(slug=slug)
        seats = list(Seat.objects.filter(code_id=code.pk).order_by("position"))
        order = [seat for seat in seats if seat.position > code.position] + seats
        chosen = next((seat for seat in order if seat.used < seat.cap), None)
        if chosen is not None:
            Seat.objects.filter(pk=chosen.pk).update(used=models.F("used") + 1)
            code.position = chosen.position
            code.save(update_fields=["position"])
        Scan.objects.create(
            code_id=code.pk,
            seat_id=chosen.pk if chosen else None,
            at=timezone.now(),
            agent=request.headers.get("user-agent", "")[:300],
        )
    response = HttpResponse(BODY)
    for name, value in HEADERS:
        response[name.decode()] = value.decode()
    return response


urlpatterns: list[Any] = [path("c/<slug:slug>", scan)]
application = get_wsgi_application()
