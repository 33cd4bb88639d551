"""What the simulator remembers, as plain records that are written to disk as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass
class Settings:
    """A corp: its credentials, where its callbacks go, and how they are delivered."""

    corp_id: str
    name: str
    secret: str
    agent_id: int = 1000002
    callback_url: str = ""
    token: str = ""
    aes_key: str = ""
    trusted_hosts: list[str] = field(default_factory=list)
    quota_total: int = 1000
    quota_balance: int = 1000
    rate_per_minute: int = 10_000
    duplicates: int = 1
    half_event: str = "need_verify"
    propagation_ms: int = 0
    join_serial: int = 0


@dataclass
class Department:
    """A department of the contact list; the root has id 1 and parent 0."""

    id: int
    name: str
    parentid: int = 1
    order: int = 100
    name_en: str = ""
    department_leader: list[str] = field(default_factory=list)


@dataclass
class Member:
    """An employee. `status`: 1 active, 2 disabled, 4 not activated, 5 left (document 90196)."""

    userid: str
    name: str
    department: list[int] = field(default_factory=lambda: [1])
    status: int = 1
    customer_contact: bool = True
    verified: bool = True
    in_scope: bool = True
    console_welcome: bool = False
    position: str = ""
    alias: str = ""
    leader: bool = False
    full: bool = False
    left_at: int = 0


@dataclass
class ContactWay:
    """A 「联系我」 way made by the API (document 92572); `vcode` is what its QR code carries."""

    config_id: str
    vcode: str
    type: int
    scene: int
    created: int
    remark: str = ""
    skip_verify: bool = True
    state: str = ""
    user: list[str] = field(default_factory=list)
    party: list[int] = field(default_factory=list)
    style: int = 0
    is_temp: bool = False
    expires_in: int = 0
    chat_expires_in: int = 0
    unionid: str = ""
    is_exclusive: bool = False
    mark_source: bool = True
    conclusions: Json = field(default_factory=dict)
    turn: int = 0


@dataclass
class JoinWay:
    """A 「加入群聊」 way (document 92229)."""

    config_id: str
    vcode: str
    scene: int
    chat_id_list: list[str]
    remark: str = ""
    auto_create_room: int = 1
    room_base_name: str = ""
    room_base_id: int = 1
    state: str = ""
    mark_source: bool = True


@dataclass
class Link:
    """An acquisition link (获客链接, document 97297)."""

    link_id: str
    link_name: str
    url: str
    create_time: int
    skip_verify: bool = True
    mark_source: bool = True
    range: Json = field(default_factory=dict)
    priority_option: Json = field(default_factory=dict)
    clicks: list[int] = field(default_factory=list)
    turn: int = 0


@dataclass
class Follow:
    """One employee and one customer. `status`: requested, half, friend, lost (by the customer), dropped (by staff)."""

    userid: str
    external_userid: str
    person_id: str
    status: str
    createtime: int
    add_way: int = 0
    state: str = ""
    oper_userid: str = ""
    remark: str = ""
    description: str = ""
    remark_corp_name: str = ""
    remark_mobiles: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    config_id: str = ""
    link_id: str = ""
    started_chat: bool = False
    received: int = 0
    welcome_seconds: float = 0
    visible_from: float = 0
    messages: list[Json] = field(default_factory=list)


@dataclass
class TagGroup:
    """A group of corp tags."""

    group_id: str
    group_name: str
    create_time: int
    order: int = 0
    deleted: bool = False


@dataclass
class Tag:
    """A corp tag."""

    id: str
    group_id: str
    name: str
    create_time: int
    order: int = 0
    deleted: bool = False


@dataclass
class GroupChat:
    """A customers' group chat; members are written as `groupchat/get` returns them."""

    chat_id: str
    name: str
    owner: str
    create_time: int
    notice: str = ""
    member_list: list[Json] = field(default_factory=list)
    admin_list: list[Json] = field(default_factory=list)
    member_version: str = ""


@dataclass
class Transfer:
    """A customer being handed over. `status`: 1 done, 2 waiting, 3 refused, 4 the taker is full (document 94088)."""

    giver: str
    taker: str
    external_userid: str
    status: int
    started: int
    resigned: bool
    takeover_time: int = 0


@dataclass
class WelcomeCode:
    """A welcome code: good once, for 20 seconds (document 92137)."""

    code: str
    userid: str
    external_userid: str
    created: float
    used: bool = False


@dataclass
class AccessToken:
    """A token from gettoken; `expires` in shifted Unix time."""

    token: str
    expires: float


@dataclass
class Media:
    """An uploaded file; its bytes are in the state directory."""

    media_id: str
    type: str
    filename: str
    content_type: str
    created_at: int
    permanent: bool = False


@dataclass
class AppMessage:
    """An application message to employees (message/send)."""

    msgid: str
    at: int
    touser: list[str]
    msgtype: str
    body: Json = field(default_factory=dict)


@dataclass
class Event:
    """A callback and each attempt to deliver it. `state`: pending, delivered, failed, dropped."""

    id: str
    at: float
    name: str
    change_type: str
    fields: Json
    xml: str
    mode: str = "normal"
    state: str = "pending"
    attempts: list[Json] = field(default_factory=list)


@dataclass
class Person:
    """A customer with a WeChat account: the same person to every corp, under a different external_userid."""

    person_id: str
    nickname: str
    gender: int
    colour: str
    unionid: str
    openid: str
    city: str = ""
    address: str = ""
    created: float = 0
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
