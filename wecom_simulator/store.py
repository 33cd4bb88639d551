"""Everything that a restart must keep, in memory and, half a second later, on disk as one JSON file a section.

A file is written beside the old one and renamed over it, so that a kill at any moment leaves a whole file.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from wecom_simulator import model
from wecom_simulator.model import Json

T = TypeVar("T")
FLUSH_SECONDS = 0.4
KEEP_EVENTS = 2000
# Long logs: only the newest records are written to disk.
WRITTEN: dict[str, int] = {"events": 300, "messages": 300}
SECTIONS: dict[str, type[Any]] = {
    "settings": model.Settings,
    "departments": model.Department,
    "members": model.Member,
    "ways": model.ContactWay,
    "join_ways": model.JoinWay,
    "links": model.Link,
    "follows": model.Follow,
    "tag_groups": model.TagGroup,
    "tags": model.Tag,
    "chats": model.GroupChat,
    "transfers": model.Transfer,
    "behaviour": dict,
    "welcome_codes": model.WelcomeCode,
    "tokens": model.AccessToken,
    "media": model.Media,
    "messages": model.AppMessage,
    "events": model.Event,
}


def revive(kind: type[T], value: Json) -> T:
    """A record from its JSON; fields that this version does not know are left out."""
    if not is_dataclass(kind):
        return cast(T, value)
    known = {entry.name for entry in fields(kind)}
    return cast(T, kind(**{name: item for name, item in value.items() if name in known}))


class Corp:
    """One corp with all its records, each section a dict by id."""

    def __init__(self, settings: model.Settings, store: Store) -> None:
        self._store = store
        self.all_settings = {"settings": settings}
        self.departments: dict[str, model.Department] = {}
        self.members: dict[str, model.Member] = {}
        self.ways: dict[str, model.ContactWay] = {}
        self.join_ways: dict[str, model.JoinWay] = {}
        self.links: dict[str, model.Link] = {}
        self.follows: dict[str, model.Follow] = {}
        self.tag_groups: dict[str, model.TagGroup] = {}
        self.tags: dict[str, model.Tag] = {}
        self.chats: dict[str, model.GroupChat] = {}
        self.transfers: dict[str, model.Transfer] = {}
        self.behaviour: dict[str, Json] = {}
        self.welcome_codes: dict[str, model.WelcomeCode] = {}
        self.tokens: dict[str, model.AccessToken] = {}
        self.media: dict[str, model.Media] = {}
        self.messages: dict[str, model.AppMessage] = {}
        self.events: dict[str, model.Event] = {}

    @property
    def settings(self) -> model.Settings:
        """Credentials and delivery settings."""
        return self.all_settings["settings"]

    @property
    def corp_id(self) -> str:
        """WeCom's corpid."""
        return self.settings.corp_id

    def section(self, name: str) -> dict[str, Any]:
        """The records of one section by id."""
        found: dict[str, Any] = getattr(self, "all_settings" if name == "settings" else name)
        return found

    def touch(self, *names: str) -> None:
        """Have these sections written soon."""
        for name in names:
            self._store.mark(self.corp_id, name)

    def member(self, userid: str) -> model.Member | None:
        """A member by userid, in any case of letters."""
        return self.members.get(userid.lower())

    def follow(self, userid: str, external_userid: str) -> model.Follow | None:
        """The relation of an employee and a customer, whatever its status."""
        return self.follows.get(follow_key(userid, external_userid))

    def friends_of(self, external_userid: str) -> Iterator[model.Follow]:
        """The relations that the API still shows: friends, and friends who deleted us."""
        for follow in self.follows.values():
            if follow.external_userid == external_userid and follow.status in ("friend", "lost"):
                yield follow


def follow_key(userid: str, external_userid: str) -> str:
    """The id of a relation."""
    return f"{userid.lower()}/{external_userid}"


class Store:
    """All corps and people, kept on disk by a background task."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.corps: dict[str, Corp] = {}
        self.people: dict[str, model.Person] = {}
        self.codes: dict[str, Json] = {}
        self.token_corp: dict[str, Corp] = {}
        self._dirty: set[tuple[str, str]] = set()

    def mark(self, corp_id: str, section: str) -> None:
        """Note that a section has changed; an empty corp id stands for the people."""
        self._dirty.add((corp_id, section))

    def save_people(self) -> None:
        """Have the people written soon."""
        self.mark("", "people")

    def save_codes(self) -> None:
        """Have the printed codes written soon."""
        self.mark("", "codes")

    def load(self) -> None:
        """Read what an earlier run has left."""
        people = _read(self.directory / "people.json")
        self.people = {key: revive(model.Person, value) for key, value in people.items()}
        self.codes = _read(self.directory / "codes.json")
        for folder in sorted((self.directory / "corps").glob("*/")):
            settings = _read(folder / "settings.json").get("settings")
            if settings is None:
                continue
            corp = Corp(revive(model.Settings, settings), self)
            for name, kind in SECTIONS.items():
                if name != "settings":
                    records = _read(folder / f"{name}.json")
                    corp.section(name).update({key: revive(kind, value) for key, value in records.items()})
            self.corps[corp.corp_id] = corp
            self.token_corp.update(dict.fromkeys(corp.tokens, corp))

    def clear(self) -> None:
        """Forget everything, on disk too."""
        self.corps.clear()
        self.people.clear()
        self.codes.clear()
        self.token_corp.clear()
        self._dirty.clear()
        for path in self.directory.rglob("*.json*"):
            path.unlink(missing_ok=True)

    def _take(self) -> list[tuple[Path, str]]:
        """The changed sections as text, taken between two requests so that each is whole."""
        dirty, self._dirty = self._dirty, set()
        texts: list[tuple[Path, str]] = []
        for corp_id, name in sorted(dirty):
            if not corp_id:
                texts.append((self.directory / f"{name}.json", _text(self.codes if name == "codes" else self.people)))
            elif corp_id in self.corps:
                records = self.corps[corp_id].section(name)
                if name in WRITTEN:
                    records = dict(list(records.items())[-WRITTEN[name] :])
                texts.append((self.directory / "corps" / corp_id / f"{name}.json", _text(records)))
        return texts

    def flush(self) -> None:
        """Write all changes now."""
        for path, text in self._take():
            _write(path, text)

    async def keep_flushing(self) -> None:
        """Write changes for ever; slower when a write is dear, so that requests keep the core."""
        pause = FLUSH_SECONDS
        while True:
            await asyncio.sleep(pause)
            started = time.monotonic()
            texts = self._take()
            if texts:
                pause = min(max(FLUSH_SECONDS, 8 * (time.monotonic() - started)), 0.8)
                with contextlib.suppress(OSError):
                    await asyncio.to_thread(_write_all, texts)


def _text(records: object) -> str:
    return json.dumps(records, ensure_ascii=False, default=vars)


def _read(path: Path) -> dict[str, Json]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)


def _write_all(texts: list[tuple[Path, str]]) -> None:
    for path, text in texts:
        _write(path, text)
