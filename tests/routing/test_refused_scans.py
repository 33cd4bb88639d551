"""A scan that PostgreSQL refuses when it comes home from the spool is kept for people, and the console says so."""

from __future__ import annotations

import os
from pathlib import Path

from django.test import Client, override_settings

from routing.edge import store
from routing.edge.replay import Home
from routing.edge.spool import Spool
from tests.factories import TenantFixture


def test_refused_scans_are_named_by_the_readiness_page_until_somebody_has_looked(
    tenant: TenantFixture, tmp_path: Path
) -> None:
    spool, pool = Spool(tmp_path), store.Pool(os.environ["DATABASE_URL"])
    with override_settings(SPOOL_DIR=tmp_path):
        assert "attention" not in Client().get("/readyz").json()
        for number in (1, 2):
            spool.append(tenant.id, [{"id": "no scan's id"}])
            assert Home(pool, spool).bring(tenant.id, patience=1.0) == 1
            answer = Client().get("/readyz")
            assert answer.status_code == 200
            assert answer.json()["attention"] == {"refused_scans": number}
        (tmp_path / "refused.jsonl").unlink()
        assert "attention" not in Client().get("/readyz").json()
    spool.close()
    pool.close()


def test_a_console_without_an_edge_on_its_machine_has_nothing_to_say() -> None:
    with override_settings(SPOOL_DIR=None):
        assert "attention" not in Client().get("/readyz").json()
