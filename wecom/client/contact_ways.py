"""「联系我」 contact ways (document 92572). A way whose config_id is lost can never be changed: store it first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wecom import limits
from wecom.client.attachments import Conclusions, conclusions_of
from wecom.client.calls import Caller
from wecom.client.decode import Json, compact, flag, mapping, number, numbers, objects, optional_number, text, texts

SINGLE, MULTIPLE = 1, 2
SCENE_MINI_PROGRAM, SCENE_QR = 1, 2
_API = "externalcontact"


@dataclass(frozen=True)
class CreatedWay:
    """`qr_code` is an image URL, only for scene 2."""

    config_id: str
    qr_code: str


@dataclass(frozen=True)
class ContactWay:
    """A contact way as WeCom has it."""

    config_id: str
    type: int
    scene: int
    style: int | None
    remark: str
    skip_verify: bool
    state: str
    qr_code: str
    users: tuple[str, ...]
    parties: tuple[int, ...]
    is_temp: bool
    expires_in: int | None
    chat_expires_in: int | None
    unionid: str
    mark_source: bool
    conclusions: Conclusions | None


@dataclass(frozen=True)
class Page:
    """One page of ids; `next_cursor` is empty on the last one."""

    ids: tuple[str, ...]
    next_cursor: str


class ContactWays(Caller):
    """Contact ways."""

    def add_contact_way(
        self,
        *,
        way_type: int = SINGLE,
        scene: int = SCENE_QR,
        users: Sequence[str] | None = None,
        parties: Sequence[int] | None = None,
        state: str | None = None,
        remark: str | None = None,
        skip_verify: bool | None = None,
        style: int | None = None,
        is_temp: bool | None = None,
        expires_in: int | None = None,
        chat_expires_in: int | None = None,
        unionid: str | None = None,
        is_exclusive: bool | None = None,
        mark_source: bool | None = None,
        conclusions: Conclusions | None = None,
    ) -> CreatedWay:
        """Make a way. `state` ≤ 30 characters, at most 100 `users`; None leaves WeCom's default.

        Raises TooLong, ValueError for too many users.
        """
        body = compact(
            type=way_type,
            scene=scene,
            is_temp=is_temp,
            is_exclusive=is_exclusive,
            **_changeable(
                users, parties, state, remark, skip_verify, style, expires_in, chat_expires_in, unionid, mark_source
            ),
            conclusions=conclusions and conclusions.body(),
        )
        found = self.write(f"{_API}/add_contact_way", body)
        return CreatedWay(config_id=text(found, "config_id"), qr_code=text(found, "qr_code"))

    def update_contact_way(
        self,
        config_id: str,
        *,
        users: Sequence[str] | None = None,
        parties: Sequence[int] | None = None,
        state: str | None = None,
        remark: str | None = None,
        skip_verify: bool | None = None,
        style: int | None = None,
        expires_in: int | None = None,
        chat_expires_in: int | None = None,
        unionid: str | None = None,
        mark_source: bool | None = None,
        conclusions: Conclusions | None = None,
    ) -> None:
        """Change a way; the printed QR stays valid. `users` and `parties` replace the stored lists; None leaves them.

        Raises TooLong, ValueError for too many users.
        """
        body = compact(
            config_id=config_id,
            **_changeable(
                users, parties, state, remark, skip_verify, style, expires_in, chat_expires_in, unionid, mark_source
            ),
            conclusions=conclusions and conclusions.body(),
        )
        self.write(f"{_API}/update_contact_way", body)

    def get_contact_way(self, config_id: str) -> ContactWay:
        """One way."""
        found = self.read(f"{_API}/get_contact_way", {"config_id": config_id})
        ways = objects(found, "contact_way")
        return _way(ways[0] if ways else {})

    def list_contact_ways(
        self, *, start_time: int | None = None, end_time: int | None = None, cursor: str | None = None, limit: int = 100
    ) -> Page:
        """A page (≤ 1000) of the ways made between two Unix times, by default the last 90 days."""
        body = compact(start_time=start_time, end_time=end_time, cursor=cursor, limit=limit)
        found = self.read(f"{_API}/list_contact_way", body)
        ids = tuple(text(item, "config_id") for item in objects(found, "contact_way"))
        return Page(ids=ids, next_cursor=text(found, "next_cursor"))

    def del_contact_way(self, config_id: str) -> None:
        """Delete a way: its QR is dead for good."""
        self.write(f"{_API}/del_contact_way", {"config_id": config_id})


def _changeable(
    users: Sequence[str] | None,
    parties: Sequence[int] | None,
    state: str | None,
    remark: str | None,
    skip_verify: bool | None,
    style: int | None,
    expires_in: int | None,
    chat_expires_in: int | None,
    unionid: str | None,
    mark_source: bool | None,
) -> dict[str, object]:
    if users is not None and len(users) > limits.CONTACT_WAY_MEMBERS:
        raise ValueError(f"a contact way has at most {limits.CONTACT_WAY_MEMBERS} users")
    limits.STATE.check(state or "")
    limits.CONTACT_WAY_REMARK.check(remark or "")
    return compact(
        user=users,
        party=parties,
        state=state,
        remark=remark,
        skip_verify=skip_verify,
        style=style,
        expires_in=expires_in,
        chat_expires_in=chat_expires_in,
        unionid=unionid,
        mark_source=mark_source,
    )


def _way(data: Json) -> ContactWay:
    return ContactWay(
        config_id=text(data, "config_id"),
        type=number(data, "type"),
        scene=number(data, "scene"),
        style=optional_number(data, "style"),
        remark=text(data, "remark"),
        skip_verify=flag(data, "skip_verify", default=True),
        state=text(data, "state"),
        qr_code=text(data, "qr_code"),
        users=texts(data, "user"),
        parties=numbers(data, "party"),
        is_temp=flag(data, "is_temp"),
        expires_in=optional_number(data, "expires_in"),
        chat_expires_in=optional_number(data, "chat_expires_in"),
        unionid=text(data, "unionid"),
        mark_source=flag(data, "mark_source", default=True),
        conclusions=conclusions_of(mapping(data, "conclusions")),
    )
