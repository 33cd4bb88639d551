"""A company with codes for the console's pages, and a person who looks at them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from codes.services import code_create
from livecode_admin.kernel import clock
from permissions.access import Access
from routing.services.roster import SeatInput, roster_set
from tenants.context import tenant_context
from tests.factories import TenantFixture, client_for


@dataclass
class Viewer:
    """A signed-in member at one company's console."""

    slug: str
    client: Client

    def get(self, path: str, status: int = 200) -> str:
        """A page; fails when its status is another."""
        reply = self.client.get(f"/t/{self.slug}/{path}")
        assert reply.status_code == status, f"{path}: {reply.status_code}"
        return str(reply.content.decode())

    def post(self, path: str, data: dict[str, Any]) -> HttpResponse:
        """Send a form."""
        return self.client.post(f"/t/{self.slug}/{path}", data)  # type: ignore[return-value]

    def queries(self, path: str, data: dict[str, Any] | None = None) -> int:
        """How many statements a page costs once what is cached for good is there."""
        url = f"/t/{self.slug}/{path}"
        for _ in range(2):
            with CaptureQueriesContext(connection) as seen:
                reply = self.client.get(url) if data is None else self.client.post(url, data)
            assert reply.status_code == 200, f"{path}: {reply.status_code}"
        return len(seen)


def viewer(tenant: TenantFixture, access: Access) -> Viewer:
    """A member's browser."""
    return Viewer(tenant.slug, client_for(access))


def codes_of(access: Access, count: int, *, staff: list[int], **changes: Any) -> list[int]:
    """Codes that are live, each with this roster, made by the member."""
    from codes.services import code_mark_live

    now, made = clock.now(), []
    with tenant_context(access.tenant_id):
        for number in range(count):
            plan: dict[str, Any] = {
                "name": f"活动{len(staff)}-{number}-{clock.now().timestamp():.6f}"[:30],
                "purpose": "campaign",
                "purpose_text": "地铁广告",
                "channel_name": "地铁广告",
            }
            code_id = code_create(access=access, now=now, **(plan | changes))
            seats = [SeatInput(pk, is_backup=False, position=place) for place, pk in enumerate(staff)]
            roster_set(access=access, code_id=code_id, seats=seats, now=now)
            code_mark_live(access=access, code_id=code_id, now=now)
            made.append(code_id)
    return made


def staff_of(tenant: TenantFixture, count: int, *, member_id: int | None = None) -> list[int]:
    """Colleagues who can receive; the first may be a member of the console."""
    from people.services import staff_upsert

    names = ["林晓彤", "王一鸣", "陈思远", "赵可", "孙悦", "周敏", "吴迪", "何苗", "郑好", "冯远"]
    now = clock.now()
    with tenant_context(tenant.id):
        return [
            staff_upsert(
                wecom_userid=f"u{tenant.id}-{number}-{now.timestamp()}",
                name=names[number % len(names)],
                department_id=tenant.department_id,
                position="课程顾问",
                member_id=member_id if number == 0 else None,
                now=now,
            )
            for number in range(count)
        ]


def told(html: str) -> str:
    """What a person reads: the text without tags, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<script.*?</script>", " ", html)))
