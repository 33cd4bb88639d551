"""How several bundles come together, as pure decisions."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from permissions.bundle_limits import Terms, lacking_to_give
from permissions.capabilities import BUNDLES, CAPABILITIES
from permissions.rules import Holding, Rights, Scope, Target, Tier, combine

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


def held(scope: Scope, tier: Tier, *names: str) -> Rights:
    return Rights(dict.fromkeys(names, scope), dict.fromkeys(names, tier))


def terms(key: str, scope: Scope | None = None, tier: Tier | None = None) -> Terms:
    spec = BUNDLES[key]
    return Terms(True, spec.capabilities, scope or spec.scope, tier or spec.tier, spec.tier)


MANAGER = held(Scope.ALL, Tier.SENSITIVE, "members.manage")


def test_handing_out_the_business_bundles_takes_no_more_than_managing_members() -> None:
    for key in ("campaign_ops", "data_analyst", "reception_lead", "receptionist", "intern"):
        assert lacking_to_give(MANAGER, terms(key)) == frozenset()
        assert lacking_to_give(MANAGER, terms(key, Scope.ALL, Tier.SENSITIVE)) == frozenset()


def test_a_guarded_bundle_takes_what_it_guards() -> None:
    giver = held(Scope.ALL, Tier.SENSITIVE, "members.manage", "crm.manage")
    assert lacking_to_give(giver, terms("system_config")) == {"wecom.manage"}
    assert lacking_to_give(MANAGER, terms("ops_director")) == {"customers.export"}


def test_a_custom_bundle_takes_all_that_it_holds_as_far_as_it_reaches() -> None:
    mine = Terms(False, frozenset({"codes.view", "codes.edit"}), Scope.ALL, Tier.BASIC, Tier.BASIC)
    giver = held(Scope.ALL, Tier.BASIC, "members.manage", "codes.view")
    assert lacking_to_give(giver, mine) == {"codes.edit"}
    short = Rights({**giver.scopes, "codes.edit": Scope.DEPARTMENT}, {**giver.tiers, "codes.edit": Tier.BASIC})
    assert lacking_to_give(short, mine) == {"codes.edit"}
    assert lacking_to_give(short, replace(mine, scope=Scope.DEPARTMENT)) == frozenset()


def test_who_manages_a_department_lets_nobody_reach_further() -> None:
    giver = held(Scope.DEPARTMENT, Tier.STANDARD, "members.manage")
    assert lacking_to_give(giver, terms("campaign_ops")) == frozenset()
    assert lacking_to_give(giver, terms("campaign_ops", Scope.ALL)) == {"members.manage"}
    assert lacking_to_give(giver, terms("campaign_ops", tier=Tier.SENSITIVE)) == {"members.manage"}
    assert lacking_to_give(giver, terms("reception_lead")) == frozenset(), "a bundle's own tier is reviewed"


def test_a_tag_tier_that_is_not_held_goes_into_no_custom_bundle() -> None:
    mine = Terms(False, frozenset({"tags.apply"}), Scope.OWN, Tier.SENSITIVE, Tier.SENSITIVE)
    giver = held(Scope.ALL, Tier.STANDARD, "members.manage", "tags.apply")
    assert lacking_to_give(giver, mine) == {"tags.apply"}
