"""How long things may be in WeCom, and how to count them. Characters are Unicode code points; bytes are of UTF-8."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["characters", "bytes"]


class TooLong(ValueError):
    """A text over its limit. Carries the limit and the measured size."""

    def __init__(self, limit: Limit, size: int) -> None:
        """`size` is in the limit's unit."""
        super().__init__(f"{limit.name}: {size} {limit.unit}, at most {limit.maximum}")
        self.limit = limit
        self.size = size


@dataclass(frozen=True)
class Limit:
    """A maximum in one unit; `source` is the WeCom document."""

    name: str
    maximum: int
    unit: Unit
    source: str

    def size(self, text: str) -> int:
        """The size of `text` in this limit's unit."""
        return characters(text) if self.unit == "characters" else utf8_bytes(text)

    def fits(self, text: str) -> bool:
        """Whether `text` is within the limit."""
        return self.size(text) <= self.maximum

    def check(self, text: str) -> str:
        """`text` itself. Raises TooLong."""
        if not self.fits(text):
            raise TooLong(self, self.size(text))
        return text

    def cut(self, text: str) -> str:
        """The longest beginning of `text` within the limit; never half a character."""
        if self.unit == "characters":
            return text[: self.maximum]
        return text.encode("utf-8", "ignore")[: self.maximum].decode("utf-8", "ignore")


def characters(text: str) -> int:
    """Unicode code points."""
    return len(text)


def utf8_bytes(text: str) -> int:
    """Bytes in UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


STATE = Limit("state", 30, "characters", "92572")
CONTACT_WAY_REMARK = Limit("contact way remark", 30, "characters", "92572")
CUSTOMER_CHANNEL = Limit("customer_channel", 64, "bytes", "97298")
ACQUISITION_LINK_NAME = Limit("link name", 30, "characters", "97297")
CUSTOMER_REMARK = Limit("remark", 20, "characters", "92115")
CUSTOMER_DESCRIPTION = Limit("description", 150, "characters", "92115")
CUSTOMER_COMPANY = Limit("remark_company", 20, "characters", "92115")
TAG_NAME = Limit("tag name", 30, "characters", "92117")
TAG_GROUP_NAME = Limit("tag group name", 30, "characters", "92117")
WELCOME_TEXT = Limit("welcome text", 4000, "bytes", "92137")
LINK_TITLE = Limit("link title", 128, "bytes", "92137")
LINK_DESCRIPTION = Limit("link description", 512, "bytes", "92137")
MINI_PROGRAM_TITLE = Limit("mini program title", 64, "bytes", "92137")
JOIN_WAY_REMARK = Limit("join way remark", 30, "characters", "92229")
JOIN_WAY_STATE = Limit("join way state", 30, "characters", "92229")
ROOM_BASE_NAME = Limit("room base name", 40, "characters", "92229")
TRANSFER_MESSAGE = Limit("transfer message", 200, "characters", "92125")
MESSAGE_TEXT = Limit("application message", 2048, "bytes", "90236")
TEXT_CARD_TITLE = Limit("text card title", 128, "bytes", "90236")
TEXT_CARD_DESCRIPTION = Limit("text card description", 512, "bytes", "90236")
TEXT_CARD_BUTTON = Limit("text card button", 4, "characters", "90236")

CONTACT_WAY_MEMBERS = 100
ACQUISITION_LINK_MEMBERS = 500
WELCOME_ATTACHMENTS = 9
JOIN_WAY_CHATS = 5
BATCH_USERS = 100
TRANSFER_CUSTOMERS = 100
IMAGE_BYTES = 10 * 1024 * 1024
UPLOADIMG_BYTES = 2 * 1024 * 1024
