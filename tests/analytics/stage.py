"""A company whose every figure is a number of its own, and all pages of the console as somebody opens them."""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.urls import URLPattern, get_resolver

from analytics.models import HourlyFigure
from analytics.selectors import GROWTH, QUALITY, TRAFFIC
from codes.models import LiveCode
from livecode_admin.kernel import clock
from livecode_admin.kernel.web.formats import number
from permissions.access import Access
from permissions.capabilities import CAPABILITIES
from permissions.models import RoleBundle
from permissions.rules import Scope, Tier
from permissions.services import bundle_assign, department_upsert
from permissions.services.custom_bundles import BundlePlan, custom_bundle_create
from routing.models import Scan, Seat, SeatDay
from tenants.context import tenant_context
from tests.console.stage import told
from tests.factories import TenantFixture, access_of, client_for
from tests.routing.stage import StageCode, live_code

ZONE = "Asia/Shanghai"
PEOPLE = "analytics.people"
TAGS = "analytics.tags"
EVERYWHERE = ("华东", "华西", "本人")
# scans, assigned, overflowed, fallbacks, adds of today: no sum of some is the number of another.
DAY = {
    "华东": (7411, 7433, 1451, 1477, 5003),
    "华西": (20011, 20029, 2309, 2311, 9001),
    "本人": (30011, 30029, 3301, 3307, 4001),
}
VISITS = {"assigned": 211, "overflow": 173, "fallback": 137}
SEATS = ((613, 201), (389, 97), (251, 83))


@dataclass
class Measured:
    """Codes by the name of whose they are; ``own`` is the user whose one code 本人's is."""

    tenant: TenantFixture
    departments: dict[str, int]
    codes: dict[str, StageCode]
    own: int

    def member(self, *, without: str = "", scope: Scope = Scope.ALL) -> Access:
        """Who holds everything but one capability, within this scope."""
        user_id = self.own
        if scope is not Scope.OWN:
            user_id = self.tenant.add_member([], department_id=self.departments["华东"])
        now = clock.now()
        held = frozenset(CAPABILITIES) - {without, "wecom.manage"}
        member_id = access_of(self.tenant, user_id, now).member_id
        assert member_id is not None
        with tenant_context(self.tenant.id):
            plan = BundlePlan(f"{without}-{scope}-{secrets.token_hex(3)}", held, scope, Tier.SENSITIVE)
            key = RoleBundle.objects.get(pk=custom_bundle_create(access=self.tenant.owner, plan=plan, now=now)).key
            bundle_assign(access=self.tenant.owner, member_id=member_id, bundle_key=key, now=now)
        return access_of(self.tenant, user_id, clock.now())

    def pages(self, access: Access, code: str = "华东") -> Iterator[tuple[str, str]]:
        """Every page of the console that opens to the member, with what it says; files and forms alone are left out."""
        stage, client = self.codes[code], client_for(access)
        with tenant_context(self.tenant.id):
            scan = Scan.objects.filter(code_id=stage.code_id).first()
        known = {
            "code_id": stage.code_id,
            "staff_id": stage.staff[0],
            "member_id": access.member_id,
            "scan_id": scan.scan_id if scan else uuid.uuid4(),
        }
        for path in paths(known):
            for query in ("", *self._asked(path)):
                answer = client.get(f"/t/{self.tenant.slug}/{path}{query}")
                kind = answer.headers.get("Content-Type", "")
                if answer.status_code == 200 and "image" not in kind and "zip" not in kind:
                    yield f"{path}{query}", answer.content.decode()

    def _asked(self, path: str) -> tuple[str, ...]:
        """What a page is asked besides."""
        if path.endswith("chart/"):
            return ("?days=30",)
        return () if path else (f"?department={self.departments['华西']}",)


def paths(known: dict[str, object]) -> list[str]:
    """The paths below ``/t/<company>/`` of all URLs whose captures are known, whatever they are for."""
    found = []
    for route in _routes(get_resolver().url_patterns):
        prefix = "t/<slug:tenant_slug>/"
        if not route.startswith(prefix):
            continue
        tail = re.sub(r"<\w+:(\w+)>", lambda part: str(known.get(part[1], part[0])), route.removeprefix(prefix))
        if "<" not in tail:
            found.append(tail)
    return found


def _routes(patterns: Sequence[object], before: str = "") -> Iterator[str]:
    for one in patterns:
        route = f"{before}{one.pattern}"  # type: ignore[attr-defined]
        if isinstance(one, URLPattern):
            yield route
        else:
            yield from _routes(one.url_patterns, route)  # type: ignore[attr-defined]


def measured(tenant: TenantFixture) -> Measured:
    """Three codes, each with figures of today; 华东's also with visits just now and figures of its three colleagues."""
    now = clock.now()
    with tenant_context(tenant.id):
        departments = {
            name: department_upsert(access=tenant.owner, name=name, parent_id=tenant.department_id, now=now)
            for name in ("华东", "华西")
        }
    own = tenant.add_member([], name="本人", department_id=departments["华西"])
    codes = {name: live_code(tenant, roster=3) for name in EVERYWHERE}
    place: dict[str, dict[str, int | None]] = {
        "华东": {"department_id": departments["华东"]},
        "华西": {"department_id": departments["华西"]},
        "本人": {"department_id": departments["华西"], "owner_id": access_of(tenant, own, now).member_id},
    }
    with tenant_context(tenant.id):
        for name, stage in codes.items():
            LiveCode.objects.filter(pk=stage.code_id).update(**place[name])
            scans, assigned, overflowed, fallbacks, added = DAY[name]
            HourlyFigure.objects.create(
                day=clock.local_day(now, ZONE), hour=0, code_id=stage.code_id, scans=scans, assigned=assigned,
                overflowed=overflowed, fallbacks=fallbacks, added=added,
            )  # fmt: skip
        _colleagues(codes["华东"])
        for outcome, times in VISITS.items():
            _visits(codes["华东"], outcome, times)
    return Measured(tenant, departments, codes, own)


def _colleagues(stage: StageCode) -> None:
    """Today's figures of each, and three days on which the second adds a tenth of what the others do."""
    today = clock.local_day(clock.now(), ZONE)
    for staff_id, (assigned, added), before in zip(stage.staff, SEATS, (12, 2, 10), strict=True):
        seat_id = Seat.objects.get(code=stage.code_id, staff=staff_id).pk
        SeatDay.objects.create(seat_id=seat_id, day=today, assigned=assigned, added=added)
        for back in (1, 2, 3):
            SeatDay.objects.create(seat_id=seat_id, day=today - timedelta(days=back), assigned=20, added=before)
            _visits(stage, "assigned", 20, staff_id=staff_id, back=back)


def _visits(stage: StageCode, outcome: str, times: int, *, staff_id: int | None = None, back: int = 0) -> None:
    now = clock.now() - timedelta(days=back)
    given = staff_id or (stage.staff[0] if outcome != "fallback" else None)
    Scan.objects.bulk_create(
        Scan(
            pk=secrets.randbits(60), scan_day=clock.local_day(now, ZONE), scan_id=uuid.uuid4(), code_id=stage.code_id,
            scanned_at=now, kind="visit", outcome=outcome, reason="in_turn", staff_id=given, sub_channel="",
        )
        for _ in range(times)
    )  # fmt: skip


def day_numbers(*names: str) -> dict[str, set[str]]:
    """By metric group, how today's figures over these codes are written."""
    columns = zip(*(DAY[one] for one in names), strict=True)
    scans, assigned, overflowed, fallbacks, added = (sum(column) for column in columns)
    return {
        TRAFFIC: {number(one) for one in (scans, assigned, overflowed, fallbacks)},
        GROWTH: {number(added)},
        QUALITY: {f"{added / assigned * 100:.1f}"},
    }


def people_numbers() -> dict[tuple[str, ...], set[str]]:
    """By the groups that it takes, how the figures of 华东's colleagues are written."""
    total = sum(assigned for assigned, _ in SEATS)
    return {
        (PEOPLE, TRAFFIC): {str(one) for one, _ in SEATS} | {f"{one / total * 100:.1f}" for one, _ in SEATS},
        (PEOPLE, QUALITY): {f"{added / one * 100:.1f}" for one, added in SEATS} | {"10.0", "50.0"},
    }


def numbers(html: str) -> set[str]:
    """The numbers that a page tells, also in what appears on pointing or is read aloud."""
    spoken = " ".join(re.findall(r'(?:title|aria-label|alt|content|value)="([^"]*)"', html))
    return set(re.findall(r"(?<![\w,.:-])\d[\d,]*(?:\.\d+)?(?![\w,:-]|\.\d)", f"{told(html)} {spoken}"))
