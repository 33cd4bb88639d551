"""The only writers of permissions: users, members, departments, bundles and the seals of the audit log."""

from permissions.services.bundles import bundle_assign, bundle_revoke, bundles_install
from permissions.services.departments import department_upsert
from permissions.services.giving import bundles_give
from permissions.services.handing_out import BundleRefused
from permissions.services.members import (
    member_activate,
    member_add,
    member_deactivate,
    member_identify,
    member_update,
    owner_add,
)
from permissions.services.owners import LastOwner
from permissions.services.sealing import audit_seal
from permissions.services.users import user_create

__all__ = [
    "BundleRefused",
    "LastOwner",
    "audit_seal",
    "bundle_assign",
    "bundle_revoke",
    "bundles_give",
    "bundles_install",
    "department_upsert",
    "member_activate",
    "member_add",
    "member_deactivate",
    "member_identify",
    "member_update",
    "owner_add",
    "user_create",
]
