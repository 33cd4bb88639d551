"""Which page goes with an answer of the batch: a person, the fallback, outside of WeChat, 测试扫码. No Django."""

from __future__ import annotations

from urllib.parse import urlencode

from routing.edge import visitors
from routing.edge.asks import ScanAnswer
from routing.edge.landing import Page, Trial, code_page, fallback_page, link_page, outside_page, person_page
from routing.edge.tokens import SWAPS_IN_A_ROW, Swap, swap_token
from routing.edge.visitors import Kind
from routing.rules.engine import Outcome
from routing.rules.words import REASON_LABELS

_KINDS = frozenset(Kind)


def page_of_scan(
    answer: ScanAnswer,
    *,
    tenant_id: int,
    slug: str,
    sub_channel: str,
    visitor: str | None,
    refused: tuple[int, ...],
    native: bool = False,
) -> Page:
    """What a customer sees. ``refused``: whom they asked to change so far, by seat. ``native``: a native code's own
    picture, and it is at hand.
    """
    if answer.outcome is Outcome.NO_SLOT and answer.status == "live" and answer.reason in _KINDS:
        return outside_page(answer.look, f"/c/{slug}/{'native.png' if native else 'code.png' + _query(sub_channel)}")
    if native:
        return code_page(answer.look, f"/c/{slug}/native.png", answer.landing_text)
    picture = _picture(answer, tenant_id, slug)
    if answer.face is None or picture is None:
        return fallback_page(answer.look, answer.status)
    again = ""
    more = answer.swap and len(refused) < SWAPS_IN_A_ROW
    if more and answer.picture and answer.seat_id is not None and visitor is not None:
        token = swap_token(slug, visitor, Swap(answer.picture, (*refused, answer.seat_id)))
        again = f"/c/{slug}{_query(sub_channel, another=token)}"
    return person_page(answer.look, answer.face, picture, answer.landing_text, again=again)


def page_of_test(answer: ScanAnswer, *, tenant_id: int, slug: str, native: bool = False) -> Page:
    """测试扫码: what a customer would see now, said to be a test, with the reason (product.md §1.8)."""
    trial = Trial(REASON_LABELS.get(answer.reason, answer.reason))
    if native:
        return code_page(answer.look, f"/c/{slug}/native.png", answer.landing_text, trial=trial)
    if answer.link and answer.face is not None:
        return link_page(answer.look, answer.face, answer.link, trial)
    picture = _picture(answer, tenant_id, slug)
    if answer.face is None or picture is None:
        return fallback_page(answer.look, answer.status, trial=trial)
    return person_page(answer.look, answer.face, picture, answer.landing_text, trial=trial)


def _picture(answer: ScanAnswer, tenant_id: int, slug: str) -> str | None:
    """The address of the person's QR: the slot's own, or a way's where no slot was taken."""
    if (way_id := answer.way_id) is not None:
        return f"/c/{slug}/w/{way_id}-{visitors.signature(f'{tenant_id}:{way_id}')}.png"
    return f"/c/{slug}/q/{answer.picture}.png?s={answer.seat_id}" if answer.picture else None


def _query(sub_channel: str, **more: str) -> str:
    parts = {**({"p": sub_channel} if sub_channel else {}), **more}
    return f"?{urlencode(parts)}" if parts else ""
