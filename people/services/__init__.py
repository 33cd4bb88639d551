"""The only writers of staff, groups and customers."""

from people.services.contacts import SyncResult, contacts_sync
from people.services.customers import customer_upsert
from people.services.groups import (
    GroupRefused,
    group_create,
    group_delete,
    group_follow,
    group_members_set,
    group_rename,
)
from people.services.staff import staff_all_left, staff_left, staff_link, staff_refused_by_wecom, staff_upsert

__all__ = [
    "GroupRefused",
    "SyncResult",
    "contacts_sync",
    "customer_upsert",
    "group_create",
    "group_delete",
    "group_follow",
    "group_members_set",
    "group_rename",
    "staff_all_left",
    "staff_left",
    "staff_link",
    "staff_refused_by_wecom",
    "staff_upsert",
]
