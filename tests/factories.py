"""The cast: every test makes its own tenant with people who hold the built-in bundles.

Rows are committed and stay: tests make their own tenant and never look at anybody else's.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from permissions.access import Access

PASSWORD = "a-quiet-harbour-47"  # a test account's
NAMES = {
    "system_config": "周敏",
    "campaign_ops": "林晓",
    "data_analyst": "吴迪",
    "ops_director": "陈静",
    "reception_lead": "赵磊",
    "receptionist": "孙悦",
    "intern": "何苗",
}


@dataclass
class TenantFixture:
    """One tenant of a test. Members are made when first asked for; ``member(...)`` reads their access afresh."""

    id: int
    slug: str
    name: str
    department_id: int
    owner_user_id: int
    user_ids: dict[str, int] = field(default_factory=dict)

    @property
    def owner(self) -> Access:
        """The owner's access, as it is now."""
        return self._access(self.owner_user_id)

    def member(self, *bundle_keys: str) -> Access:
        """The access of the member who holds exactly these bundles, made on the first call.

        Call it outside of a tenant context, or inside this tenant's.
        """
        key = "+".join(bundle_keys)
        if key not in self.user_ids:
            self.user_ids[key] = self.add_member(bundle_keys, name=NAMES.get(key, key or "新成员"))
        return self._access(self.user_ids[key])

    def add_member(self, bundle_keys: Sequence[str], *, name: str = "成员", department_id: int | None = None) -> int:
        """Add one more member and return the user's id. ``department_id`` defaults to the tenant's root department."""
        from livecode_admin.kernel import clock
        from permissions.services import member_add

        user_id = make_user()
        with in_tenant(self.id):
            member_add(
                access=self._access(self.owner_user_id),
                user_id=user_id,
                display_name=name,
                department_id=department_id or self.department_id,
                bundle_keys=bundle_keys,
                now=clock.now(),
            )
        return user_id

    def _access(self, user_id: int) -> Access:
        from livecode_admin.kernel import clock

        return access_of(self, user_id, clock.now())


def access_of(tenant: TenantFixture, user_id: int, now: datetime) -> Access:
    """The access of a user at ``now``. Raises AssertionError when there is none."""
    from permissions.access import access_for

    with in_tenant(tenant.id):
        access = access_for(user_id, tenant, now)
    assert access is not None, f"user {user_id} is no active member of {tenant.slug}"
    return access


class in_tenant:  # noqa: N801  # reads as the context manager it is
    """`tenant_context`, or nothing when the tenant is set already."""

    def __init__(self, tenant_id: int) -> None:
        from tenants.context import current_tenant_id, tenant_context

        self.context = None if current_tenant_id() == tenant_id else tenant_context(tenant_id)

    def __enter__(self) -> None:
        """Enter the tenant if need be."""
        if self.context is not None:
            self.context.__enter__()

    def __exit__(self, *error: object) -> None:
        """Leave it if it was entered here."""
        if self.context is not None:
            self.context.__exit__(*error)  # type: ignore[arg-type]


def make_user(username: str = "") -> int:
    """A person who can sign in with :data:`PASSWORD`; returns the user's id."""
    from livecode_admin.kernel import clock
    from permissions.services import user_create

    return user_create(
        username=username or f"u{secrets.token_hex(6)}", password=PASSWORD, now=clock.now(), check_password=False
    )


def make_tenant(name: str = "知行教育", *, bundles: Sequence[str] = ()) -> TenantFixture:
    """A tenant with its built-in bundles, one department and an owner; a member for each bundle named."""
    from livecode_admin.kernel import clock
    from permissions.access import Access
    from permissions.services import bundles_install, department_upsert, owner_add
    from tenants.context import tenant_context
    from tenants.services import tenant_create

    now = clock.now()
    slug = f"t-{secrets.token_hex(6)}"
    tenant_id = tenant_create(name=name, slug=slug, now=now)
    owner_user_id = make_user()
    system = Access.system(tenant_id=tenant_id, tenant_slug=slug, reason="tests")
    with tenant_context(tenant_id):
        bundles_install()
        department_id = department_upsert(access=system, name=name, parent_id=None, wecom_id=1, now=now)
        owner_add(access=system, user_id=owner_user_id, display_name="方圆", now=now)
    tenant = TenantFixture(tenant_id, slug, name, department_id, owner_user_id)
    for key in bundles:
        tenant.member(key)
    return tenant


def client_for(access: Access) -> Client:
    """A browser in which this member is signed in and has just passed the second factor."""
    from django.test import Client

    from permissions.models import User

    assert access.user_id is not None
    client = Client()
    client.force_login(User.objects.get(pk=access.user_id), backend="django.contrib.auth.backends.ModelBackend")
    pass_second_factor(client)
    return client


def pass_second_factor(client: Client) -> None:
    """Mark the browser's session as the page that asks for the code does."""
    from permissions.sessions import mark_passed

    session = client.session
    mark_passed(session)
    session.save()


@pytest.fixture
def tenant() -> TenantFixture:
    """A tenant of this test alone."""
    return make_tenant()


@pytest.fixture
def other_tenant() -> TenantFixture:
    """A second tenant, of which nothing may ever be seen in the first."""
    return make_tenant("云帆商贸")


@pytest.fixture
def login() -> Callable[[Access], Client]:
    """`client_for`, for tests that like fixtures."""
    return client_for
