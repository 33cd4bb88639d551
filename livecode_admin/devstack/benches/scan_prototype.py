"""The companies and codes that all others of the measurement are copies of, made by the product's own services.

Ids of what is copied begin with a number of their own (PREFIX), so that :mod:`scan_ground` copies rows and snapshots by
replacing text, whatever columns they have.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from contextlib import closing
from typing import Any

import django
import psycopg2

TENANT_PREFIX, CODE_PREFIX = "8800000", "9900000000"
FIRST = "001"
# In the order in which they name each other.
COPIED = (
    "tenants_tenant", "people_staff", "routing_stafflimit", "codes_livecode", "routing_seat", "routing_contactway",
    "routing_wayimage", "routing_snapshot", "routing_coderoute",
)  # fmt: skip
CAP, CAP_OF_SERVICE = 1_000_000, 9_999
# One code in four of each: the strategy, and what uses up a turn.
STRATEGIES = (("weighted", "assignments"), ("in_turn", "adds"), ("least_loaded", "assignments"), ("weighted", "adds"))
SEATS, MANY = 5, 100
PEOPLE = ("林晓彤", "王一鸣", "陈思远", "赵可", "孙悦", "周敏", "吴迪", "何苗", "郑好", "冯远")


def main() -> None:
    """Make them; their ids as JSON on stdout."""
    django.setup()
    from livecode_admin import celery

    celery.app.set_default()
    company = _tenant("知行教育", "bench")
    people = [_staff(company, number) for number in range(MANY + 2)]
    _sequences(CODE_PREFIX)
    small = [_code(company, people[place * 6 : place * 6 + 6], people[-1], way) for place, way in enumerate(STRATEGIES)]
    large = [_code(company, people[: MANY + 1], people[-1], STRATEGIES[0])]
    _sequences(TENANT_PREFIX)
    other = _tenant("云帆商贸", "bench-other")
    few = [_staff(other, number) for number in range(SEATS + 2)]
    of_other = _code(other, few[: SEATS + 1], few[-1], STRATEGIES[0])
    json.dump({"tenant": company, "small": small, "large": large, "other": other, "of_other": of_other}, sys.stdout)


def _tenant(name: str, slug: str) -> int:
    """A company with its owner."""
    from livecode_admin.kernel import clock
    from permissions.access import Access
    from permissions.services import bundles_install, owner_add, user_create
    from tenants.context import tenant_context
    from tenants.services import tenant_create

    now = clock.now()
    tenant_id = tenant_create(name=name, slug=slug, now=now)
    user_id = user_create(username=slug, password=secrets.token_urlsafe(12), now=now, check_password=False)
    system = Access.system(tenant_id=tenant_id, tenant_slug=slug, reason="bench")
    with tenant_context(tenant_id):
        bundles_install()
        owner_add(access=system, user_id=user_id, display_name="方圆", now=now)
    return tenant_id


def _owner(tenant_id: int) -> Any:
    from livecode_admin.kernel import clock
    from permissions.access import access_for
    from tenants.selectors import tenant_facts

    ((user_id,),) = _admin("SELECT user_id FROM permissions_member WHERE tenant_id = %s", tenant_id)
    access = access_for(user_id, tenant_facts(), clock.now())
    assert access is not None
    return access


def _staff(tenant_id: int, number: int) -> int:
    from livecode_admin.kernel import clock
    from people.services import staff_upsert
    from tenants.context import tenant_context

    name = f"{PEOPLE[number % len(PEOPLE)]}{number // len(PEOPLE) or ''}"
    with tenant_context(tenant_id):
        return staff_upsert(wecom_userid=f"staff{number}", name=name, position="课程顾问", now=clock.now())


def _limits(tenant_id: int) -> None:
    """Caps that are looked at for every scan, but that no run reaches: a full seat would be less work.

    The limit of people waiting is the product's own, 50, and soon reached: who comes next walks the whole ladder.
    """
    _admin("UPDATE routing_stafflimit SET daily_cap = %s WHERE tenant_id = %s", CAP, tenant_id)


def _rules(code_id: int, people: list[int], strategy: str, turns_count: str) -> None:
    """Every kind of rule at once, as the snapshot will have it; written past the services, which check one by one."""
    always = {str(row): [[0, 1440]] for row in range(8)}
    some = people[: max(3, len(people) // 2)]
    conditions = [
        {"key": 1, "name": "上海", "regions": ["上海"], "staff": people[:2]},
        {"key": 2, "name": "海报", "subs": ["poster12", "poster13"], "staff": people[:2]},
        {"key": 3, "name": "回访", "visitor": "returning", "staff": people[1:3]},
        {"key": 4, "name": "新客", "visitor": "new", "hours": always, "staff": some},
    ]
    _admin(
        "UPDATE routing_routingrule SET strategy = %s, turns_count = %s, peak_overflow = true, hours = %s,"
        " conditions = %s WHERE code_id = %s",
        strategy, turns_count, json.dumps(always), json.dumps(conditions), code_id,
    )  # fmt: skip
    _admin(
        "UPDATE routing_seat SET daily_cap = %s, weight = 1 + position %% 5, hours = %s WHERE code_id = %s",
        CAP, json.dumps(always), code_id,
    )  # fmt: skip


def _code(tenant_id: int, people: list[int], duty: int, way: tuple[str, str]) -> int:
    """A live code under every kind of rule: ``people`` but the last receive, the last is the backup."""
    from codes.services import code_create
    from livecode_admin.kernel import clock
    from routing.services.publish import code_go_live, code_publish
    from routing.services.roster import SeatInput, roster_set, staff_cap_set
    from routing.services.rules import rule_set
    from tenants.context import tenant_context

    now = clock.now()
    last = len(people) - 1
    with tenant_context(tenant_id):  # one transaction each: the limits are set from outside of it
        access = _owner(tenant_id)
        code_id = code_create(
            access=access,
            now=now,
            name=f"地铁广告{secrets.token_hex(4)}",
            purpose="campaign",
            purpose_text="地推",
            landing_text="添加后领取课程资料",
            department_id=None,
            expires_at=None,
        )
        seats = [SeatInput(pk, is_backup=place == last, position=place) for place, pk in enumerate(people)]
        roster_set(access=access, code_id=code_id, seats=seats, now=now)
        for pk in (*people, duty):
            staff_cap_set(access=access, staff_id=pk, daily_cap=CAP_OF_SERVICE, now=now)
        rule_set(access=access, code_id=code_id, now=now, duty_staff_id=duty)
    _limits(tenant_id)
    _rules(code_id, people[:last], *way)
    with tenant_context(tenant_id):
        code_publish(access=access, code_id=code_id, now=now)
    ordered = _admin("SELECT id, state FROM routing_contactway WHERE status = 'pending' ORDER BY id")
    with tenant_context(tenant_id):
        _ways(ordered, now)
        code_go_live(access=access, code_id=code_id, now=now)
    return code_id


def _ways(ordered: list[tuple[Any, ...]], now: Any) -> None:
    """Finish each ordered contact way as the provisioning task does once WeCom has answered."""
    from routing.qrimages import way_png
    from routing.services.ways import way_claim, way_created, way_live

    for way_id, state in ordered:
        if way_claim(way_id=way_id, now=now) is None:
            continue
        way_created(way_id=way_id, config_id=f"c{state}", qr_url="http://127.0.0.1/qr.png")
        content = f"https://work.weixin.qq.com/ca/{state}"
        way_live(way_id=way_id, qr_content=content, png=way_png(content), now=now)


def _admin(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """A statement as the superuser, past row level security and triggers."""
    with closing(psycopg2.connect(os.environ["BENCH_ADMIN_URL"])) as link, link, link.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql, values)
        return list(cursor.fetchall()) if cursor.description else []


def _sequences(prefix: str) -> None:
    """From now on new rows of what will be copied have ids of this prefix."""
    for table in COPIED:
        _admin("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", table, int(prefix + FIRST))


if __name__ == "__main__":
    main()
