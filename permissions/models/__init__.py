"""Who may do what: users, members, departments, role bundles, their assignments, and the audit log."""

from permissions.models.arrivals import Invitation, Newcomer
from permissions.models.audit import AuditEntry, AuditReceipt, AuditSeal
from permissions.models.bundles import (
    BundleAssignment,
    BundleVersion,
    PositionBundle,
    RoleBundle,
    TenantGrant,
)
from permissions.models.credentials import RecoveryCode, SignIn, TotpDevice
from permissions.models.people import Department, Member, User
from permissions.models.sharing import DepartmentShare

__all__ = [
    "AuditEntry",
    "AuditReceipt",
    "AuditSeal",
    "BundleAssignment",
    "BundleVersion",
    "Department",
    "DepartmentShare",
    "Invitation",
    "Member",
    "Newcomer",
    "PositionBundle",
    "RecoveryCode",
    "RoleBundle",
    "SignIn",
    "TenantGrant",
    "TotpDevice",
    "User",
]
