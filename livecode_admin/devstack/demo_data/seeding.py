"""Making a company of the demo through the real services: people and rights, WeCom, channels, codes, CRM."""

from __future__ import annotations

import secrets
import string
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from codes.selectors import code_cards, entry_url, name_proposal
from codes.services import code_retire
from codes.services.filing import channel_create, folder_create
from crm.services.endpoints import endpoint_set
from livecode_admin.console.services import NewCode, code_launch
from livecode_admin.devstack.authenticator import code_at
from livecode_admin.devstack.demo_data import simulated
from livecode_admin.devstack.demo_data.cast import BUNDLES, CodePlan, Company
from livecode_admin.devstack.demo_data.reception import DELIVERIES, Stage, company_settings, rules_seed
from livecode_admin.kernel import clock
from people.selectors import staff_ids_of
from people.services import contacts_sync, staff_upsert
from permissions.access import Access, access_for
from permissions.selectors import departments_tree, members_for_picker
from permissions.services import (
    bundles_install,
    department_upsert,
    member_add,
    member_identify,
    owner_add,
    user_create,
)
from permissions.services.default_bundles import default_bundles_set
from permissions.services.second_factor import totp_begin, totp_confirm
from permissions.services.sharing import shares_give
from reception.selectors import templates
from reception.services.library import welcome_templates_install
from routing.services.caps import staff_cap_set
from tagging.services.tree import tags_install
from tenants.context import tenant_context
from tenants.selectors import TenantFacts, tenant_by_slug, tenant_facts
from tenants.services import tenant_create, wecom_connect

_ALPHANUMERIC = string.ascii_letters + string.digits
HISTORY = timedelta(days=60)


def company_seed(company: Company, *, password: str, now: datetime) -> dict[str, Any]:
    """Make one company; what state.json says of it is returned. ``now``: the present, codes begin 60 days earlier."""
    facts = _tenant(company, now - HISTORY)
    system = Access.system(tenant_id=facts.id, tenant_slug=facts.slug, reason="演示数据")
    with tenant_context(facts.id):
        departments = _departments(system, company, now - HISTORY)
        accounts, owner = _accounts(system, company, departments, password, now - HISTORY)
        positions = {one.position: "receptionist" for one in company.staff}
        default_bundles_set(access=owner, departments={}, positions=positions, now=now - HISTORY)
        token, aes_key, secret = (_random(size) for size in (20, 43, 43))
        callback_key = wecom_connect(
            tenant_id=facts.id,
            corp_id=company.corp_id,
            agent_id="1000002",
            secret=secret,
            callback_token=token,
            aes_key=aes_key,
            base_url=settings.WECOM_API_URL,
            now=now,
        )
    callback_url = f"{settings.CONSOLE_URL}/callback/{callback_key}"
    simulated.corp_make(company, secret=secret, callback_url=callback_url, token=token, aes_key=aes_key)
    contacts_sync(access=system, now=now)
    with tenant_context(facts.id):
        codes = _codes(facts, owner, company, now)
        _shares(owner, company, departments, facts.time_zone, now)
        crm_secret = _crm(owner, company, now)
    simulated.call(f"/sim/crm/{company.slug}/secret", {"secret": crm_secret})
    simulated.call("/sim/codes", {"codes": codes})
    return {
        "id": facts.id,
        "slug": facts.slug,
        "name": facts.name,
        "corp_id": company.corp_id,
        "callback_url": callback_url,
        "callback_token": token,
        "callback_aes_key": aes_key,
        "codes": codes,
        "accounts": accounts,
    }


def _random(size: int) -> str:
    return "".join(secrets.choice(_ALPHANUMERIC) for _ in range(size))


def _tenant(company: Company, now: datetime) -> TenantFacts:
    tenant_create(
        name=company.name,
        slug=company.slug,
        now=now,
        brand_color=company.color,
        tagline=company.tagline,
        telephone=company.telephone,
    )
    facts = tenant_by_slug(company.slug)
    assert facts is not None
    return facts


def _departments(system: Access, company: Company, now: datetime) -> dict[int, int]:
    """Our ids by WeCom's; the contact sync finds them again by those."""
    found = {1: department_upsert(access=system, name=company.name, parent_id=None, wecom_id=1, now=now)}
    for wecom_id, name, parent in company.departments:
        found[wecom_id] = department_upsert(
            access=system, name=name, parent_id=found[parent], wecom_id=wecom_id, now=now
        )
    return found


def _accounts(
    system: Access, company: Company, departments: dict[int, int], password: str, now: datetime
) -> tuple[list[dict[str, Any]], Access]:
    """One account for each bundle, and the owner's access; the receptionist is one of the staff."""
    bundles_install()
    accounts = []
    owner: Access | None = None
    for (key, label), name, department in zip(BUNDLES, company.members, company.member_departments, strict=True):
        username = f"{company.slug}.{key}"
        user_id = user_create(username=username, password=password, now=now, check_password=False)
        if key == "owner":
            member_id = owner_add(access=system, user_id=user_id, display_name=name, now=now)
            owner = access_for(user_id, tenant_facts(), now)
        else:
            member_id = member_add(
                access=system,
                user_id=user_id,
                display_name=name,
                department_id=departments[department],
                bundle_keys=[key],
                now=now,
            )
        for one in company.staff:
            if one.name == name:
                staff_upsert(
                    wecom_userid=one.userid,
                    name=one.name,
                    department_id=departments[one.department],
                    member_id=member_id,
                    now=now,
                )
                member_identify(access=system, member_id=member_id, wecom_userid=one.userid, now=now)
        accounts.append(
            {
                "username": username,
                "password": password,
                "totp_secret": _second_factor(user_id, now),
                "bundle": key,
                "label": label,
            }
        )
    assert owner is not None
    return accounts, owner


def _second_factor(user_id: int, now: datetime) -> str | None:
    """The authenticator's key of a person whose rights need one (product.md §5): the demo keeps the rule."""
    access = access_for(user_id, tenant_facts(), now)
    if access is None or not access.needs_second_factor:
        return None
    secret = totp_begin(user_id=user_id, now=now).secret
    assert totp_confirm(user_id=user_id, code=code_at(secret, now.timestamp()), now=now).ok
    return secret


def _codes(facts: TenantFacts, owner: Access, company: Company, now: datetime) -> list[dict[str, Any]]:
    """Channels, folders, tags, greetings, caps, and the thirty codes with their rosters."""
    tags_install(now)
    welcome_templates_install(now=now)
    for name in company.channels:
        channel_create(access=owner, name=name, cost="", now=now)
    folders = {name: folder_create(access=owner, name=name, parent_id=None, now=now) for name in company.folders}
    staff = staff_ids_of([one.userid for one in company.staff])
    order = [staff[one.userid] for one in company.staff]
    for place, staff_id in enumerate(order):
        staff_cap_set(access=owner, staff_id=staff_id, daily_cap=60 + 20 * (place % 4), now=now)
    greetings = {row.name: row.pk for row in templates(owner)}
    by_name = {row.name: row.id for row in departments_tree(owner)}
    # Most are of those who run campaigns; every third one is of the reception, whose lead sees no others.
    marketing, reception = (by_name[name] for _, name, _ in company.departments[:2])
    keepers = [one.id for one in members_for_picker(owner) if one.name in (company.members[2], company.members[4])]
    stage = Stage(owner, order, now)
    company_settings(stage)
    codes = []
    for place, plan in enumerate(company.codes):
        begun = now - HISTORY + timedelta(days=place % 45)
        new = _new_code(facts, plan, order, folders, greetings, begun, now)
        new = replace(
            new,
            owner_id=keepers[place % len(keepers)],
            department_id=reception if place % 3 == 2 else marketing,
            delivery=DELIVERIES.get(place, "hosted"),
        )
        told = _code(facts, owner, plan, new, begun, now)
        rules_seed(stage, place, told["id"], new.roster, new.backups)
        codes.append(told)
    return codes


def _shares(owner: Access, company: Company, departments: dict[int, int], zone: str, now: datetime) -> None:
    """The reception opens traffic and adds to the marketing for good; the marketing its traffic for a quarter."""
    marketing, reception = (departments[wecom_id] for wecom_id, _, _ in company.departments[:2])
    quarter = clock.day_start(clock.add_months(clock.local_day(now, zone), 3), zone)
    for source, receiver, groups, until in (
        (reception, marketing, ("analytics.traffic", "analytics.growth"), None),
        (marketing, reception, ("analytics.traffic",), quarter),
    ):
        shares_give(
            access=owner, department_id=source, groups=groups, with_department_id=receiver, until=until, now=now
        )


def _new_code(
    facts: TenantFacts,
    plan: CodePlan,
    order: list[int],
    folders: dict[str, int],
    greetings: dict[str, int],
    begun: datetime,
    now: datetime,
) -> NewCode:
    """The plan in the words of the page that creates codes."""
    zone = facts.time_zone
    end = clock.day_end(clock.add_months(clock.local_day(begun, zone), plan.months), zone) if plan.months else None
    if plan.ends_in_days is not None:
        end = clock.day_end(clock.local_day(now, zone) + timedelta(days=plan.ends_in_days), zone)
    return NewCode(
        name=name_proposal(now=begun, zone=zone, purpose_text=plan.purpose_text, channel=plan.channel),
        purpose=plan.purpose,
        purpose_text=plan.purpose_text,
        kind="single" if len(plan.seats) == 1 else "several",
        channel_name=plan.channel,
        folder_id=folders[plan.folder],
        owner_id=None,
        department_id=None,
        expires_at=end,
        landing_text="添加后为您一对一解答",
        roster=[order[seat] for seat in plan.seats],
        backups=[order[seat] for seat in plan.backups],
        tag_ids=[],
        template_id=greetings[plan.template],
    )


def _code(
    facts: TenantFacts, owner: Access, plan: CodePlan, new: NewCode, begun: datetime, now: datetime
) -> dict[str, Any]:
    code_id = code_launch(access=owner, new=new, now=begun)
    if plan.state == "retired":
        code_retire(access=owner, code_id=code_id, now=now)
    card = code_cards([code_id])[code_id]
    return {
        "id": code_id,
        "slug": card.slug,
        "name": card.name,
        "url": entry_url(facts, card.slug),
        "place": plan.channel,
        "weight": plan.weight,
        "state": plan.state,
    }


def _crm(owner: Access, company: Company, now: datetime) -> str:
    """The endpoint at the simulator's sink, switched on."""
    secret = endpoint_set(access=owner, url=f"{settings.WECOM_API_URL}/crm/{company.slug}", enabled=True, now=now)
    assert secret is not None
    return secret
