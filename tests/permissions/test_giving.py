"""Bundles for one member or many: the preview, what is done, and what is refused."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codes.selectors import codes_visible
from codes.services import folder_create
from livecode_admin.kernel import clock
from permissions.access import Access
from permissions.capabilities import CAPABILITIES
from permissions.rules import Give, Holding, Plan, Scope, Target, Tier, combine, preview
from permissions.selectors.giving import members_preview
from permissions.services import BundleRefused, LastOwner, bundles_give, member_update
from permissions.wording import TIERED
from tenants.context import tenant_context
from tests.console.stage import codes_of, staff_of, viewer
from tests.factories import TenantFixture, access_of

holdings = st.lists(
    st.builds(
        Holding,
        capabilities=st.frozensets(st.sampled_from(CAPABILITIES), max_size=6),
        scope=st.sampled_from(Scope),
        tier=st.sampled_from(Tier),
        target=st.sampled_from(Target),
        target_id=st.integers(1, 4),
    ),
    max_size=4,
)


@given(holdings, holdings)
def test_what_is_added_takes_nothing_and_the_way_back_is_the_mirror(held: list[Holding], more: list[Holding]) -> None:
    before, after = combine(held), combine([*held, *more])
    there, back = preview(before, after, tiered=TIERED), preview(after, before, tiered=TIERED)
    assert not there.lost
    assert not there.narrowed
    assert (there.gained, there.widened) == (back.lost, back.narrowed)
    assert not preview(before, before, tiered=TIERED)


def id_of(access: Access) -> int:
    assert access.member_id is not None
    return access.member_id


def test_the_preview_is_what_then_happens(tenant: TenantFixture) -> None:
    member, now = tenant.member("intern"), clock.now()
    plan = Plan((Give("campaign_ops"), Give("data_analyst", scope=Scope.ALL)), (("intern", Target.TENANT, None),))
    with tenant_context(tenant.id):
        (told,) = members_preview(tenant.owner, [id_of(member)], plan, now=now)
        bundles_give(access=tenant.owner, member_ids=[id_of(member)], plan=plan, now=now)
    after = tenant.member("intern")
    assert told.difference.gained == set(after.scopes) - set(member.scopes)
    assert told.difference.lost == set(member.scopes) - set(after.scopes)
    assert told.after.scopes == after.scopes
    assert after.scope("codes.edit") is Scope.DEPARTMENT
    assert after.scope("analytics.view") is Scope.ALL


def test_oneself_is_left_out_and_alone_refused(tenant: TenantFixture) -> None:
    me, other, now = tenant.member("system_config"), tenant.member("intern"), clock.now()
    plan = Plan((Give("campaign_ops"),))
    with tenant_context(tenant.id):
        done, left = bundles_give(access=me, member_ids=[id_of(me), id_of(other)], plan=plan, now=now)
        assert [row.member_id for row in done] == [id_of(other)]
        assert [row.member_id for row in left] == [id_of(me)]
        with pytest.raises(BundleRefused):
            bundles_give(access=me, member_ids=[id_of(me)], plan=plan, now=now)
    assert not tenant.member("system_config").can("codes.create")


def test_the_last_owner_stays(tenant: TenantFixture) -> None:
    second, now = access_of(tenant, tenant.add_member(["owner"]), clock.now()), clock.now()
    plan = Plan(take=(("owner", Target.TENANT, None),))
    with tenant_context(tenant.id):
        bundles_give(access=second, member_ids=[id_of(tenant.owner)], plan=plan, now=now)
        with pytest.raises((LastOwner, BundleRefused)):
            bundles_give(access=second, member_ids=[id_of(second)], plan=plan, now=now)


def test_a_bundle_for_one_folder_opens_its_codes_until_its_end(tenant: TenantFixture) -> None:
    now = clock.now()
    with tenant_context(tenant.id):
        folder_id = folder_create(access=tenant.owner, name="华东", parent_id=None, now=now)
    inside = codes_of(tenant.owner, 1, staff=staff_of(tenant, 1), folder_id=folder_id)
    codes_of(tenant.owner, 1, staff=staff_of(tenant, 2))
    user_id, end = tenant.add_member([]), now + timedelta(days=1)
    plan = Plan((Give("campaign_ops", Target.FOLDER, folder_id, until=end),))
    with tenant_context(tenant.id):
        member_id = id_of(access_of(tenant, user_id, now))
        bundles_give(access=tenant.owner, member_ids=[member_id], plan=plan, now=now)
        here = access_of(tenant, user_id, end - timedelta(seconds=1))
        assert list(codes_visible(here, "codes.edit").values_list("id", flat=True)) == inside
        assert not codes_visible(here, "routing.rules").exists()
        assert not codes_visible(access_of(tenant, user_id, end)).exists()


def test_the_dialog_previews_and_gives(tenant: TenantFixture) -> None:
    owner, ids = viewer(tenant, tenant.owner), [str(id_of(tenant.member(key))) for key in ("intern", "receptionist")]
    opened = owner.post("members/giving/", {"ids": ids}).content.decode()
    assert "活动运营" in opened
    shown = owner.post("members/giving/", {"ids": ids, "give": "campaign_ops", "step": "preview"}).content.decode()
    assert "得到" in shown
    assert "创建活码" in shown
    assert not tenant.member("intern").can("codes.create")
    done = owner.post("members/giving/", {"ids": ids, "give": "campaign_ops", "step": "confirm"}).content.decode()
    assert "已更新" in done
    assert tenant.member("intern").can("codes.create")
    assert tenant.member("receptionist").can("codes.create")


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({"until": "2020-01-01"}, "结束日期应不早于今天"),
        ({"until": "soon"}, "的格式填写日期"),
        ({"target": "folder"}, "请选择一个分类"),
        ({"target": "code", "target_id": "999999"}, "已不存在"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_given(tenant: TenantFixture, extra: dict[str, str], said: str) -> None:
    member = str(id_of(tenant.member("intern")))
    form = {"ids": [member], "give": "campaign_ops", "step": "confirm", **extra}
    reply = viewer(tenant, tenant.owner).post("members/giving/", form)
    assert reply.status_code == 422
    assert said in reply.content.decode()
    assert not tenant.member("intern").may_enter("codes.create")


def test_who_is_in_no_department_is_named_before_a_bundle_that_goes_by_one_is_given(tenant: TenantFixture) -> None:
    owner, intern = viewer(tenant, tenant.owner), tenant.member("intern")
    form = {"ids": [str(id_of(intern))], "give": "campaign_ops", "step": "preview"}
    assert "未分部门" not in owner.post("members/giving/", form).content.decode()
    with tenant_context(tenant.id):
        member_update(
            access=tenant.owner, member_id=id_of(intern), display_name="实习生", department_id=None, now=clock.now()
        )
    assert "未分部门" in owner.post("members/giving/", form).content.decode()
    assert "未分部门" not in owner.post("members/giving/", form | {"scope": "all"}).content.decode()


def test_a_bundle_beyond_the_givers_own_is_refused(tenant: TenantFixture) -> None:
    giver, member = viewer(tenant, tenant.member("system_config")), str(id_of(tenant.member("intern")))
    assert "您需先拥有" in giver.post("members/giving/", {"ids": [member]}).content.decode()
    for key in ("owner", "ops_director"):
        form = {"ids": [member], "give": key, "step": "confirm"}
        assert giver.post("members/giving/", form).status_code == 403
    assert not tenant.member("intern").can("customers.export")
