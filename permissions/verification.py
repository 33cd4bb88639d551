"""Checking the audit log: which row is not as the application wrote it, which link of the chain not as it was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest

from permissions.audit import chain_hashes, is_signed
from permissions.models import AuditEntry, AuditSeal

CHANGED = "the entry was changed after it was sealed"
INSERTED = "the entry was not written by the application"
REMOVED = "the entry was removed"
SWAPPED = "the entry stands in another one's place"
SEAL_CHANGED = "the seal was changed or inserted"
SEAL_MISSING = "a seal was removed"


@dataclass(frozen=True)
class Flaw:
    """One thing that is wrong: at an entry (its id), or at a place of the chain (its number)."""

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


def verify_chain() -> Report:
    """Check the current tenant's whole log. Everything must have been sealed before."""
    entries = {entry.pk: entry for entry in AuditEntry.objects.order_by("id").iterator(2000)}
    seals = list(AuditSeal.objects.order_by("seq"))
    flaws = [*_broken_links(seals, entries), *_forged(seals, entries)]
    last = seals[-1] if seals else None
    return Report(len(entries), last.seq if last else 0, last.hash if last else "", tuple(flaws))


def _broken_links(seals: list[AuditSeal], entries: dict[int, AuditEntry]) -> Iterable[Flaw]:
    expected, previous, intact = 1, "", True
    for seal, following in zip_longest(seals, seals[1:]):
        for missing in range(expected, seal.seq):
            yield Flaw(SEAL_MISSING, seq=missing)
        linked = seal.seq > expected or not intact or seal.previous == previous
        expected, previous, intact = seal.seq + 1, seal.hash, False
        entry = entries.get(seal.entry_id)
        if entry is None:
            yield Flaw(REMOVED, entry_id=seal.entry_id)
            continue
        hashes = chain_hashes(entry, seal.seq, seal.previous)
        intact = seal.hash in hashes
        if intact and linked:
            continue
        if intact or (following is not None and following.previous in hashes):
            yield Flaw(SEAL_CHANGED, seq=seal.seq)
        else:
            # What we signed but sealed elsewhere was moved here; what we never signed was written over.
            yield Flaw(SWAPPED if is_signed(entry) else CHANGED, entry_id=entry.pk)


def _forged(seals: list[AuditSeal], entries: dict[int, AuditEntry]) -> Iterable[Flaw]:
    """Entries that the application did not write, although their place in the chain is in order: sealed as they are."""
    sealed = {seal.entry_id: seal for seal in seals}
    nonces: set[str] = set()
    for entry in entries.values():
        copied = entry.nonce in nonces
        nonces.add(entry.nonce)
        seal = sealed.get(entry.pk)
        as_sealed = seal is None or seal.hash in chain_hashes(entry, seal.seq, seal.previous)
        if as_sealed and (copied or not is_signed(entry)):
            yield Flaw(INSERTED, entry_id=entry.pk)
