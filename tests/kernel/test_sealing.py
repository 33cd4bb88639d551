"""Sealed secrets: they open in the place they were sealed for, with a key of the ring, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from livecode_admin.kernel import sealing

PLACE = "7|tenants.wecomconnection.secret"


@pytest.mark.parametrize("text", ["secret", "企业微信的密钥 🔑", "a" * 5000])
def test_what_was_sealed_opens_in_its_place(text: str) -> None:
    sealed = sealing.seal(text, context=PLACE)
    assert text not in sealed
    assert sealing.unseal(sealed, context=PLACE) == text


def test_sealing_twice_gives_two_texts() -> None:
    assert sealing.seal("secret", context=PLACE) != sealing.seal("secret", context=PLACE)


def test_nothing_stays_nothing() -> None:
    assert sealing.seal("", context=PLACE) == ""
    assert sealing.unseal("", context=PLACE) == ""


@pytest.mark.parametrize("place", ["8|tenants.wecomconnection.secret", "7|tenants.wecomconnection.aes_key", ""])
def test_it_does_not_open_in_another_tenant_or_field(place: str) -> None:
    with pytest.raises(sealing.SealError):
        sealing.unseal(sealing.seal("secret", context=PLACE), context=place)


@pytest.mark.parametrize("damaged", ["plain text", "t1:", "t1:AAAA", "t1:!!!!", "nokey:AAAA", ":", "t1:活码"])
def test_damaged_text_is_refused_in_one_way(damaged: str) -> None:
    with pytest.raises(sealing.SealError):
        sealing.unseal(damaged, context=PLACE)


def test_a_changed_character_is_noticed() -> None:
    sealed = sealing.seal("eleven byte", context=PLACE)
    assert not sealed.endswith("=")
    for at in range(sealed.index(":") + 1, len(sealed)):
        other = "A" if sealed[at] != "A" else "B"
        with pytest.raises(sealing.SealError):
            sealing.unseal(sealed[:at] + other + sealed[at + 1 :], context=PLACE)


def test_a_new_first_key_seals_and_the_old_one_still_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = sealing.new_ring(), sealing.new_ring().replace("k1:", "k2:")
    monkeypatch.setenv(sealing.RING_ENV, old)
    sealed = sealing.seal("secret", context=PLACE)
    monkeypatch.setenv(sealing.RING_ENV, f"{new},{old}")
    assert sealing.unseal(sealed, context=PLACE) == "secret"
    assert sealing.seal("secret", context=PLACE).startswith("k2:")
    monkeypatch.setenv(sealing.RING_ENV, new)
    with pytest.raises(sealing.SealError, match="unknown key"):
        sealing.unseal(sealed, context=PLACE)


def test_the_ring_may_be_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "ring"
    file.write_text(sealing.new_ring() + "\n", encoding="ascii")
    monkeypatch.delenv(sealing.RING_ENV)
    monkeypatch.setenv(sealing.RING_FILE_ENV, str(file))
    assert sealing.unseal(sealing.seal("secret", context=PLACE), context=PLACE) == "secret"


@pytest.mark.parametrize("ring", ["", "k1:short", "k1:AAAA", ":AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=", "k1:!"])
def test_a_ring_without_a_whole_key_is_refused(ring: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(sealing.RING_ENV, ring)
    monkeypatch.delenv(sealing.RING_FILE_ENV, raising=False)
    with pytest.raises(sealing.SealError):
        sealing.seal("secret", context=PLACE)
