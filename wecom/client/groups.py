"""Group chats with customers and the ways into them (documents 92229, 92120, 92122)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wecom import limits
from wecom.client.calls import Caller
from wecom.client.decode import Json, compact, flag, mapping, number, objects, text, texts

SCENE_MINI_PROGRAM, SCENE_QR = 1, 2
_API = "externalcontact/groupchat"


@dataclass(frozen=True)
class JoinWay:
    """A way into up to 5 group chats. `auto_create_room`: a new chat opens when all are full."""

    config_id: str
    scene: int
    remark: str
    auto_create_room: bool
    room_base_name: str
    room_base_id: int
    chat_ids: tuple[str, ...]
    qr_code: str
    state: str
    mark_source: bool


@dataclass(frozen=True)
class ChatEntry:
    """A chat in a list. `status`: 0 normal, 1 owner left, 2 being inherited, 3 inherited."""

    chat_id: str
    status: int


@dataclass(frozen=True)
class ChatPage:
    """One page of chats."""

    chats: tuple[ChatEntry, ...]
    next_cursor: str


@dataclass(frozen=True)
class ChatMember:
    """Somebody in a chat. `type`: 1 member of the corp, 2 external. `state` names the join way."""

    userid: str
    type: int
    unionid: str
    join_time: int
    join_scene: int
    invitor: str
    group_nickname: str
    name: str
    state: str


@dataclass(frozen=True)
class GroupChat:
    """A chat; right after an event it may be stale: compare `member_version` with the event's."""

    chat_id: str
    name: str
    owner: str
    create_time: int
    notice: str
    members: tuple[ChatMember, ...]
    admins: tuple[str, ...]
    member_version: str


class Groups(Caller):
    """Group chats and join ways."""

    def add_join_way(
        self,
        chat_ids: Sequence[str],
        *,
        scene: int = SCENE_QR,
        remark: str | None = None,
        auto_create_room: bool | None = None,
        room_base_name: str | None = None,
        room_base_id: int | None = None,
        state: str | None = None,
        mark_source: bool | None = None,
    ) -> str:
        """Make a way into chats and give its config_id. Raises TooLong, ValueError for more than 5 chats."""
        settings = _settings(
            chat_ids, scene, remark, auto_create_room, room_base_name, room_base_id, state, mark_source
        )
        return text(self.write(f"{_API}/add_join_way", settings), "config_id")

    def update_join_way(
        self,
        config_id: str,
        chat_ids: Sequence[str],
        *,
        scene: int = SCENE_QR,
        remark: str | None = None,
        auto_create_room: bool | None = None,
        room_base_name: str | None = None,
        room_base_id: int | None = None,
        state: str | None = None,
        mark_source: bool | None = None,
    ) -> None:
        """Overwrite a way as a whole: what is not given is reset. Raises TooLong, ValueError."""
        settings = _settings(
            chat_ids, scene, remark, auto_create_room, room_base_name, room_base_id, state, mark_source
        )
        self.write(f"{_API}/update_join_way", {"config_id": config_id, **settings})

    def get_join_way(self, config_id: str) -> JoinWay:
        """One way."""
        return _join_way(mapping(self.read(f"{_API}/get_join_way", {"config_id": config_id}), "join_way"))

    def del_join_way(self, config_id: str) -> None:
        """Delete a way."""
        self.write(f"{_API}/del_join_way", {"config_id": config_id})

    def list_group_chats(
        self, *, owners: Sequence[str] | None = None, status: int = 0, cursor: str | None = None, limit: int = 1000
    ) -> ChatPage:
        """A page (1–1000) of chats; without `owners` (≤ 100) only for apps with at most 1000 members in scope."""
        body = compact(
            status_filter=status,
            owner_filter=None if owners is None else {"userid_list": list(owners)},
            cursor=cursor,
            limit=limit,
        )
        found = self.read(f"{_API}/list", body)
        chats = tuple(ChatEntry(text(i, "chat_id"), number(i, "status")) for i in objects(found, "group_chat_list"))
        return ChatPage(chats=chats, next_cursor=text(found, "next_cursor"))

    def get_group_chat(self, chat_id: str, *, names: bool = True) -> GroupChat:
        """One chat with its members; `names` asks for their names too."""
        found = self.read(f"{_API}/get", {"chat_id": chat_id, "need_name": int(names)})
        return _chat(mapping(found, "group_chat"))


def _settings(
    chat_ids: Sequence[str],
    scene: int,
    remark: str | None,
    auto_create_room: bool | None,
    room_base_name: str | None,
    room_base_id: int | None,
    state: str | None,
    mark_source: bool | None,
) -> dict[str, object]:
    if not 1 <= len(chat_ids) <= limits.JOIN_WAY_CHATS:
        raise ValueError(f"a join way leads to 1 to {limits.JOIN_WAY_CHATS} chats")
    limits.JOIN_WAY_REMARK.check(remark or "")
    limits.JOIN_WAY_STATE.check(state or "")
    limits.ROOM_BASE_NAME.check(room_base_name or "")
    return compact(
        scene=scene,
        remark=remark,
        auto_create_room=None if auto_create_room is None else int(auto_create_room),
        room_base_name=room_base_name,
        room_base_id=room_base_id,
        chat_id_list=chat_ids,
        state=state,
        mark_source=mark_source,
    )


def _join_way(data: Json) -> JoinWay:
    return JoinWay(
        config_id=text(data, "config_id"),
        scene=number(data, "scene"),
        remark=text(data, "remark"),
        auto_create_room=flag(data, "auto_create_room", default=True),
        room_base_name=text(data, "room_base_name"),
        room_base_id=number(data, "room_base_id"),
        chat_ids=texts(data, "chat_id_list"),
        qr_code=text(data, "qr_code"),
        state=text(data, "state"),
        mark_source=flag(data, "mark_source", default=True),
    )


def _chat(data: Json) -> GroupChat:
    return GroupChat(
        chat_id=text(data, "chat_id"),
        name=text(data, "name"),
        owner=text(data, "owner"),
        create_time=number(data, "create_time"),
        notice=text(data, "notice"),
        members=tuple(_member(item) for item in objects(data, "member_list")),
        admins=tuple(text(item, "userid") for item in objects(data, "admin_list")),
        member_version=text(data, "member_version"),
    )


def _member(data: Json) -> ChatMember:
    return ChatMember(
        userid=text(data, "userid"),
        type=number(data, "type"),
        unionid=text(data, "unionid"),
        join_time=number(data, "join_time"),
        join_scene=number(data, "join_scene"),
        invitor=text(mapping(data, "invitor"), "userid"),
        group_nickname=text(data, "group_nickname"),
        name=text(data, "name"),
        state=text(data, "state"),
    )
