"""The companies of a round, made through the real services: new ones each time, so that rounds share no rows."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from codes.selectors import code_cards
from codes.services import code_create
from livecode_admin.kernel import clock
from people.services import staff_upsert
from permissions.access import Access, access_for
from permissions.services import bundles_install, department_upsert, owner_add, user_create
from routing.qrimages import way_png
from routing.services.publish import code_go_live, code_publish
from routing.services.roster import SeatInput, roster_set, staff_cap_set
from routing.services.ways import way_claim, way_created, way_live, ways_due
from tenants.context import tenant_context
from tenants.selectors import tenant_facts
from tenants.services import tenant_create

FAMILY = "王李张刘陈杨黄赵周吴"
NO_CAP = 10_000


@dataclass(frozen=True)
class Plan:
    """One company. ``cold`` of its codes are scanned only after the fault has begun. ``weight``: its share of scans."""

    name: str
    codes: int
    staff: int
    weight: int
    cap: int = NO_CAP
    cold: int = 0

    @property
    def roomy(self) -> bool:
        """Whether a round can't fill it."""
        return self.cap == NO_CAP


@dataclass(frozen=True)
class Company:
    """A company on the stage; codes as (id, slug)."""

    plan: Plan
    id: int
    slug: str
    caps: dict[int, int]
    codes: list[tuple[int, str]]

    def load(self, *, cold: bool) -> list[dict[str, object]]:
        """What the phones are told of its codes, the cold ones or the others."""
        chosen = self.codes[-self.plan.cold or len(self.codes) :] if cold else self.codes[: -self.plan.cold or None]
        share = self.plan.weight / len(self.codes)
        return [{"slug": slug, "tenant": self.id, "weight": share} for _, slug in chosen]


# Two with room for everybody, one whose caps are reached on the way, one that nobody scans before the fault.
COMPANIES = (
    Plan("繁忙教育", codes=10, staff=6, weight=55, cold=3),
    Plan("限额家居", codes=6, staff=4, weight=25, cap=150),
    Plan("邻居商贸", codes=2, staff=3, weight=15),
    Plan("冷清书店", codes=2, staff=2, weight=5, cold=2),
)


def raise_stage() -> list[Company]:
    """The companies of one round."""
    return [_company(plan, clock.now()) for plan in COMPANIES]


def _company(plan: Plan, now: datetime) -> Company:
    slug = f"f-{secrets.token_hex(6)}"
    tenant_id = tenant_create(name=plan.name, slug=slug, now=now, telephone="400-000-1001")
    system = Access.system(tenant_id=tenant_id, tenant_slug=slug, reason="故障演练")
    with tenant_context(tenant_id):
        bundles_install()
        department = department_upsert(access=system, name=plan.name, parent_id=None, wecom_id=1, now=now)
        user = user_create(username=f"{slug}.owner", password=secrets.token_hex(8), now=now, check_password=False)
        owner_add(access=system, user_id=user, display_name="方圆", now=now)
        owner = access_for(user, tenant_facts(), now)
        assert owner is not None
        staff = [
            staff_upsert(
                wecom_userid=f"{slug}-{place}", name=f"{FAMILY[place % 10]}{place}号", position="顾问", now=now
            )
            for place in range(plan.staff)
        ]
        for staff_id in staff:
            staff_cap_set(access=owner, staff_id=staff_id, daily_cap=plan.cap, now=now)
        codes = [_code(owner, department, staff, f"{slug}-{number}", now) for number in range(plan.codes)]
    _ways(tenant_id, now)
    with tenant_context(tenant_id):
        for code_id in codes:
            code_go_live(access=owner, code_id=code_id, now=now)
        slugs = [(code_id, card.slug) for code_id, card in sorted(code_cards(codes).items())]
    return Company(plan, tenant_id, slug, dict.fromkeys(staff, plan.cap), slugs)


def _code(owner: Access, department: int, staff: list[int], name: str, now: datetime) -> int:
    code_id = code_create(
        access=owner,
        now=now,
        name=name,
        purpose="campaign",
        purpose_text="演练",
        landing_text="",
        department_id=department,
        expires_at=None,
    )
    seats = [SeatInput(staff_id, is_backup=False, position=place) for place, staff_id in enumerate(staff)]
    roster_set(access=owner, code_id=code_id, seats=seats, now=now)
    code_publish(access=owner, code_id=code_id, now=now)
    return code_id


def _ways(tenant_id: int, now: datetime) -> None:
    """Finish each ordered way as the provisioning task does once WeCom has answered."""
    soon = now + timedelta(minutes=1)
    for owner_id, way_id in ways_due(soon, 10_000):
        if owner_id != tenant_id:
            continue
        with tenant_context(tenant_id):
            order = way_claim(way_id=way_id, now=soon)
            if order is not None:
                way_created(way_id=way_id, config_id=f"c{order.state}", qr_url="http://127.0.0.1/qr.png")
                content = f"way:{order.state}"
                way_live(way_id=way_id, qr_content=content, png=way_png(content), now=now)
