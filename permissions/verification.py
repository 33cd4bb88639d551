"""Checking the audit log: which row is not as the application wrote it, which link of the chain not as it was.

Three things are held against each other: each entry's own signature, the chain of seals over the entries, and the
receipts that a trigger writes beside each entry (so that one that vanished before its seal is missed as well).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Subquery

from permissions.audit import chain_hashes, is_signed
from permissions.models import AuditEntry, AuditReceipt, AuditSeal

CHANGED = "the entry was changed"
INSERTED = "the entry was not written by the application"
REMOVED = "the entry was removed"
SWAPPED = "the entry stands in another one's place"
UNRECEIPTED = "the receipt of the entry was removed"
SEAL_CHANGED = "the seal was changed or inserted"
SEAL_SWAPPED = "the seal stands in another one's place"
SEAL_MISSING = "a seal was removed"
CUT_OFF = "the chain was cut off before the head that was noted"
# Which broken seal fits where is tried for so many at most: each is tried with each.
TRIED = 100


@dataclass(frozen=True, order=True)
class Flaw:
    """One thing that is wrong: at an entry (its id), at a place of the chain (its number), or at both."""

    what: str
    entry_id: int | None = None
    seq: int | None = None


@dataclass(frozen=True)
class Report:
    """What the check of one tenant found; ``head_*`` is the end of the chain, to be kept outside for comparison."""

    entries: int
    head_seq: int
    head_hash: str
    flaws: tuple[Flaw, ...]


@dataclass
class _Link:
    """One seal with what was found out about it; ``wanted`` are the hashes that it should have one of."""

    seq: int
    entry_id: int
    previous: str
    hash: str
    entry: AuditEntry | None
    wanted: list[str]
    sound: bool


def verify_chain(noted: tuple[int, str] | None = None) -> Report:
    """Check the current tenant's whole log. Everything must have been sealed before.

    ``noted``: number and hash of a head that was kept outside; the chain must still hold it.
    """
    flaws: list[Flaw] = []
    links: list[_Link] = []
    count = 0
    lost = _lost_receipts()
    first_of: dict[str, Any] = {}
    # Entry, receipt and seal come from one statement: what is written meanwhile is there with all three or not at all.
    for entry in _entries().iterator(2000):
        count += 1
        what = _wrong(entry, first_of, lost)
        if what:
            flaws.append(Flaw(what, entry_id=entry.pk, seq=_seq(entry)))
        if _seq(entry) is not None:
            links.append(_link(entry, kept=bool(what)))
    flaws += [Flaw(REMOVED, entry_id=number) for number in lost.values()]
    links += _orphans()
    links.sort(key=lambda link: link.seq)
    known = {flaw.entry_id for flaw in flaws}
    flaws += [flaw for flaw in _broken_links(links) if flaw.entry_id not in known or flaw.entry_id is None]
    flaws += _cut_off(links, noted)
    last = links[-1] if links else None
    numbered = _with_numbers(flaws, links)
    return Report(count, last.seq if last else 0, last.hash if last else "", numbered)


def _entries() -> Any:
    receipt = AuditReceipt.objects.filter(number=OuterRef("pk"))
    seal = AuditSeal.objects.filter(entry=OuterRef("pk"))
    fields = {f"sealed_{name}": Subquery(seal.values(name)[:1]) for name in ("seq", "previous", "hash")}
    return AuditEntry.objects.annotate(receipt=Subquery(receipt.values("nonce")[:1]), **fields).order_by("id")


def _seq(entry: Any) -> int | None:
    number: int | None = entry.sealed_seq
    return number


def _lost_receipts() -> dict[str, int]:
    """Nonce → number of the receipts whose entry is gone."""
    gone = AuditReceipt.objects.filter(~Exists(AuditEntry.objects.filter(pk=OuterRef("number"))))
    return dict(gone.values_list("nonce", "number"))


def _orphans() -> list[_Link]:
    gone = AuditSeal.objects.filter(~Exists(AuditEntry.objects.filter(pk=OuterRef("entry_id"))))
    return [_Link(one.seq, one.entry_id, one.previous, one.hash, None, [], sound=False) for one in gone]


def _wrong(entry: Any, first_of: dict[str, Any], lost: dict[str, int]) -> str:
    """What is wrong with the entry itself, by signature and receipt; its place in the chain is looked at later."""
    first = first_of.setdefault(entry.nonce, entry)
    if not is_signed(entry):
        return CHANGED if entry.receipt is not None else INSERTED
    if first is not entry:
        return INSERTED  # a copy, however well signed: the application uses no nonce twice
    if entry.receipt is None:
        return SWAPPED if entry.nonce in lost else UNRECEIPTED
    return "" if entry.receipt == entry.nonce else SWAPPED


def _link(entry: Any, *, kept: bool) -> _Link:
    hashes = chain_hashes(entry, entry.sealed_seq, entry.sealed_previous)
    sound = entry.sealed_hash in hashes
    return _Link(
        entry.sealed_seq,
        entry.pk,
        entry.sealed_previous,
        entry.sealed_hash,
        None if sound and not kept else entry,
        [] if sound else hashes,
        sound,
    )


def _broken_links(links: list[_Link]) -> Iterable[Flaw]:
    expected, before = 1, None
    broken = [link for link in links if not link.sound and link.entry is not None]
    for place, link in enumerate(links):
        yield from (Flaw(SEAL_MISSING, seq=missing) for missing in range(expected, link.seq))
        follows = link.seq > expected or before is None or not before.sound or link.previous == before.hash
        first_wrong = before is None and link.seq == 1 and link.previous != ""
        expected, before = link.seq + 1, link
        if link.entry is None and not link.sound:
            yield Flaw(REMOVED, entry_id=link.entry_id, seq=link.seq)
        elif link.sound and (not follows or first_wrong):
            yield Flaw(SEAL_CHANGED, entry_id=link.entry_id, seq=link.seq)
        elif not link.sound:
            following = links[place + 1] if place + 1 < len(links) else None
            yield Flaw(_seal_flaw(link, broken, following), entry_id=link.entry_id, seq=link.seq)


def _seal_flaw(link: _Link, broken: list[_Link], following: _Link | None) -> str:
    """A seal that doesn't fit its (sound) entry: moved here from another place, or written over."""
    if following is not None and following.previous in link.wanted:
        return SEAL_CHANGED
    for other in broken[:TRIED]:
        if other is not link and other.entry is not None and link.entry is not None:
            elsewhere = chain_hashes(link.entry, other.seq, link.previous)
            if link.hash in elsewhere or link.hash in chain_hashes(other.entry, link.seq, link.previous):
                return SEAL_SWAPPED
            if link.hash in chain_hashes(other.entry, other.seq, link.previous):
                return SEAL_SWAPPED
    return SEAL_CHANGED


def _cut_off(links: list[_Link], noted: tuple[int, str] | None) -> Iterable[Flaw]:
    if noted is not None and noted[0]:
        kept = {link.seq: link.hash for link in links}
        if kept.get(noted[0]) != noted[1]:
            yield Flaw(CUT_OFF, seq=noted[0])


def _with_numbers(flaws: list[Flaw], links: list[_Link]) -> tuple[Flaw, ...]:
    """Each flaw once, with the place in the chain where the entry has one."""
    seqs = {link.entry_id: link.seq for link in links}
    found = (
        Flaw(one.what, one.entry_id, one.seq if one.seq or one.entry_id is None else seqs.get(one.entry_id))
        for one in flaws
    )
    return tuple(dict.fromkeys(found))
