"""Customers (external contacts): documents 92113, 92114, 92994, 92115, 96315."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wecom import limits
from wecom.client.calls import Call, Caller
from wecom.client.decode import Json, compact, mapping, number, objects, text, texts

_API = "externalcontact"


@dataclass(frozen=True)
class ExternalContact:
    """A customer. `type`: 1 WeChat, 2 WeCom. `gender`: 0 unknown, 1 male, 2 female."""

    external_userid: str
    name: str
    position: str
    avatar: str
    corp_name: str
    corp_full_name: str
    type: int
    gender: int
    unionid: str


@dataclass(frozen=True)
class FollowTag:
    """A tag as one member set it. `type`: 1 corp, 2 personal (without an id), 3 rule group."""

    group_name: str
    tag_name: str
    tag_id: str
    type: int


@dataclass(frozen=True)
class Follow:
    """One member's side of a customer. `add_way` is open-ended (1 QR, 16 acquisition link …)."""

    userid: str
    remark: str
    description: str
    create_time: int
    tags: tuple[FollowTag, ...]
    tag_ids: tuple[str, ...]
    remark_corp_name: str
    remark_mobiles: tuple[str, ...]
    oper_userid: str
    add_way: int
    state: str
    channels_nickname: str


@dataclass(frozen=True)
class CustomerDetail:
    """A customer with the members who follow them; more of these with `next_cursor` (over 500)."""

    contact: ExternalContact
    follows: tuple[Follow, ...]
    next_cursor: str


@dataclass(frozen=True)
class CustomerPage:
    """A page of (customer, follow); `unlicensed` are members without an interface licence."""

    customers: tuple[tuple[ExternalContact, Follow], ...]
    next_cursor: str
    unlicensed: tuple[str, ...]


class Customers(Caller):
    """Customers."""

    def list_customers(self, userid: str) -> tuple[str, ...]:
        """The external ids of one member's customers (externalcontact/list)."""
        return texts(self.read(f"{_API}/list", userid=userid), "external_userid")

    def get_customer(self, external_userid: str, *, cursor: str | None = None) -> CustomerDetail:
        """One customer. Right after an add event WeCom may still answer 84061 for a moment."""
        query = {"external_userid": external_userid} | ({"cursor": cursor} if cursor else {})
        found = self.read(f"{_API}/get", **query)
        return CustomerDetail(
            contact=_contact(mapping(found, "external_contact")),
            follows=tuple(_follow(item) for item in objects(found, "follow_user")),
            next_cursor=text(found, "next_cursor"),
        )

    def get_external_contact(self, external_userid: str, *, budget: float | None = None) -> ExternalContact:
        """The customer alone, without those who follow them. `budget`: seconds for all of it, retries included."""
        call = Call(f"{_API}/get", query={"external_userid": external_userid}, budget=budget)
        return _contact(mapping(self.call(call), "external_contact"))

    def get_customers_by_users(
        self, userids: Sequence[str], *, cursor: str | None = None, limit: int = 100
    ) -> CustomerPage:
        """A page (≤ 100) of the customers of up to 100 members (batch/get_by_user). Raises ValueError."""
        if not 1 <= len(userids) <= limits.BATCH_USERS:
            raise ValueError(f"1 to {limits.BATCH_USERS} members")
        body = compact(userid_list=userids, cursor=cursor, limit=limit)
        found = self.read(f"{_API}/batch/get_by_user", body)
        return CustomerPage(
            customers=tuple(
                (_contact(mapping(item, "external_contact")), _follow(mapping(item, "follow_info")))
                for item in objects(found, "external_contact_list")
            ),
            next_cursor=text(found, "next_cursor"),
            unlicensed=texts(mapping(found, "fail_info"), "unlicensed_userid_list"),
        )

    def remark(
        self,
        *,
        userid: str,
        external_userid: str,
        remark: str | None = None,
        description: str | None = None,
        company: str | None = None,
        mobiles: Sequence[str] | None = None,
        picture_media_id: str | None = None,
    ) -> None:
        """Set a member's notes on a customer; None leaves a field. Raises TooLong, ValueError when all are None."""
        fields = compact(
            remark=remark,
            description=description,
            remark_company=company,
            remark_mobiles=mobiles,
            remark_pic_mediaid=picture_media_id,
        )
        if not fields:
            raise ValueError("nothing to note")
        limits.CUSTOMER_REMARK.check(remark or "")
        limits.CUSTOMER_DESCRIPTION.check(description or "")
        limits.CUSTOMER_COMPANY.check(company or "")
        self.write(f"{_API}/remark", {"userid": userid, "external_userid": external_userid, **fields})


def _contact(data: Json) -> ExternalContact:
    return ExternalContact(
        external_userid=text(data, "external_userid"),
        name=text(data, "name"),
        position=text(data, "position"),
        avatar=text(data, "avatar"),
        corp_name=text(data, "corp_name"),
        corp_full_name=text(data, "corp_full_name"),
        type=number(data, "type"),
        gender=number(data, "gender"),
        unionid=text(data, "unionid"),
    )


def _follow(data: Json) -> Follow:
    tags = tuple(
        FollowTag(text(tag, "group_name"), text(tag, "tag_name"), text(tag, "tag_id"), number(tag, "type"))
        for tag in objects(data, "tags")
    )
    return Follow(
        userid=text(data, "userid"),
        remark=text(data, "remark"),
        description=text(data, "description"),
        create_time=number(data, "createtime"),
        tags=tags,
        tag_ids=texts(data, "tag_id") or tuple(tag.tag_id for tag in tags if tag.tag_id),
        remark_corp_name=text(data, "remark_corp_name") or text(data, "remark_company"),
        remark_mobiles=texts(data, "remark_mobiles"),
        oper_userid=text(data, "oper_userid"),
        add_way=number(data, "add_way"),
        state=text(data, "state"),
        channels_nickname=text(mapping(data, "wechat_channels"), "nickname"),
    )
