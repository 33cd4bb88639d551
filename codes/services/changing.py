"""What every change of a code shares: the row under lock within the member's scope, and its audit entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from codes.models import LiveCode
from codes.selectors import NotFound, codes_visible
from people.pinyin_keys import pinyin_keys
from permissions import audit
from permissions.access import Access, Denied, FieldDenied
from permissions.capabilities import capability_for

OBJECT = "code"


def code_to_change(access: Access, code_id: int, capability: str) -> LiveCode:
    """The code, locked until the transaction ends.

    Raises:
        NotFound: unknown, of another company, or not even visible to the member.
        Denied: visible, but ``capability`` isn't held for it.
    """
    row = codes_visible(access, capability).select_for_update(of=("self",)).filter(pk=code_id).first()
    if row is not None:
        return row
    if codes_visible(access).filter(pk=code_id).exists():
        raise Denied(capability)
    raise NotFound(f"no code {code_id}")


def require_on_code(access: Access, code_id: int, fields: Iterable[str]) -> None:
    """Refuse the whole save if one field isn't covered for this very code: by scope, or by a grant on it or its folder.

    Raises:
        FieldDenied: a field that field_capabilities.csv doesn't have (default deny).
        Denied: with every capability that misses.
    """
    needed: dict[str, None] = {}
    for field in fields:
        capability = capability_for(OBJECT, field)
        if capability is None:
            raise FieldDenied(OBJECT, field)
        needed[capability] = None
    missing = [one for one in needed if not codes_visible(access, one).filter(pk=code_id).exists()]
    if missing:
        raise Denied(*missing, what=OBJECT)


def search_key(*, name: str, slug: str, purpose_text: str) -> str:
    """What the list's search looks into: name, slug, purpose, and pinyin initials of both texts."""
    initials = (pinyin_keys(text).initials for text in (name, purpose_text))
    return " ".join([name.lower(), slug, purpose_text.lower(), *initials])[:160]


def in_words(code: LiveCode, fields: Iterable[str]) -> dict[str, object]:
    """The fields as the audit log keeps them: what is pointed at by its name of the moment, not by a number."""
    words: dict[str, object] = {}
    for field in fields:
        relation = field.removesuffix("_id")
        if relation == field:
            words[field] = getattr(code, field)
        else:
            related = getattr(code, relation)
            words[relation] = None if related is None else str(related)
    return words


def note(
    access: Access,
    code: LiveCode,
    verb: str,
    *,
    before: Mapping[str, object],
    after: Mapping[str, object],
    now: datetime,
) -> None:
    """One audit entry about a code."""
    audit.record(
        access=access,
        action=f"{OBJECT}.{verb}",
        object_type=OBJECT,
        object_id=code.pk,
        object_label=code.name,
        before=before,
        after=after,
        now=now,
    )
