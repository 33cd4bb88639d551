"""How several bundles come together, as pure decisions."""

from hypothesis import given
from hypothesis import strategies as st

from permissions.capabilities import BUNDLES, CAPABILITIES, GUARDED
from permissions.rules import Holding, Scope, Target, Tier, combine, refused_bundles

holdings = st.lists(
    st.builds(
        Holding,
        capabilities=st.frozensets(st.sampled_from(CAPABILITIES), max_size=6),
        scope=st.sampled_from(Scope),
        tier=st.sampled_from(Tier),
        target=st.sampled_from(Target),
        target_id=st.integers(1, 5),
    ),
    max_size=5,
)


def of(key: str, scope: Scope) -> Holding:
    return Holding(BUNDLES[key].capabilities, scope, BUNDLES[key].tier)


def test_seeing_everything_does_not_let_anyone_edit_everything() -> None:
    rights = combine([of("campaign_ops", Scope.DEPARTMENT), of("data_analyst", Scope.ALL)])
    assert rights.scopes["codes.edit"] is Scope.DEPARTMENT
    assert rights.scopes["analytics.view"] is Scope.ALL
    assert rights.scopes["codes.view"] is Scope.ALL


def test_the_tag_tier_is_kept_per_capability_too() -> None:
    rights = combine([of("receptionist", Scope.OWN), of("data_analyst", Scope.ALL)])
    assert rights.tiers["tags.apply"] is Tier.BASIC
    assert rights.tiers["analytics.tags"] is Tier.STANDARD


@given(holdings)
def test_a_scope_is_never_wider_than_that_of_some_bundle_with_the_capability(held: list[Holding]) -> None:
    rights = combine(held)
    for capability, scope in rights.scopes.items():
        candidates = [h.scope for h in held if h.target is Target.TENANT and capability in h.capabilities]
        assert scope in candidates
        assert scope.width == max(candidate.width for candidate in candidates)
        assert rights.tiers[capability].width == max(
            h.tier.width for h in held if h.target is Target.TENANT and capability in h.capabilities
        )


@given(holdings)
def test_a_bundle_for_one_object_gives_nothing_for_the_tenant(held: list[Holding]) -> None:
    only_objects = [h for h in held if h.target is not Target.TENANT]
    assert combine(only_objects).scopes == {}
    assert combine(held).objects == combine(only_objects).objects


@given(holdings)
def test_the_order_of_bundles_does_not_matter(held: list[Holding]) -> None:
    assert combine(held) == combine(list(reversed(held)))


def test_handing_out_the_business_bundles_takes_no_more_than_managing_members() -> None:
    wanted = {k: (True, BUNDLES[k].capabilities) for k in ("campaign_ops", "data_analyst", "receptionist", "intern")}
    assert refused_bundles(wanted, frozenset({"members.manage"}), GUARDED) == {}


def test_a_guarded_bundle_takes_what_it_guards() -> None:
    wanted = {"system_config": (True, BUNDLES["system_config"].capabilities)}
    held = frozenset({"members.manage", "crm.manage"})
    assert refused_bundles(wanted, held, GUARDED) == {"system_config": frozenset({"wecom.manage"})}


def test_a_custom_bundle_takes_all_that_it_holds() -> None:
    wanted = {"mine": (False, frozenset({"codes.view", "codes.edit"}))}
    assert refused_bundles(wanted, frozenset({"codes.view"}), GUARDED) == {"mine": frozenset({"codes.edit"})}
