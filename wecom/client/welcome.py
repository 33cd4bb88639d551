"""The greeting to a new customer (document 92137): once per code, within 20 s of the event."""

from __future__ import annotations

from collections.abc import Sequence

from wecom import limits
from wecom.client.attachments import Attachment, attachment_body
from wecom.client.calls import Call, Caller
from wecom.client.decode import compact

LANE_WIDTH = 8  # greetings at once per corp (design.md §6); nothing else waits in this lane


class Welcomes(Caller):
    """Greetings."""

    def send_welcome_msg(
        self, welcome_code: str, *, text: str | None = None, attachments: Sequence[Attachment] = (), budget: float = 8.0
    ) -> None:
        """Greet. `budget`: seconds for all of it, retries (-1, 41096) included; give what is left of the 20 s.

        Raises WecomError (41050 too late, 41051 chat has begun: both final), TooLong, ValueError.
        """
        if not text and not attachments:
            raise ValueError("a greeting has a text or an attachment")
        if len(attachments) > limits.WELCOME_ATTACHMENTS:
            raise ValueError(f"a greeting has at most {limits.WELCOME_ATTACHMENTS} attachments")
        body = compact(
            welcome_code=welcome_code,
            text={"content": limits.WELCOME_TEXT.check(text)} if text else None,
            attachments=[attachment_body(item) for item in attachments] or None,
        )
        self.call(Call("externalcontact/send_welcome_msg", body=body, width=LANE_WIDTH, budget=budget))
