"""The forms of a page as a browser would send them: names and values by the address they go to."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_SENT = {"text", "hidden", "number", "date", "time", "url", "email", "password", "search", "file", "checkbox", "radio"}


@dataclass
class Form:
    """One form. ``values``: what it sends untouched; ``names``: all of its inputs, the empty and unticked too."""

    action: str
    method: str
    values: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address, self.forms, self.open = address, [Form(address, "post")], [0]
        self.area, self.text, self.select, self.chosen = "", "", "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        posted = said.get("hx-post")
        if tag == "form":
            method = "post" if posted is not None else said.get("method", "get").lower()
            self.forms.append(Form(posted or said.get("action") or self.address, method))
            self.open.append(len(self.forms) - 1)
        elif posted is not None and tag in ("button", "a"):
            self.forms.append(Form(posted, "post"))
        form, name = self.forms[self.open[-1]], said.get("name", "")
        if tag == "option" and self.select and (not self.chosen or "selected" in said):
            self.chosen = "1"
            form.values = [pair for pair in form.values if pair[0] != self.select] + [
                (self.select, said.get("value", ""))
            ]
        if not name or "disabled" in said:
            return
        if tag == "input" and said.get("type", "text") in _SENT:
            form.names.add(name)
            ticked = said.get("type") not in ("checkbox", "radio") or "checked" in said
            if ticked and said.get("type") != "file":
                form.values.append((name, said.get("value", "on" if said.get("type") in ("checkbox", "radio") else "")))
        elif tag == "select":
            form.names.add(name)
            self.select, self.chosen = name, "1" if "multiple" in said else ""
        elif tag == "textarea":
            form.names.add(name)
            self.area, self.text = name, ""
        elif tag == "button":
            form.names.add(name)

    def handle_data(self, data: str) -> None:
        if self.area:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and len(self.open) > 1:
            self.open.pop()
        elif tag == "select":
            self.select = ""
        elif tag == "textarea" and self.area:
            self.forms[self.open[-1]].values.append((self.area, self.text.removeprefix("\n")))
            self.area = ""


def forms_of(html: str, address: str) -> list[Form]:
    """The page's forms that are posted; ``address``: the page's own, for a form that names none."""
    reader = _Reader(address)
    reader.feed(html)
    return [one for one in reader.forms if one.method == "post" and (one.names or one.action != address)]


def filled(html: str, address: str, data: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What the form at this address sends when ``data`` is put in: its own values but for the names given."""
    names = {name for name, _ in data}
    here = [one for one in forms_of(html, address) if one.action.partition("?")[0] == address]
    form = max(here, key=lambda one: len(names & one.names), default=Form(address, "post"))
    return [pair for pair in form.values if pair[0] not in names] + [pair for pair in data if pair[1] != "-off-"]
