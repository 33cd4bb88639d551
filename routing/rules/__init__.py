"""Decisions of routing as pure functions and plain data: the engine and all that it reads (docs/snapshot.md)."""
