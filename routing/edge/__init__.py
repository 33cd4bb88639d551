"""The edge: printed codes served without Django, with PostgreSQL or without it (docs/scan-path.md)."""
