"""`manage.py demo_seed`: make the demo's two companies, once."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from livecode_admin.devstack.demo_data.cast import COMPANIES
from livecode_admin.devstack.demo_data.seeding import company_seed
from livecode_admin.devstack.place import write_private
from livecode_admin.kernel import clock
from tenants.selectors import tenant_by_slug


class Command(BaseCommand):
    """Companies that are there already stay as they are; their accounts are in the file that the first run wrote."""

    help = "Make the demo's two companies with people, staff and codes (the simulator must answer)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed what is missing and write the accounts to LIVECODE_DEMO_STATE."""
        path = Path(os.environ["LIVECODE_DEMO_STATE"])
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"tenants": []}
        password = f"demo-{secrets.token_hex(4)}"
        for company in COMPANIES:
            if tenant_by_slug(company.slug) is not None:
                continue
            few = int(os.environ.get("LIVECODE_DEMO_CODES") or len(company.codes))  # tests need no thirty codes
            told["tenants"].append(
                company_seed(replace(company, codes=company.codes[:few]), password=password, now=clock.now())
            )
            write_private(path, json.dumps(told, ensure_ascii=False, indent=1))
