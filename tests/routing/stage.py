"""A code with people, published and live, made by the services; its contact ways' QR codes say ``way:<state>``."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg2

from codes.services import code_create
from livecode_admin.kernel import clock
from people.services import staff_upsert
from permissions.access import Access
from routing.models import ContactWay
from routing.qrimages import way_png
from routing.services.native import native_claim, native_created, native_live, native_look
from routing.services.publish import code_go_live, code_publish
from routing.services.roster import SeatInput, roster_set, staff_cap_set
from routing.services.ways import way_claim, way_created, way_live
from tenants.context import tenant_context
from tests.factories import TenantFixture

NAMES = ["林晓彤", "王一鸣", "陈思远", "赵可", "孙悦", "周敏", "吴迪", "何苗", "郑好", "冯远"]


@dataclass
class StageCode:
    """A live code of a test; ``staff`` are the roster's, then the backups', in order."""

    tenant: TenantFixture
    code_id: int
    slug: str
    staff: list[int]
    access: Access

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read with the tenant set: what PostgreSQL holds is what is judged."""
        return rows_of(self.tenant.id, sql, *values)

    def outcomes(self) -> list[str]:
        """The outcome of each visit in the order of the scans."""
        rows = self.rows("SELECT outcome FROM routing_scan WHERE code_id = %s ORDER BY id", self.code_id)
        return [outcome for (outcome,) in rows]

    def served(self) -> list[int | None]:
        """The place in ``staff`` of each scan's person, in the order of the scans; None for a page."""
        rows = self.rows("SELECT staff_id FROM routing_scan WHERE code_id = %s ORDER BY id", self.code_id)
        return [self.staff.index(staff_id) if staff_id is not None else None for (staff_id,) in rows]


def rows_of(tenant_id: int, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Rows as the application role sees them for one tenant."""
    link = psycopg2.connect(os.environ["DATABASE_URL"])
    try:
        with link, link.cursor() as cursor:
            cursor.execute("SELECT set_config('app.tenant', %s, true)", [str(tenant_id)])
            cursor.execute(sql, values)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        link.close()


def live_code(
    tenant: TenantFixture,
    *,
    roster: int = 5,
    backups: int = 0,
    cap: int | None = None,
    name: str = "",
    landing_text: str = "",
    staff: Sequence[int] = (),
    expires_at: datetime | None = None,
    delivery: str = "hosted",
) -> StageCode:
    """A live code with ``roster`` + ``backups`` people, each with the daily cap ``cap`` over all codes."""
    now, access = clock.now(), tenant.owner
    with tenant_context(tenant.id):
        people = list(staff) or [_person(place, now) for place in range(roster + backups)]
        code_id = code_create(
            access=access,
            now=now,
            name=name or f"地铁广告{secrets.token_hex(4)}",
            purpose="campaign",
            purpose_text="地推",
            landing_text=landing_text,
            department_id=tenant.department_id,
            expires_at=expires_at,
            delivery=delivery,
        )
        seats = [SeatInput(pk, is_backup=place >= roster, position=place) for place, pk in enumerate(people)]
        roster_set(access=access, code_id=code_id, seats=seats, now=now)
        for pk in people if cap is not None else []:
            staff_cap_set(access=access, staff_id=pk, daily_cap=cap or 0, now=now)
        code_publish(access=access, code_id=code_id, now=now)
        ways_finish(now)
        natives_finish(now)
        code_go_live(access=access, code_id=code_id, now=now)
    slug = rows_of(tenant.id, "SELECT slug FROM codes_livecode WHERE id = %s", code_id)[0][0]
    return StageCode(tenant, code_id, slug, people, access)


def native_code(tenant: TenantFixture, *, roster: int, landing_text: str = "") -> StageCode:
    """A live native code."""
    return live_code(tenant, roster=roster, landing_text=landing_text, delivery="native")


def natives_finish(now: datetime) -> None:
    """Finish the way of each native code as the task does once WeCom has answered."""
    for way_id in native_look(now=now):
        push = native_claim(way_id=way_id, now=now)
        if push is None:
            continue
        native_created(push=push, config_id=f"c{push.state}", qr_url="http://127.0.0.1/qr.png")
        content = f"native:{push.state}"
        native_live(way_id=way_id, qr_content=content, png=way_png(content), now=now)


def ways_finish(now: datetime) -> None:
    """Finish each ordered way as the provisioning task does once WeCom has answered."""
    for way in list(ContactWay.objects.exclude(status="live")):
        if way_claim(way_id=way.pk, now=now) is None:
            continue
        way_created(way_id=way.pk, config_id=f"c{way.state}", qr_url="http://127.0.0.1/qr.png")
        content = f"way:{way.state}"
        way_live(way_id=way.pk, qr_content=content, png=way_png(content), now=now)


def _person(place: int, now: datetime) -> int:
    return staff_upsert(
        wecom_userid=f"u{secrets.token_hex(6)}", name=NAMES[place % len(NAMES)], position="课程顾问", now=now
    )
