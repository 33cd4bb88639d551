"""Every input that a page of the console sends is tried as a field, or inputs.csv says why it is none."""

from __future__ import annotations

import csv
import re

import pytest
from django.urls import Resolver404, resolve

from tests.matrix.cast import PAGES
from tests.matrix.doors import doors
from tests.matrix.markup import forms_of
from tests.matrix.stage import make_cast
from tests.matrix.tables import HERE, NOBODY, entries


def plain(name: str) -> str:
    """An input's name without the numbers of rows: ``cap_12`` is ``cap_#``."""
    return re.sub(r"\d+", "#", name)


def tried() -> set[tuple[str, str]]:
    """(page, input) of all that fields.csv sends."""
    found = set()
    for door in doors():
        body = door.body.replace("{new}", "purpose=&purpose_text=&channel_name=&name=&kind=&validity=&roster=")
        names = re.findall(r"(?:^|&)([^=&]+)=", re.sub(r"{(staff|newcomer|here)}", "1", body))
        found |= {(door.page, plain(name)) for name in names}
    return found


def told() -> set[tuple[str, str]]:
    """(page, input) of what is no field, each with its reason; ``*`` is any page."""
    with (HERE / "inputs.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert all(row["why"] for row in rows)
    return {(row["page"], row["input"]) for row in rows}


def sent() -> set[tuple[str, str]]:
    """(page, input) of every form that the owner is shown by any page."""
    cast, found = make_cast(), set()
    for entry in (one for one in entries() if one.method == "GET" and one.of_a_tenant):
        address = cast.address(entry, "owner", next(iter(entry.relations)) if entry.kind else NOBODY)
        answer = cast.clients["owner"].get(address)
        for form in forms_of(answer.content.decode("utf-8", "replace"), address):
            page = page_of(form.action) or entry.page
            found |= {(page, plain(name)) for name in form.names}
    return {one for one in found if one[0] in PAGES and PAGES[one[0]].of_a_tenant}


def page_of(address: str) -> str:
    """The name of the page at an address; empty for none."""
    try:
        return resolve(address.partition("?")[0]).view_name
    except Resolver404:
        return ""


@pytest.mark.usefixtures("_database_open", "_broker_known")
def test_every_input_is_tried_or_said_to_be_no_field() -> None:
    known, nowhere = tried(), told()
    new = {one for one in sent() if one not in known | nowhere and ("*", one[1]) not in nowhere}
    assert [f"{page},{name}" for page, name in sorted(new)] == []
