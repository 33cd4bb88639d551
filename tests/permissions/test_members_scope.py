"""`members.manage` for a department: its members and no others, and nothing wider than the giver's reach."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from livecode_admin.kernel import clock
from permissions.access import Access, Denied, Scope, Tier
from permissions.models import BundleAssignment, Department, Member, RoleBundle
from permissions.rules import Target
from permissions.services import BundleRefused, bundle_assign, member_add, member_identify
from permissions.services.custom_bundles import BundlePlan, custom_bundle_create, custom_bundle_save
from permissions.services.default_bundles import default_bundles_set
from permissions.services.invitations import Plan as Invited
from permissions.services.invitations import invitation_create
from tenants.context import tenant_context
from tests.factories import TenantFixture, access_of, client_for, make_user
from tests.permissions.stage import TwoDepartments, two_departments


@pytest.fixture
def stage(tenant: TenantFixture) -> TwoDepartments:
    return two_departments(tenant)


def manager(stage: TwoDepartments, scope: Scope = Scope.DEPARTMENT) -> Access:
    """Somebody of 华东 who manages its members; what they hold lies in a bundle of their own."""
    plan = BundlePlan("部门管理员", frozenset({"members.manage", "codes.view"}), scope, Tier.STANDARD)
    with tenant_context(stage.tenant.id):
        custom_bundle_create(access=stage.tenant.owner, plan=plan, now=clock.now())
        key = RoleBundle.objects.values_list("key", flat=True).get(name="部门管理员")
    return stage.member(key)


def id_of(access: Access) -> int:
    assert access.member_id is not None
    return access.member_id


def address(access: Access, tail: str) -> str:
    return f"/t/{access.tenant_slug}/members/{tail}"


def kept(access: Access, other: Access) -> tuple[object, ...]:
    """Everything of the other member that somebody who manages members can change."""
    with tenant_context(access.tenant_id):
        row = Member.objects.get(pk=id_of(other))
        bundles = BundleAssignment.objects.filter(member=row).order_by("id")
        return row.display_name, row.department_id, row.is_active, row.wecom_userid, list(bundles.values())


def test_the_list_and_everything_chosen_from_it_are_the_department(stage: TwoDepartments) -> None:
    giver, near, far = manager(stage), stage.member("intern"), stage.member("intern", of="华南")
    client = client_for(giver)
    html = client.get(address(giver, "")).content.decode()
    assert f"/members/{id_of(near)}/" in html
    assert f"/members/{id_of(far)}/" not in html
    assert f"/members/{id_of(stage.tenant.owner)}/" not in html, "who has no department is the whole company's"
    whole = {"all": "1", "query": "", "step": "confirm", "give": "receptionist"}
    assert client.post(address(giver, "giving/"), whole).status_code in (200, 204)
    with tenant_context(giver.tenant_id):
        held = BundleAssignment.objects.filter(bundle__key="receptionist").values_list("member_id", flat=True)
        assert id_of(near) in held
        assert id_of(far) not in held


@pytest.mark.parametrize(
    ("tail", "data"),
    [
        ("{far}/", None),
        ("{far}/edit/", None),
        ("{far}/edit/", {"name": "改了", "department": ""}),
        ("{far}/switch/", {}),
        ("{far}/staff/", {"staff": ""}),
        ("giving/", {"ids": "{far}", "step": "confirm", "give": "intern"}),
        ("giving/", {"ids": "{far}", "step": "confirm", "take": "receptionist|tenant|"}),
    ],
)
def test_a_member_of_another_department_is_not_there(
    stage: TwoDepartments, tail: str, data: Mapping[str, str] | None
) -> None:
    giver, far = manager(stage), stage.member("receptionist", of="华南")
    client, before = client_for(giver), kept(giver, far)
    url = address(giver, tail.format(far=id_of(far)))
    sent = {name: value.format(far=id_of(far)) for name, value in (data or {}).items()}
    answer = client.get(url) if data is None else client.post(url, sent)
    assert answer.status_code == (403 if tail == "giving/" else 404)
    assert kept(giver, far) == before


def test_of_the_own_department_members_are_managed(stage: TwoDepartments) -> None:
    giver, near = manager(stage), stage.member("receptionist")
    client = client_for(giver)
    assert client.get(address(giver, f"{id_of(near)}/")).status_code == 200
    sent = {"ids": str(id_of(near)), "step": "confirm", "give": "campaign_ops"}
    assert client.post(address(giver, "giving/"), sent).status_code == 204
    assert access_of(stage.tenant, near.user_id or 0, clock.now()).scope("codes.edit") is Scope.DEPARTMENT
    assert client.post(address(giver, f"{id_of(near)}/switch/"), {}).status_code in (204, 302)
    assert kept(giver, near)[2] is False


def test_nobody_is_made_to_reach_further_than_the_giver(stage: TwoDepartments) -> None:
    giver, near, now = manager(stage), stage.member("receptionist"), clock.now()
    with tenant_context(giver.tenant_id):
        for terms in ({"scope": Scope.ALL}, {"tier": Tier.SENSITIVE}):
            with pytest.raises(BundleRefused):
                bundle_assign(access=giver, member_id=id_of(near), bundle_key="intern", now=now, **terms)
        with pytest.raises(BundleRefused):
            bundle_assign(
                access=giver,
                member_id=id_of(near),
                bundle_key="campaign_ops",
                target=Target.CODE,
                target_id=stage.codes["华南"],
                now=now,
            )
        with pytest.raises(BundleRefused) as refused:
            invitation_create(
                access=giver, plan=Invited("新人", stage.departments["华东"], ("ops_director",)), days=1, now=now
            )
    assert "管理成员与权限（全部）" in refused.value.lacks


def test_the_dialog_offers_no_more_than_the_giver_reaches(stage: TwoDepartments) -> None:
    giver, near = manager(stage), stage.member("receptionist")
    client, whole = client_for(giver), client_for(stage.tenant.owner)
    url = address(giver, f"giving/?ids={id_of(near)}")
    html, all_of_it = client.post(url).content.decode(), whole.post(url).content.decode()
    assert 'value="all"' in all_of_it
    assert 'value="all"' not in html
    assert 'name="target"' in all_of_it
    assert 'name="target"' not in html
    told = client.post(url, {"step": "preview", "give": "ops_director"}).content.decode()
    assert "您不能授予或收回：运营总监" in told
    assert "管理成员与权限（全部）" in told


def test_people_come_into_the_own_department_and_are_moved_within_it(stage: TwoDepartments) -> None:
    giver, near, now = manager(stage), stage.member("receptionist"), clock.now()
    for department in (str(stage.departments["华南"]), ""):
        url = address(giver, f"{id_of(near)}/edit/")
        assert client_for(giver).post(url, {"name": "同一人", "department": department}).status_code == 403
        assert kept(giver, near)[1] == stage.departments["华东"]
        with tenant_context(giver.tenant_id), pytest.raises(Denied):
            member_add(
                access=giver,
                user_id=make_user(),
                display_name="新人",
                department_id=int(department) if department else None,
                bundle_keys=["intern"],
                now=now,
            )


def test_a_member_is_linked_to_staff_of_the_own_department(stage: TwoDepartments) -> None:
    giver, near = manager(stage), stage.member("receptionist")
    url = address(giver, f"{id_of(near)}/staff/")
    assert client_for(giver).post(url, {"staff": str(stage.staff["华南"])}).status_code == 422
    assert kept(giver, near)[3] == ""
    assert client_for(giver).post(url, {"staff": str(stage.staff["华东"])}).status_code == 204
    assert kept(giver, near)[3] == "u2"


def test_who_signs_in_as_whom_is_said_by_those_who_could_give_it_all(stage: TwoDepartments) -> None:
    giver, near, now = manager(stage), stage.member("receptionist"), clock.now()
    with tenant_context(giver.tenant_id):
        bundle_assign(
            access=stage.tenant.owner, member_id=id_of(near), bundle_key="data_analyst", scope=Scope.ALL, now=now
        )
        with pytest.raises(BundleRefused):
            member_identify(access=giver, member_id=id_of(near), wecom_userid="me", now=now)


def test_defaults_are_set_for_the_own_department_and_positions_by_the_whole_company(stage: TwoDepartments) -> None:
    giver, now = manager(stage), clock.now()
    with tenant_context(giver.tenant_id):
        default_bundles_set(access=giver, departments={stage.departments["华东"]: "intern"}, positions={}, now=now)
        with pytest.raises(Denied):
            default_bundles_set(access=giver, departments={stage.departments["华南"]: "intern"}, positions={}, now=now)
        with pytest.raises(Denied):
            default_bundles_set(access=giver, departments={}, positions={"店员": "intern"}, now=now)
        rows = dict(Department.objects.values_list("name", "default_bundle__key"))
    assert rows["华东"] == "intern"
    assert rows["华南"] is None
    assert "添加职务" not in client_for(giver).get(address(giver, "defaults/")).content.decode()
    assert "添加职务" in client_for(stage.tenant.owner).get(address(giver, "defaults/")).content.decode()


def test_in_the_scope_of_oneself_nobody_else_is_there(stage: TwoDepartments) -> None:
    giver, near = manager(stage, Scope.OWN), stage.member("receptionist")
    client = client_for(giver)
    assert client.get(address(giver, f"{id_of(near)}/")).status_code == 404
    assert client.get(address(giver, f"{id_of(giver)}/")).status_code == 200


def test_what_people_hold_further_grows_by_what_the_editor_holds_as_far(stage: TwoDepartments) -> None:
    """A bundle for a department that somebody was given for all: what is put into it reaches all."""
    now, tenant = clock.now(), stage.tenant
    small = BundlePlan("看码", frozenset({"codes.view"}), Scope.DEPARTMENT, Tier.BASIC)
    grown = BundlePlan("看码", frozenset({"codes.view", "codes.pause"}), Scope.DEPARTMENT, Tier.BASIC)
    able = BundlePlan(
        "编辑包的人", frozenset({"bundles.manage", "codes.view", "codes.pause"}), Scope.DEPARTMENT, Tier.BASIC
    )
    with tenant_context(tenant.id):
        small_id = custom_bundle_create(access=tenant.owner, plan=small, now=now)
        able_id = custom_bundle_create(access=tenant.owner, plan=able, now=now)
        keys = dict(RoleBundle.objects.values_list("id", "key"))
    editor, near = stage.member(keys[able_id]), stage.member(keys[small_id])
    with tenant_context(tenant.id):
        bundle_assign(access=tenant.owner, member_id=id_of(near), bundle_key=keys[small_id], scope=Scope.ALL, now=now)
        with pytest.raises(BundleRefused):
            custom_bundle_save(access=editor, bundle_id=small_id, version=1, plan=grown, now=now)
        bundle_assign(access=tenant.owner, member_id=id_of(near), bundle_key=keys[small_id], now=now)
        assert custom_bundle_save(access=editor, bundle_id=small_id, version=1, plan=grown, now=now) is not None
