"""The two reviewed tables: production's copies equal the reviewed ones, and everything named in them is known."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.template import Context, Template

from permissions import capabilities
from permissions.capabilities import BUNDLES, CAPABILITIES, CODENAME, FIELD_CAPABILITY, LABELS, UnknownCapability
from permissions.rules import Scope, Tier
from tests.factories import TenantFixture

REVIEWED = Path(__file__).parent / "reviewed"
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["role_bundles.csv", "field_capabilities.csv"])
def test_production_uses_the_table_that_people_reviewed(name: str) -> None:
    assert (capabilities.DATA / name).read_bytes() == (REVIEWED / name).read_bytes()


def test_the_eight_bundles_have_the_scopes_and_tiers_of_the_last_two_rows() -> None:
    assert [(b.key, b.name, b.scope, b.tier) for b in BUNDLES.values()] == [
        ("owner", "超级管理员", Scope.ALL, Tier.SENSITIVE),
        ("system_config", "系统配置", Scope.ALL, Tier.SENSITIVE),
        ("campaign_ops", "活动运营", Scope.DEPARTMENT, Tier.STANDARD),
        ("data_analyst", "数据分析", Scope.DEPARTMENT, Tier.STANDARD),
        ("ops_director", "运营总监", Scope.ALL, Tier.SENSITIVE),
        ("reception_lead", "客服主管", Scope.DEPARTMENT, Tier.SENSITIVE),
        ("receptionist", "客服", Scope.OWN, Tier.BASIC),
        ("intern", "实习生", Scope.OWN, Tier.BASIC),
    ]


def test_the_owner_bundle_holds_every_capability() -> None:
    assert BUNDLES["owner"].capabilities == set(CAPABILITIES)


def test_every_capability_has_a_chinese_label_of_its_own() -> None:
    assert set(LABELS) == set(CAPABILITIES)
    assert len(set(LABELS.values())) == len(LABELS)


def test_every_field_needs_a_capability_that_exists() -> None:
    assert set(FIELD_CAPABILITY.values()) <= set(CAPABILITIES)


def test_every_capability_has_its_permission_row() -> None:
    migration = import_module("permissions.migrations.0002_add_capability_permissions")
    assert set(migration.CODENAMES) == set(CODENAME.values())


def test_no_capability_is_ever_granted_for_a_whole_model(tenant: TenantFixture) -> None:
    group = apps.get_model("auth", "Group")
    assert not group.objects.filter(name__startswith=f"t{tenant.id}:", permissions__isnull=False).exists()


def test_templates_and_views_name_only_capabilities_that_exist() -> None:
    named = set()
    for template in ROOT.glob("templates/**/*.html"):
        named |= set(re.findall(r"""\|can:\s*['"]([^'"]*)['"]""", template.read_text(encoding="utf-8")))
    assert named <= set(CAPABILITIES)


def test_a_misspelt_capability_raises_in_a_template(tenant: TenantFixture) -> None:
    page = Template("{% load permissions_tags %}{% if access|can:'codes.veiw' %}x{% endif %}")
    with pytest.raises(UnknownCapability):
        page.render(Context({"access": tenant.owner}))


def test_a_page_without_a_tenant_offers_nothing() -> None:
    page = Template("{% load permissions_tags %}{% if access|can:'codes.view' %}x{% endif %}")
    assert page.render(Context({})) == ""
