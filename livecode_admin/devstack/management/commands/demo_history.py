"""`manage.py demo_history`: play sixty days of the demo's past, once; its progress stands in the log."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from livecode_admin import celery
from livecode_admin.devstack.demo_data.cast import COMPANIES
from livecode_admin.devstack.demo_data.history import DAYS, History
from livecode_admin.devstack.place import write_private
from livecode_admin.kernel import clock
from livecode_admin.workspace.services import notice_send
from permissions.selectors import members_holding
from routing.edge.store import Pool
from routing.selectors import codes_with_ways
from tenants.context import tenant_context

WAYS_SECONDS = 300
ENOUGH_CODES = 5


class Command(BaseCommand):
    """A company whose past was played is not played again; a play that was cut off is not resumed half way."""

    help = "Play sixty days of history for the demo's companies through the real services."

    def handle(self, *args: Any, **options: Any) -> None:
        """Play what has not been played."""
        # Thousands of hints would keep live work waiting: they go nowhere, and sweepers find the rows in their time.
        celery.app.conf.update(broker_url="memory://")
        celery.app.set_default()
        path = Path(os.environ["LIVECODE_DEMO_STATE"])
        mark = path.with_name("demo-history.json")
        played: list[str] = json.loads(mark.read_text(encoding="utf-8")) if mark.exists() else []
        told = {one["slug"]: one for one in json.loads(path.read_text(encoding="utf-8"))["tenants"]}
        pool = Pool(os.environ["DATABASE_URL"], size=1)
        for company in COMPANIES:
            if company.slug in played or company.slug not in told:
                continue
            offset_file = path.with_name("demo-history-clock")
            offset_file.unlink(missing_ok=True)
            os.environ[clock.OFFSET_FILE_ENV] = str(offset_file)
            self._wait_for_ways(int(told[company.slug]["id"]))
            # Noted before it begins: half a past is shown as it is, twice a past would be wrong.
            played.append(company.slug)
            write_private(mark, json.dumps(played))
            history = History(company, told[company.slug], pool, offset_file)
            for done in history.days():
                if done % 5 == 0 or done == DAYS:
                    self.stdout.write(f"{company.name} 历史数据 {done}/{DAYS} 天")
                    self.stdout.flush()
            history.finish()
            self._tell(int(told[company.slug]["id"]))
        pool.close()

    def _wait_for_ways(self, tenant_id: int) -> None:
        """Customers can only be led to colleagues whose contact ways are made."""
        until = time.monotonic() + WAYS_SECONDS
        while time.monotonic() < until:
            with tenant_context(tenant_id):
                ready = len(codes_with_ways())
            if ready >= ENOUGH_CODES:
                return
            self.stdout.write(f"等待二维码，{ready} 个活码已就绪")
            self.stdout.flush()
            time.sleep(3)
        raise CommandError("the contact ways were not made in time; see the worker's lines")

    def _tell(self, tenant_id: int) -> None:
        with tenant_context(tenant_id):
            notice_send(
                member_ids=members_holding("codes.view"),
                kind="demo",
                text=f"{DAYS} 天的演示数据已就绪",
                url="",
                now=clock.now(),
            )
