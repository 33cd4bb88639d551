"""What the database itself refuses, and two people who act at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import DatabaseError, connections

from livecode_admin.kernel import clock
from permissions.access import Access, Denied
from permissions.services import LastOwner, member_deactivate
from tenants.context import tenant_context
from tests.factories import TenantFixture, access_of


def member_id_of(access: Access) -> int:
    assert access.member_id is not None
    return access.member_id


WHO_AND_WHAT = "permissions_user u, auth_group g, auth_permission p LIMIT 1"


@pytest.mark.parametrize(
    "sql",
    [
        f"INSERT INTO auth_group_permissions (group_id, permission_id) SELECT g.id, p.id FROM {WHO_AND_WHAT}",
        f"INSERT INTO permissions_user_groups (user_id, group_id) SELECT u.id, g.id FROM {WHO_AND_WHAT}",
        f"INSERT INTO permissions_user_user_permissions (user_id, permission_id) SELECT u.id, p.id FROM {WHO_AND_WHAT}",
        "UPDATE permissions_user SET is_superuser = true",
    ],
)
@pytest.mark.parametrize("alias", ["default", "ops"])
def test_the_database_refuses_rights_that_no_bundle_gave(tenant: TenantFixture, alias: str, sql: str) -> None:
    with connections[alias].cursor() as cursor, pytest.raises(DatabaseError):
        cursor.execute(sql)


def test_two_owners_cannot_remove_each_other_at_once(tenant: TenantFixture) -> None:
    now, first = clock.now(), tenant.owner
    second = access_of(tenant, tenant.add_member(["owner"], name="第二位"), now)
    start = Barrier(2)

    def remove(pair: tuple[Access, Access]) -> str:
        giver, target = pair
        try:
            with tenant_context(tenant.id):
                start.wait(10)
                member_deactivate(access=giver, member_id=member_id_of(target), now=now)
        except (LastOwner, Denied):
            return "refused"
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(remove, [(first, second), (second, first)])) == ["done", "refused"]
