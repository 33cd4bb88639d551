"""The company's people and departments, who may receive customers, login (documents 90196, 92571, 98177)."""

from __future__ import annotations

from dataclasses import dataclass, field

from wecom.client.calls import Caller
from wecom.client.decode import Json, mapping, number, numbers, objects, text, texts

ACTIVATED = 1


@dataclass(frozen=True)
class User:
    """A member; many fields are empty for newer apps. `status`: 1 active, 2 disabled, 4 inactive, 5 left."""

    userid: str
    name: str
    departments: tuple[int, ...]
    order: tuple[int, ...]
    main_department: int
    position: str
    mobile: str
    gender: str
    email: str
    biz_mail: str
    leads: tuple[int, ...]
    direct_leaders: tuple[str, ...]
    avatar: str
    thumb_avatar: str
    telephone: str
    alias: str
    address: str
    open_userid: str
    status: int
    qr_code: str
    external_position: str
    external_corp_name: str


@dataclass(frozen=True)
class SimpleUser:
    """A member in a short list."""

    userid: str
    name: str
    departments: tuple[int, ...]
    open_userid: str


@dataclass(frozen=True)
class Department:
    """A department; the root has id 1 and parent 0, and a larger `order` comes first."""

    id: int
    name: str
    name_en: str
    leaders: tuple[str, ...]
    parent_id: int
    order: int


@dataclass(frozen=True)
class Visitor:
    """Who signed in: a member has a `userid`, anyone else an `openid` (and `external_userid` if a customer)."""

    userid: str
    openid: str
    external_userid: str
    user_ticket: str = field(repr=False)


class Directory(Caller):
    """People, departments, login."""

    def get_user(self, userid: str) -> User:
        """One member (user/get)."""
        return _user(self.read("user/get", userid=userid))

    def list_users(self, department_id: int) -> list[User]:
        """The members of one department, without those below (user/list)."""
        return [_user(item) for item in objects(self.read("user/list", department_id=department_id), "userlist")]

    def list_users_simple(self, department_id: int) -> list[SimpleUser]:
        """The members of one department in short (user/simplelist)."""
        found = self.read("user/simplelist", department_id=department_id)
        return [
            SimpleUser(text(i, "userid"), text(i, "name"), numbers(i, "department"), text(i, "open_userid"))
            for i in objects(found, "userlist")
        ]

    def list_departments(self, department_id: int | None = None) -> list[Department]:
        """A department and all below it; the whole tree when None (department/list)."""
        query = {} if department_id is None else {"id": department_id}
        return [_department(item) for item in objects(self.read("department/list", **query), "department")]

    def get_follow_user_list(self) -> tuple[str, ...]:
        """The members who may receive customers (客户联系) and are in the app's scope."""
        return texts(self.read("externalcontact/get_follow_user_list"), "follow_user")

    def get_user_info(self, code: str) -> Visitor:
        """Who is behind a login code (auth/getuserinfo), which works once, for 5 minutes; check the scope yourself."""
        found = self.read("auth/getuserinfo", code=code)
        return Visitor(
            userid=text(found, "userid") or text(found, "UserId"),
            openid=text(found, "openid") or text(found, "OpenId"),
            external_userid=text(found, "external_userid"),
            user_ticket=text(found, "user_ticket"),
        )

    def get_callback_ips(self) -> tuple[str, ...]:
        """Addresses that callbacks come from (getcallbackip); some end in `.*`."""
        return texts(self.read("getcallbackip"), "ip_list")


def _user(data: Json) -> User:
    return User(
        userid=text(data, "userid"),
        name=text(data, "name"),
        departments=numbers(data, "department"),
        order=numbers(data, "order"),
        main_department=number(data, "main_department"),
        position=text(data, "position"),
        mobile=text(data, "mobile"),
        gender=text(data, "gender"),
        email=text(data, "email"),
        biz_mail=text(data, "biz_mail"),
        leads=numbers(data, "is_leader_in_dept"),
        direct_leaders=texts(data, "direct_leader"),
        avatar=text(data, "avatar"),
        thumb_avatar=text(data, "thumb_avatar"),
        telephone=text(data, "telephone"),
        alias=text(data, "alias"),
        address=text(data, "address"),
        open_userid=text(data, "open_userid"),
        status=number(data, "status"),
        qr_code=text(data, "qr_code"),
        external_position=text(data, "external_position"),
        external_corp_name=text(mapping(data, "external_profile"), "external_corp_name"),
    )


def _department(data: Json) -> Department:
    return Department(
        id=number(data, "id"),
        name=text(data, "name"),
        name_en=text(data, "name_en"),
        leaders=texts(data, "department_leader"),
        parent_id=number(data, "parentid"),
        order=number(data, "order"),
    )
