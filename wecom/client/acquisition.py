"""Acquisition links (获客助手): documents 97297, 97298, 97375, 97398, 97400. An app sees only the links it made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from wecom import limits
from wecom.client.calls import Caller
from wecom.client.decode import Json, compact, flag, mapping, number, numbers, objects, text, texts

_API = "externalcontact/customer_acquisition"


@dataclass(frozen=True)
class Priority:
    """Who is preferred. `kind`: 1 the whole corp, 2 the named users (≤ 1000)."""

    kind: int
    userids: tuple[str, ...] = ()


@dataclass(frozen=True)
class AcquisitionLink:
    """A link as WeCom has it; `users` and `departments` are its range."""

    link_id: str
    link_name: str
    url: str
    create_time: int
    skip_verify: bool
    mark_source: bool
    users: tuple[str, ...]
    departments: tuple[int, ...]
    priority: Priority | None


@dataclass(frozen=True)
class LinkPage:
    """One page of link ids."""

    ids: tuple[str, ...]
    next_cursor: str


@dataclass(frozen=True)
class LinkCustomer:
    """A customer who came through a link. `chat_status`: 0 no message, 1 sent one, 2 unknown. `state`: the channel."""

    external_userid: str
    userid: str
    chat_status: int
    state: str


@dataclass(frozen=True)
class LinkCustomerPage:
    """One page of a link's customers."""

    customers: tuple[LinkCustomer, ...]
    next_cursor: str


@dataclass(frozen=True)
class QuotaBatch:
    """`balance` adds that end at a Unix time."""

    expire_date: int
    balance: int


@dataclass(frozen=True)
class Quota:
    """Adds ever bought, adds left, and when they end."""

    total: int
    balance: int
    batches: tuple[QuotaBatch, ...]


@dataclass(frozen=True)
class LinkFigures:
    """Customers who clicked and customers who were added."""

    clicked: int
    added: int


@dataclass(frozen=True)
class ChatInfo:
    """What message_from_customer was about."""

    userid: str
    external_userid: str
    received: int
    link_id: str
    state: str


def channel_url(link_url: str, channel: str) -> str:
    """The link with our `customer_channel` (≤ 64 bytes, WeCom cuts longer ones silently). Raises TooLong."""
    limits.CUSTOMER_CHANNEL.check(channel)
    return f"{link_url}{'&' if '?' in link_url else '?'}{urlencode({'customer_channel': channel})}"


def wechat_url(link_url: str, channel: str) -> str:
    """The same as a deep link into WeChat (document 97400). Raises TooLong."""
    return f"weixin://biz/ww/profile/{quote(channel_url(link_url, channel), safe='')}"


class Acquisition(Caller):
    """Acquisition links."""

    def create_link(
        self,
        name: str,
        *,
        users: Sequence[str] | None = None,
        departments: Sequence[int] | None = None,
        skip_verify: bool | None = None,
        priority: Priority | None = None,
        mark_source: bool | None = None,
    ) -> AcquisitionLink:
        """Make a link; `name` ≤ 30 characters, users and departments not both empty. Raises TooLong, ValueError."""
        if not users and not departments:
            raise ValueError("a link needs somebody")
        body = compact(link_name=name, **_settings(name, users, departments, skip_verify, priority, mark_source))
        return _link(self.write(f"{_API}/create_link", body))

    def update_link(
        self,
        link_id: str,
        *,
        name: str | None = None,
        users: Sequence[str] | None = None,
        departments: Sequence[int] | None = None,
        skip_verify: bool | None = None,
        priority: Priority | None = None,
        mark_source: bool | None = None,
    ) -> None:
        """Change a link; the range is replaced as a whole: name users and departments together. Raises TooLong."""
        settings = _settings(name or "", users, departments, skip_verify, priority, mark_source)
        self.write(f"{_API}/update_link", compact(link_id=link_id, link_name=name, **settings))

    def get_link(self, link_id: str) -> AcquisitionLink:
        """One link."""
        return _link(self.read(f"{_API}/get", {"link_id": link_id}), link_id=link_id)

    def list_links(self, *, cursor: str | None = None, limit: int = 100) -> LinkPage:
        """A page (≤ 100) of our links' ids."""
        found = self.read(f"{_API}/list_link", compact(limit=limit, cursor=cursor))
        return LinkPage(ids=texts(found, "link_id_list"), next_cursor=text(found, "next_cursor"))

    def delete_link(self, link_id: str) -> None:
        """Delete a link for good."""
        self.write(f"{_API}/delete_link", {"link_id": link_id})

    def list_link_customers(self, link_id: str, *, cursor: str | None = None, limit: int = 1000) -> LinkCustomerPage:
        """A page (≤ 1000) of the customers of a link."""
        found = self.read(f"{_API}/customer", compact(link_id=link_id, limit=limit, cursor=cursor))
        customers = tuple(
            LinkCustomer(text(i, "external_userid"), text(i, "userid"), number(i, "chat_status"), text(i, "state"))
            for i in objects(found, "customer_list")
        )
        return LinkCustomerPage(customers=customers, next_cursor=text(found, "next_cursor"))

    def get_acquisition_quota(self) -> Quota:
        """What is left to be added."""
        found = self.read("externalcontact/customer_acquisition_quota")
        batches = (QuotaBatch(number(i, "expire_date"), number(i, "balance")) for i in objects(found, "quota_list"))
        return Quota(total=number(found, "total"), balance=number(found, "balance"), batches=tuple(batches))

    def get_link_figures(self, link_id: str, *, start_time: int, end_time: int) -> LinkFigures:
        """Figures of a link by whole days; Unix times, at most 30 days, at most 180 days back (…/statistic)."""
        body = {"link_id": link_id, "start_time": start_time, "end_time": end_time}
        found = self.read(f"{_API}/statistic", body)
        return LinkFigures(number(found, "click_link_customer_cnt"), number(found, "new_customer_cnt"))

    def get_chat_info(self, chat_key: str) -> ChatInfo:
        """Who wrote, for a `chat_key` of a message_from_customer event (30 minutes)."""
        found = self.read(f"{_API}/get_chat_info", {"chat_key": chat_key})
        info = mapping(found, "chat_info")
        return ChatInfo(
            userid=text(found, "userid"),
            external_userid=text(found, "external_userid"),
            received=number(info, "recv_msg_cnt"),
            link_id=text(info, "link_id"),
            state=text(info, "state"),
        )


def _settings(
    name: str,
    users: Sequence[str] | None,
    departments: Sequence[int] | None,
    skip_verify: bool | None,
    priority: Priority | None,
    mark_source: bool | None,
) -> dict[str, object]:
    limits.ACQUISITION_LINK_NAME.check(name)
    if users is not None and len(users) > limits.ACQUISITION_LINK_MEMBERS:
        raise ValueError(f"a link has at most {limits.ACQUISITION_LINK_MEMBERS} people")
    reach = compact(user_list=users, department_list=departments)
    preferred = priority and compact(
        priority_type=priority.kind, priority_userid_list=priority.userids if priority.kind == 2 else None
    )
    return compact(range=reach or None, skip_verify=skip_verify, priority_option=preferred, mark_source=mark_source)


def _link(found: Json, *, link_id: str = "") -> AcquisitionLink:
    link, reach, option = mapping(found, "link"), mapping(found, "range"), mapping(found, "priority_option")
    return AcquisitionLink(
        link_id=text(link, "link_id") or link_id,
        link_name=text(link, "link_name"),
        url=text(link, "url"),
        create_time=number(link, "create_time"),
        skip_verify=flag(link, "skip_verify", default=True),
        mark_source=flag(link, "mark_source", default=True),
        users=texts(reach, "user_list"),
        departments=numbers(reach, "department_list"),
        priority=Priority(number(option, "priority_type"), texts(option, "priority_userid_list")) if option else None,
    )
