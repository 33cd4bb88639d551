"""Numbers from addresses and forms."""

from __future__ import annotations

import pytest

from livecode_admin.kernel.web.parameters import whole_number, whole_numbers


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("20", 20), ("007", 7), ("9" * 18, 10**18 - 1)])
def test_digits_are_a_number(text: str, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("text", [None, "", "-1", "1.5", " 1", "²", "٣", "一", "1e3", "9" * 19, "9" * 5000])
def test_anything_else_is_none(text: str | None) -> None:
    assert whole_number(text) is None


def test_of_several_the_numbers_stay_in_their_order() -> None:
    assert whole_numbers(["3", "x", "1", "²"]) == [3, 1]
