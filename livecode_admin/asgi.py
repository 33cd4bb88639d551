"""The edge's server entry point: ``granian --interface asgi livecode_admin.asgi:app``. There is no Django in it."""

from routing.edge.app import app

__all__ = ["app"]
