"""The WeCom API client: one object per app of a corp, one mixin per noun, typed frozen answers.

Every method raises `wecom.errors.WecomError` (see its `action`) or one of its kinds; texts over their limits raise
`wecom.limits.TooLong` before anything is sent. Take `Client` from here and the answers' classes from the noun's module.
"""

from __future__ import annotations

from dataclasses import dataclass

from wecom.client.acquisition import Acquisition
from wecom.client.contact_ways import ContactWays
from wecom.client.customers import Customers
from wecom.client.directory import Directory
from wecom.client.groups import Groups
from wecom.client.images import fetch_image
from wecom.client.media import Media
from wecom.client.messages import Messages
from wecom.client.statistics import Statistics
from wecom.client.tags import Tags
from wecom.client.transfers import Transfers
from wecom.client.welcome import Welcomes

__all__ = ["Client", "fetch_image"]


@dataclass(kw_only=True)
class Client(
    Acquisition,
    ContactWays,
    Customers,
    Directory,
    Groups,
    Media,
    Messages,
    Statistics,
    Tags,
    Transfers,
    Welcomes,
):
    """`Client(corp_id=…, secret=…, agent_id=…, base_url=…, tokens=…, limiter=…)`; see `wecom.client.calls.Caller`."""
