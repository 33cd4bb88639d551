"""Whatever JSON comes back, a call gives an answer or raises an error of ours."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.wecom.calls import CALLS
from tests.wecom.calls.shape import SampleCall
from tests.wecom.conftest import SAMPLES, FakeWecom
from wecom.client import Client
from wecom.client.decode import number, numbers, text, texts
from wecom.errors import WecomError


def keys_of(value: Any) -> set[str]:
    """All names in a sample, at any depth."""
    if isinstance(value, list):
        return {key for item in value for key in keys_of(item)}
    if isinstance(value, dict):
        return set(value) | {key for item in value.values() for key in keys_of(item)}
    return set()


KEYS = sorted({key for path in (SAMPLES / "json").glob("*.json") for key in keys_of(json.loads(path.read_text()))})
WITH_TOKEN = [call for call in CALLS if call.api != "gettoken"]  # whose answer is cached
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["", "0", "ok"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=12,
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(call=st.sampled_from(WITH_TOKEN), reply=st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6))
def test_any_json_raises_only_our_errors(
    call: SampleCall, reply: dict[str, Any], client: Client, wecom: FakeWecom
) -> None:
    wecom.replies = {call.api: {**reply, "errcode": 0}}
    with suppress(WecomError):
        call.make(client)
    assert wecom.calls(call.api)


@given(st.dictionaries(st.just("k"), VALUES))
def test_a_reader_gives_its_type_whatever_is_there(found: dict[str, Any]) -> None:
    assert type(text(found, "k")) is str
    assert text(found, "k").encode() is not None
    assert isinstance(number(found, "k"), int)
    assert all(type(item) is str for item in texts(found, "k"))
    assert all(isinstance(item, int) for item in numbers(found, "k"))


def test_what_no_database_stores_is_taken_out() -> None:
    found = json.loads('{"name": "王\\u0000\\ud83d小明\\ud83d\\ude00", "far": 1e999}')
    assert text(found, "name") == "王小明😀"
    assert number(found, "far") == 0
