"""The only writers of staff and customers."""

from people.services.contacts import SyncResult, contacts_sync
from people.services.customers import customer_upsert
from people.services.staff import staff_all_left, staff_left, staff_refused_by_wecom, staff_upsert

__all__ = [
    "SyncResult",
    "contacts_sync",
    "customer_upsert",
    "staff_all_left",
    "staff_left",
    "staff_refused_by_wecom",
    "staff_upsert",
]
