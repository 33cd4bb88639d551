"""Identifiers: random, readable aloud, and as long as WeCom allows."""

from __future__ import annotations

import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from livecode_admin.kernel import ids

NOW = datetime(2026, 11, 22, 9, 0, 0, 123000, tzinfo=UTC)


def test_slugs_are_ten_characters_of_crockford_base32_and_differ() -> None:
    slugs = {ids.new_slug() for _ in range(2000)}
    assert len(slugs) == 2000
    assert {len(slug) for slug in slugs} == {10}
    assert set("".join(slugs)) == set(ids.CROCKFORD)
    assert all(ids.clean_slug(slug) == slug for slug in slugs)


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("ABCDEFGHJK", "abcdefghjk"),
        (" 0123456789\n", "0123456789"),
        ("oOiIlL2345", "0011112345"),
        ("abcdefghju", None),
        ("abcdefghj", None),
        ("abcdefghjkm", None),
        ("", None),
        ("活码活码活码活码活码", None),
        ("abcdefgh\x00k", None),
    ],
)
def test_a_slug_is_read_in_either_case_and_with_the_usual_slips(typed: str, slug: str | None) -> None:
    assert ids.clean_slug(typed) == slug


def test_a_state_is_under_wecoms_30_characters() -> None:
    states = {ids.new_state() for _ in range(500)}
    assert len(states) == 500
    assert {len(state) for state in states} == {24}


def test_a_token_has_256_bits() -> None:
    assert len({ids.new_token() for _ in range(100)}) == 100
    assert len(ids.new_token()) >= 43


def test_uuids_are_version_7_and_ordered_by_time() -> None:
    made = [ids.time_ordered_uuid(NOW + timedelta(milliseconds=step)) for step in range(50)]
    assert made == sorted(made)
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {"specified in RFC 4122"}
    assert made[0].int >> 80 == int(NOW.timestamp() * 1000)
    assert ids.time_ordered_uuid(NOW) != ids.time_ordered_uuid(NOW)


def test_as_text_it_is_the_same_kind_of_uuid() -> None:
    made = [ids.time_ordered_text(NOW + timedelta(milliseconds=step)) for step in range(50)]
    assert made == sorted(set(made)) == [str(uuid.UUID(text)) for text in made]
    assert {(uuid.UUID(text).version, uuid.UUID(text).variant) for text in made} == {(7, uuid.RFC_4122)}
    assert made[0][:13] == str(ids.time_ordered_uuid(NOW))[:13]


def test_random_bytes_are_given_out_once_across_threads_and_refills() -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: ids.new_visitor(), range(5_000)))
    assert len(set(made)) == 5_000
    assert {len(value) for value in made} == {22}


def test_a_forked_process_never_gives_out_its_parents_bytes() -> None:
    ids.new_visitor()  # fills the pool from which a child would take the next ones
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, ids.new_visitor().encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 100).decode() != ids.new_visitor()
    os.close(reader)
    os.close(writer)
