"""Tests of `tenants`: the context, both walls, roles, secrets and task bases."""
