"""Handing customers over to a colleague: in service (document 92125) and after somebody left (94081)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wecom import limits
from wecom.client.calls import Caller
from wecom.client.decode import Json, compact, number, objects, text
from wecom.errors import Meaning, meaning_of

_API = "externalcontact"


@dataclass(frozen=True)
class TransferStart:
    """Whether the handing-over of one customer began (code 0)."""

    external_userid: str
    code: int

    @property
    def begun(self) -> bool:
        """True when WeCom took it; the customer may still refuse for 24 h."""
        return self.code == 0

    @property
    def meaning(self) -> Meaning:
        """What the code means."""
        return meaning_of(self.code)


@dataclass(frozen=True)
class TransferState:
    """`status`: 1 done, 2 waiting, 3 refused, 4 the taker is full, 5 no record. `takeover_time`: Unix seconds or 0."""

    external_userid: str
    status: int
    takeover_time: int


@dataclass(frozen=True)
class TransferPage:
    """One page of states."""

    states: tuple[TransferState, ...]
    next_cursor: str


class Transfers(Caller):
    """Handing customers over."""

    def transfer_customers(
        self, *, giver: str, taker: str, external_userids: Sequence[str], message: str | None = None
    ) -> list[TransferStart]:
        """Hand over up to 100 customers of a member in service; `message` ≤ 200. Raises TooLong, ValueError."""
        limits.TRANSFER_MESSAGE.check(message or "")
        return self._start(f"{_API}/transfer_customer", giver, taker, external_userids, message)

    def transfer_results(self, *, giver: str, taker: str, cursor: str | None = None) -> TransferPage:
        """A page (≤ 1000) of what became of them."""
        return self._page(f"{_API}/transfer_result", giver, taker, cursor)

    def transfer_resigned_customers(
        self, *, giver: str, taker: str, external_userids: Sequence[str]
    ) -> list[TransferStart]:
        """Hand over up to 100 customers of somebody who left. Raises ValueError."""
        return self._start(f"{_API}/resigned/transfer_customer", giver, taker, external_userids, None)

    def transfer_resigned_results(self, *, giver: str, taker: str, cursor: str | None = None) -> TransferPage:
        """A page (≤ 1000) of what became of them."""
        return self._page(f"{_API}/resigned/transfer_result", giver, taker, cursor)

    def _start(
        self, api: str, giver: str, taker: str, customers: Sequence[str], message: str | None
    ) -> list[TransferStart]:
        if not 1 <= len(customers) <= limits.TRANSFER_CUSTOMERS:
            raise ValueError(f"1 to {limits.TRANSFER_CUSTOMERS} customers at once")
        body = compact(
            handover_userid=giver,
            takeover_userid=taker,
            external_userid=customers,
            transfer_success_msg=message,
        )
        found = self.write(api, body)
        return [TransferStart(text(i, "external_userid"), number(i, "errcode")) for i in objects(found, "customer")]

    def _page(self, api: str, giver: str, taker: str, cursor: str | None) -> TransferPage:
        found = self.read(api, compact(handover_userid=giver, takeover_userid=taker, cursor=cursor))
        states = tuple(_state(item) for item in objects(found, "customer"))
        return TransferPage(states=states, next_cursor=text(found, "next_cursor"))


def _state(data: Json) -> TransferState:
    return TransferState(text(data, "external_userid"), number(data, "status"), number(data, "takeover_time"))
