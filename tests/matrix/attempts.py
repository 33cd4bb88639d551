"""Trying one door: the request or call is made by hand, and what the database holds afterwards is what counts."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist

from livecode_admin.kernel import clock
from permissions.access import Access, Denied
from tenants.context import tenant_context
from tests.factories import access_of
from tests.matrix.cast import NEW_CODE, Cast, next_number
from tests.matrix.doors import DONE, GONE, NOTHING, REFUSED, SERVICE, Door
from tests.matrix.markup import filled
from tests.matrix.tables import COMPANY, FOREIGN, NOBODY

FORM = "application/x-www-form-urlencoded"


class Attempt:
    """One cell: a door, somebody, somebody's object."""

    def __init__(self, cast: Cast, door: Door, bundle: str, relation: str) -> None:
        self.cast, self.door, self.bundle, self.relation = cast, door, bundle, relation
        self.words = self._words()
        self.address = self._address() if door.door != SERVICE else ""

    def _words(self) -> dict[str, object]:
        """What the placeholders of a body stand for."""
        cast, number = self.cast, next_number()
        foreign = self.relation == FOREIGN
        relation = self.relation if self.relation in ("own", "department", "other") else "own"
        who = self.bundle if (self.bundle, relation) in cast.codes else "owner"
        staff = cast.foreign.row_id if foreign else cast.staff[who, relation]
        words: dict[str, object] = {
            "n": number,
            "code": cast.foreign.row_id if foreign else cast.codes[who, relation],
            "staff": staff,
            "userid": cast.userid(staff),
            "me": cast.members[self.bundle],
            "day": date(2031, 1, 1) + timedelta(days=number),
            **cast.things,
        }
        for name, make in cast.makers.items():
            if f"{{{name}}}" in self.door.body:
                words[name] = make()
        return words

    def _address(self) -> str:
        entry = self.door.entry
        assert entry is not None, self.door
        relation = self.relation
        if self.door.in_body:
            relation = COMPANY if entry.kind else NOBODY
        return self.cast.address(entry, self.bundle, relation)

    def text(self, text: str) -> str:
        """A cell of the table with its placeholders filled."""
        return text.format_map(self.words) if "{" in text and not text.startswith("rows=") else text

    @property
    def body(self) -> list[tuple[str, str]]:
        """What is sent beyond the page's own form."""
        words = self.door.body.replace("{n}", str(self.words["n"]))
        new = NEW_CODE.format_map(self.words)
        return parse_qsl(self.text(words.replace("{new}", new)), keep_blank_values=True)

    @property
    def rows(self) -> Any:
        """The rows in which the change is looked for: the object's own where the table has such a column."""
        label, _, column = self.door.watch.rpartition(".")
        model: Any = apps.get_model(label)
        rows = model.objects.all()
        names = {one.name for one in model._meta.concrete_fields}
        if self.door.of == "code" and label == "codes.LiveCode":
            return rows.filter(pk=self.words["code"])
        if self.door.of == "code" and "code" in names:
            rows = rows.filter(code=self.words["code"])
        if label in ("routing.Seat", "routing.StaffLimit") and column != "staff_id":
            rows = rows.filter(staff=self.words["staff"])
        return rows

    def values(self) -> list[str]:
        """What stands in the watched column now."""
        column = self.door.watch.rpartition(".")[2]
        with tenant_context(self.cast.tenant.id):
            return sorted(str(value) for value in self.rows.values_list(column, flat=True))

    def prepare(self) -> None:
        """Put the column to what it is before the change."""
        if self.door.of == "code":
            self.cast.mend_code(int(str(self.words["code"])), self.bundle, self.relation)
        if self.door.watch.startswith("people.StaffGroupMember"):
            with tenant_context(self.cast.tenant.id):
                self.rows.filter(staff=self.words["staff"]).delete()
        if self.door.before:
            value = _value(self.text(self.door.before))
            with tenant_context(self.cast.tenant.id):
                self.rows.update(**{self.door.watch.rpartition(".")[2]: value})

    def make(self, *, whole: bool) -> str:
        """Try; ``whole``: with all that the page's own form sends. What it came to."""
        return self._call() if self.door.door == SERVICE else self._send(whole=whole)

    def _send(self, *, whole: bool) -> str:
        client, data = self.cast.clients[self.bundle], self.body
        if whole:
            page = client.get(self.address)
            data = filled(page.content.decode(), self.address, data) if page.status_code == 200 else data
        headers = {"HX-Request": "true"} if self.door.door == "htmx" else {}
        answer = client.post(self.address, urlencode(data), content_type=FORM, headers=headers)
        if answer.status_code == 422 and not whole:
            # Not by hand alone: with what the sender's own page was opened with, where there is one.
            page = client.get(self.address)
            stamps = [pair for pair in filled(page.content.decode(), self.address, data) if pair[0] == "stamp"]
            answer = client.post(self.address, urlencode([*data, *stamps]), content_type=FORM, headers=headers)
        if answer.status_code in (403, 404):
            return {403: REFUSED, 404: GONE}[answer.status_code]
        if answer.status_code in (200, 204, 302):
            return DONE
        return f"{NOTHING} {answer.status_code}" if answer.status_code < 500 else str(answer.status_code)

    def _call(self) -> str:
        place, _, name = self.door.page.rpartition(".")
        function: Callable[..., Any] = getattr(import_module(place), name)
        access: Access = access_of(self.cast.tenant, self.cast.users[self.bundle], clock.now())
        sent: dict[str, Any] = {key: _value(text, key) for key, text in self.body}
        if self.door.of == "code":
            sent["code_id"] = self.words["code"]
        elif self.door.object == "wecom_connection":
            sent = {"given": {key: str(value) for key, value in self.body}}
        try:
            with tenant_context(self.cast.tenant.id):
                function(access=access, now=clock.now(), **sent)
        except Denied:
            return REFUSED
        except ObjectDoesNotExist:
            return GONE
        return DONE


_PLAIN: Mapping[str, Any] = {"None": None, "True": True, "False": False}


def _value(text: str, name: str = "") -> Any:
    """A cell as the column or the service takes it."""
    if text in _PLAIN:
        return _PLAIN[text]
    if text.startswith("[") or (name.endswith("_id") and text.isdecimal()):
        return ast.literal_eval(text)
    if text[:2] == "20" and "T" in text:
        return datetime.fromisoformat(text)
    return text
