"""What only the operator of the installation can do to a person."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from permissions.models import SignIn
from permissions.selectors.credentials import has_second_factor
from tests.factories import TenantFixture
from tests.permissions.test_second_factor import set_up, sign_in, username_of


def test_a_lost_second_factor_is_removed_by_the_operator_and_set_up_anew(tenant: TenantFixture) -> None:
    user_id = tenant.owner.user_id or 0
    client, _ = sign_in(user_id)
    set_up(client)
    out = StringIO()
    call_command("remove_second_factor", username_of(user_id), stdout=out)
    assert "second factor removed" in out.getvalue()
    assert not has_second_factor(user_id)
    assert not SignIn.objects.filter(user_id=user_id, ended_at=None).exists()
    assert client.get(f"/t/{tenant.slug}/")["Location"].startswith("/login/")
    assert sign_in(user_id)[1].startswith("/account/second-factor/")


@pytest.mark.parametrize("username", ["nobody", None])
def test_who_has_none_is_told_to_the_operator(username: str | None, tenant: TenantFixture) -> None:
    name = username or username_of(tenant.member("campaign_ops").user_id or 0)
    with pytest.raises(CommandError, match="no second factor"):
        call_command("remove_second_factor", name)
