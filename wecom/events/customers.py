"""Events about customers, group chats, corp tags and acquisition links (documents 96361, 97299)."""

from __future__ import annotations

from dataclasses import dataclass

from wecom.events.shape import Event, items, number, required, secret, text


@dataclass(frozen=True, kw_only=True)
class _CustomerEvent(Event):
    user_id: str = required("UserID")
    external_user_id: str = required("ExternalUserID")


@dataclass(frozen=True, kw_only=True)
class CustomerAdded(_CustomerEvent):
    """add_external_contact: both are friends now. `welcome_code` is valid for 20 s and may be empty."""

    state: str = text("State")
    welcome_code: str = secret("WelcomeCode")


@dataclass(frozen=True, kw_only=True)
class CustomerHalfAdded(_CustomerEvent):
    """add_half_external_contact: the customer added a member without verification who has not confirmed yet."""

    state: str = text("State")
    welcome_code: str = secret("WelcomeCode")


@dataclass(frozen=True, kw_only=True)
class CustomerEdited(_CustomerEvent):
    """edit_external_contact: remark or tags changed by the member (never by the API)."""

    state: str = text("State")


@dataclass(frozen=True, kw_only=True)
class CustomerRemoved(_CustomerEvent):
    """del_external_contact: the member deleted the customer; `source` is DELETE_BY_TRANSFER after a transfer."""

    source: str = text("Source")


@dataclass(frozen=True, kw_only=True)
class CustomerLeft(_CustomerEvent):
    """del_follow_user: the customer deleted the member."""


@dataclass(frozen=True, kw_only=True)
class TransferFailed(_CustomerEvent):
    """transfer_fail: `reason` is customer_refused or customer_limit_exceed; more may come."""

    reason: str = text("FailReason")


@dataclass(frozen=True, kw_only=True)
class MessageAuditApproved(_CustomerEvent):
    """msg_audit_approved: the customer agreed to the archive of chats."""

    welcome_code: str = secret("WelcomeCode")


@dataclass(frozen=True, kw_only=True)
class ChatCreated(Event):
    """change_external_chat create."""

    chat_id: str = required("ChatId")


@dataclass(frozen=True, kw_only=True)
class ChatDismissed(Event):
    """change_external_chat dismiss."""

    chat_id: str = required("ChatId")


@dataclass(frozen=True, kw_only=True)
class ChatUpdated(Event):
    """change_external_chat update. May be lost or out of order: read the chat again and compare versions."""

    chat_id: str = required("ChatId")
    detail: str = text("UpdateDetail")
    join_scene: int | None = number("JoinScene")
    quit_scene: int | None = number("QuitScene")
    member_change_count: int | None = number("MemChangeCnt")
    member_changes: tuple[str, ...] = items("MemChangeList")
    last_member_version: str = text("LastMemVer")
    member_version: str = text("CurMemVer")


@dataclass(frozen=True, kw_only=True)
class TagChanged(Event):
    """change_external_tag create, update, delete, shuffle (see `change_type`); `tag_type` is tag or tag_group."""

    tag_id: str = text("Id")
    tag_type: str = text("TagType")
    strategy_id: str = text("StrategyId")


@dataclass(frozen=True, kw_only=True)
class AcquisitionBalanceChanged(Event):
    """customer_acquisition balance_low (under 20), balance_exhausted (0), balance_increased (0 → more)."""


@dataclass(frozen=True, kw_only=True)
class AcquisitionQuotaExpiring(Event):
    """customer_acquisition quota_expire_soon: 14, 7, 3, 2 and 1 days before."""

    expire_time: int | None = number("ExpireTime")
    expiring: int | None = number("ExpireQuotaNum")


@dataclass(frozen=True, kw_only=True)
class AcquisitionLinkUnavailable(Event):
    """customer_acquisition link_unavailable: the link adds nobody any more."""

    link_id: str = required("LinkId")


@dataclass(frozen=True, kw_only=True)
class AcquisitionLinkDeleted(Event):
    """customer_acquisition delete_link: deleted in WeCom's console."""

    link_id: str = required("LinkId")


@dataclass(frozen=True, kw_only=True)
class AcquisitionProfileOpened(Event):
    """customer_acquisition open_profile."""

    link_id: str = required("LinkId")
    state: str = text("State")


@dataclass(frozen=True, kw_only=True)
class AcquisitionFriendRequested(Event):
    """customer_acquisition friend_request: sent, not yet accepted."""

    link_id: str = required("LinkId")
    state: str = text("State")


@dataclass(frozen=True, kw_only=True)
class AcquisitionChatStarted(Event):
    """customer_acquisition customer_start_chat: the first message."""

    link_id: str = required("LinkId")
    user_id: str = text("UserID")
    external_user_id: str = text("ExternalUserID")


@dataclass(frozen=True, kw_only=True)
class AcquisitionMessageReceived(Event):
    """customer_acquisition message_from_customer; `chat_key` opens get_chat_info for 30 minutes."""

    link_id: str = required("LinkId")
    state: str = text("State")
    chat_key: str = secret("ChatKey")


KINDS: dict[tuple[str, str], type[Event]] = {
    ("change_external_contact", "add_external_contact"): CustomerAdded,
    ("change_external_contact", "add_half_external_contact"): CustomerHalfAdded,
    ("change_external_contact", "edit_external_contact"): CustomerEdited,
    ("change_external_contact", "del_external_contact"): CustomerRemoved,
    ("change_external_contact", "del_follow_user"): CustomerLeft,
    ("change_external_contact", "transfer_fail"): TransferFailed,
    ("change_external_contact", "msg_audit_approved"): MessageAuditApproved,
    ("change_external_chat", "create"): ChatCreated,
    ("change_external_chat", "update"): ChatUpdated,
    ("change_external_chat", "dismiss"): ChatDismissed,
    ("change_external_tag", "create"): TagChanged,
    ("change_external_tag", "update"): TagChanged,
    ("change_external_tag", "delete"): TagChanged,
    ("change_external_tag", "shuffle"): TagChanged,
    ("customer_acquisition", "balance_low"): AcquisitionBalanceChanged,
    ("customer_acquisition", "balance_exhausted"): AcquisitionBalanceChanged,
    ("customer_acquisition", "balance_increased"): AcquisitionBalanceChanged,
    ("customer_acquisition", "quota_expire_soon"): AcquisitionQuotaExpiring,
    ("customer_acquisition", "link_unavailable"): AcquisitionLinkUnavailable,
    ("customer_acquisition", "delete_link"): AcquisitionLinkDeleted,
    ("customer_acquisition", "open_profile"): AcquisitionProfileOpened,
    ("customer_acquisition", "friend_request"): AcquisitionFriendRequested,
    ("customer_acquisition", "customer_start_chat"): AcquisitionChatStarted,
    ("customer_acquisition", "message_from_customer"): AcquisitionMessageReceived,
}
