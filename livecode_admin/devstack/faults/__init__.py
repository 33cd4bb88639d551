"""Fault runs: real processes under load, broken on purpose, and the books checked afterwards (docs/faults.md)."""
