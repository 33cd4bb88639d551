# One image for all processes of production; docker-compose.yml says which one a container runs.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
RUN python -m venv /venv
COPY requirements.lock .
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=livecode_admin.settings.production \
    LIVECODE_STATIC_ROOT=/app/staticfiles LIVECODE_MEDIA_DIR=/data/media LIVECODE_SPOOL_DIR=/data/spool
WORKDIR /app
RUN useradd --system --uid 10001 --home-dir /app livecode && mkdir -p /data/media /data/spool && chown -R livecode /data
COPY --from=build /venv /venv
COPY . .
# Collecting files connects to nothing; the values only satisfy the settings, and are gone after this line.
RUN SECRET_KEY=build-time-value-that-signs-nothing LIVECODE_HOSTS=localhost LIVECODE_SECRET_KEYS=build \
    DATABASE_URL=postgresql:///x DATABASE_OPS_URL=postgresql:///x BROKER_URL=redis://x CACHE_URL=redis://x \
    python manage.py collectstatic --no-input --verbosity 0
USER livecode
VOLUME /data
EXPOSE 8000 8001
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--no-ws", "livecode_admin.wsgi:application"]
