"""Application messages to members (document 90236). Per member and app 30 a minute; the surplus is dropped silently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wecom import limits
from wecom.client.calls import Caller
from wecom.client.decode import compact, text

MAX_RECEIVERS = 1000


@dataclass(frozen=True)
class TextCard:
    """A card with a link: title ≤ 128 bytes, description ≤ 512 bytes, button ≤ 4 characters."""

    title: str
    description: str
    url: str
    button: str | None = None

    def body(self) -> dict[str, object]:
        """As WeCom wants it. Raises TooLong."""
        limits.TEXT_CARD_TITLE.check(self.title)
        limits.TEXT_CARD_DESCRIPTION.check(self.description)
        limits.TEXT_CARD_BUTTON.check(self.button or "")
        return compact(title=self.title, description=self.description, url=self.url, btntxt=self.button)


@dataclass(frozen=True)
class SentMessage:
    """Who could not be reached (ids come back in lower case); the others were."""

    msgid: str
    invalid_users: tuple[str, ...]


class Messages(Caller):
    """Application messages."""

    def send_text(self, userids: Sequence[str], content: str, *, duplicate_check_seconds: int = 0) -> SentMessage:
        """Send a text (≤ 2048 bytes) to up to 1000 members. Raises TooLong, ValueError."""
        body = {"text": {"content": limits.MESSAGE_TEXT.check(content)}}
        return self._send(userids, "text", body, duplicate_check_seconds)

    def send_text_card(
        self, userids: Sequence[str], card: TextCard, *, duplicate_check_seconds: int = 0
    ) -> SentMessage:
        """Send a card to up to 1000 members. Raises TooLong, ValueError."""
        return self._send(userids, "textcard", {"textcard": card.body()}, duplicate_check_seconds)

    def _send(self, userids: Sequence[str], kind: str, content: Mapping[str, object], check: int) -> SentMessage:
        if not 1 <= len(userids) <= MAX_RECEIVERS:
            raise ValueError(f"1 to {MAX_RECEIVERS} members")
        body = compact(
            touser="|".join(userids),
            msgtype=kind,
            agentid=self.agent_id,
            enable_duplicate_check=1 if check else None,
            duplicate_check_interval=check or None,
            **content,
        )
        found = self.write("message/send", body)
        invalid = tuple(user for user in text(found, "invaliduser").split("|") if user)
        return SentMessage(msgid=text(found, "msgid"), invalid_users=invalid)
