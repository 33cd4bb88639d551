"""The only writers of staff and customers."""

from people.services.customers import customer_upsert
from people.services.staff import staff_left, staff_refused_by_wecom, staff_upsert

__all__ = ["customer_upsert", "staff_left", "staff_refused_by_wecom", "staff_upsert"]
