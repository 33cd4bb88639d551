"""Events about the company's own people, departments and member tags (change_contact, document 90971 and followers)."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from wecom.events.markup import child, child_text, local_name
from wecom.events.shape import Event, number, numbers, parsed, required, text, words


@dataclass(frozen=True)
class ExtAttribute:
    """One extended attribute: a text (`value`) or a web page (`title`, `url`). `kind` is "0", "1" or empty."""

    name: str
    kind: str
    value: str
    title: str
    url: str


def _ext_attributes(element: Element) -> tuple[ExtAttribute, ...]:
    return tuple(_ext_attribute(item) for item in element if local_name(item) == "Item")


def _ext_attribute(item: Element) -> ExtAttribute:
    words_of, web = child(item, "Text"), child(item, "Web")
    value = child_text(words_of, "Value") if words_of is not None else child_text(item, "Value")
    return ExtAttribute(
        name=child_text(item, "Name") or "",
        kind=child_text(item, "Type") or "",
        value=value or "",
        title=(child_text(web, "Title") or "") if web is not None else "",
        url=(child_text(web, "Url") or "") if web is not None else "",
    )


@dataclass(frozen=True, kw_only=True)
class _UserEvent(Event):
    """Fields are empty when the app may not read them: take the id as a hint to read the user again."""

    user_id: str = required("UserID")
    name: str = text("Name")
    departments: tuple[int, ...] = numbers("Department")
    main_department: int | None = number("MainDepartment")
    leads: tuple[int, ...] = numbers("IsLeaderInDept")
    direct_leaders: tuple[str, ...] = words("DirectLeader")
    position: str = text("Position")
    mobile: str = text("Mobile")
    gender: str = text("Gender")
    email: str = text("Email")
    biz_mail: str = text("BizMail")
    status: int | None = number("Status")
    avatar: str = text("Avatar")
    alias: str = text("Alias")
    telephone: str = text("Telephone")
    address: str = text("Address")
    ext_attributes: tuple[ExtAttribute, ...] = parsed("ExtAttr", _ext_attributes)


@dataclass(frozen=True, kw_only=True)
class UserCreated(_UserEvent):
    """change_contact create_user."""


@dataclass(frozen=True, kw_only=True)
class UserUpdated(_UserEvent):
    """change_contact update_user; `new_user_id` is set when the id itself changed."""

    new_user_id: str = text("NewUserID")


@dataclass(frozen=True, kw_only=True)
class UserDeleted(Event):
    """change_contact delete_user."""

    user_id: str = required("UserID")


@dataclass(frozen=True, kw_only=True)
class PartyCreated(Event):
    """change_contact create_party."""

    party_id: int | None = number("Id")
    name: str = text("Name")
    parent_id: int | None = number("ParentId")
    order: int | None = number("Order")


@dataclass(frozen=True, kw_only=True)
class PartyUpdated(Event):
    """change_contact update_party; name and parent only when they changed."""

    party_id: int | None = number("Id")
    name: str = text("Name")
    parent_id: int | None = number("ParentId")


@dataclass(frozen=True, kw_only=True)
class PartyDeleted(Event):
    """change_contact delete_party."""

    party_id: int | None = number("Id")


@dataclass(frozen=True, kw_only=True)
class MemberTagUpdated(Event):
    """change_contact update_tag: a tag of members (not of customers)."""

    tag_id: int | None = number("TagId")
    added_users: tuple[str, ...] = words("AddUserItems")
    removed_users: tuple[str, ...] = words("DelUserItems")
    added_parties: tuple[int, ...] = numbers("AddPartyItems")
    removed_parties: tuple[int, ...] = numbers("DelPartyItems")


KINDS: dict[tuple[str, str], type[Event]] = {
    ("change_contact", "create_user"): UserCreated,
    ("change_contact", "update_user"): UserUpdated,
    ("change_contact", "delete_user"): UserDeleted,
    ("change_contact", "create_party"): PartyCreated,
    ("change_contact", "update_party"): PartyUpdated,
    ("change_contact", "delete_party"): PartyDeleted,
    ("change_contact", "update_tag"): MemberTagUpdated,
}
