"""Reading about members, departments, bundles and the audit log. Inside a tenant's context."""

from permissions.selectors.audit import AuditRow, Change, audit_entries, audit_log
from permissions.selectors.departments import DepartmentRow, department_names, department_paths, departments_tree
from permissions.selectors.members import (
    AccountCard,
    MemberCard,
    MemberFacts,
    MemberFilters,
    MemberPage,
    MemberRow,
    account_card,
    grantors,
    member_facts,
    member_ids,
    member_names,
    members_for_picker,
    members_holding,
    members_list,
    membership_is_off,
)

__all__ = [
    "AccountCard",
    "AuditRow",
    "Change",
    "DepartmentRow",
    "MemberCard",
    "MemberFacts",
    "MemberFilters",
    "MemberPage",
    "MemberRow",
    "account_card",
    "audit_entries",
    "audit_log",
    "department_names",
    "department_paths",
    "departments_tree",
    "grantors",
    "member_facts",
    "member_ids",
    "member_names",
    "members_for_picker",
    "members_holding",
    "members_list",
    "membership_is_off",
]
