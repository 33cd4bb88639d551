"""Reading XML that strangers may have written: size limit, UTF-8 only, no DOCTYPE, no entities."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

MAX_BYTES = 64 * 1024
_MAX_DEPTH = 8


class EventError(Exception):
    """A callback body that is not taken. The message never quotes the content."""


class EventTooLarge(EventError):
    """Over 64 KB."""


class EventMalformed(EventError):
    """Not UTF-8, not XML or JSON, a DOCTYPE, or a field that is missing or not what it must be."""


def text_of(body: bytes) -> str:
    """The body as text. Raises EventTooLarge, EventMalformed."""
    if len(body) > MAX_BYTES:
        raise EventTooLarge(f"a callback body has at most {MAX_BYTES} bytes")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise EventMalformed("not UTF-8") from error


def parse_xml(text: str) -> Element:
    """The root element. Raises EventMalformed."""
    try:
        root = fromstring(text, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        raise EventMalformed("a DOCTYPE or entities are not accepted") from error
    except (ParseError, ValueError) as error:
        raise EventMalformed("not well-formed XML") from error
    if local_name(root) != "xml":
        raise EventMalformed("the root element is not <xml>")
    return root


def local_name(element: Element) -> str:
    """The tag without a namespace."""
    return str(element.tag).rpartition("}")[2]


def child_text(element: Element, name: str) -> str | None:
    """The trimmed text of the first child `name`, None when there is no such child."""
    for child in element:
        if local_name(child) == name:
            return (child.text or "").strip()
    return None


def child(element: Element, name: str) -> Element | None:
    """The first child `name`."""
    return next((found for found in element if local_name(found) == name), None)


def leaves(element: Element, path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """All (path, trimmed text) pairs of elements without children. Raises EventMalformed when nested too deeply."""
    if depth > _MAX_DEPTH:
        raise EventMalformed("nested too deeply")
    for found in element:
        name = f"{path}/{local_name(found)}" if path else local_name(found)
        if len(found):
            yield from leaves(found, name, depth + 1)
        else:
            yield name, (found.text or "").strip()
