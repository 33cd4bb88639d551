"""Corp tags (企业标签): documents 92117, 92118. An app edits and deletes only the tags that it made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wecom import limits
from wecom.client.calls import Caller
from wecom.client.decode import Json, compact, flag, mapping, number, objects, text

_API = "externalcontact"


@dataclass(frozen=True)
class CorpTag:
    """A tag. `deleted` only says something when it was asked for by id."""

    id: str
    name: str
    create_time: int
    order: int
    deleted: bool


@dataclass(frozen=True)
class TagGroup:
    """A group of tags; larger `order` first."""

    group_id: str
    group_name: str
    create_time: int
    order: int
    deleted: bool
    tags: tuple[CorpTag, ...]


@dataclass(frozen=True)
class NewTag:
    """A tag to be made: name ≤ 30 characters."""

    name: str
    order: int | None = None


class Tags(Caller):
    """Corp tags."""

    def list_corp_tags(
        self, *, tag_ids: Sequence[str] | None = None, group_ids: Sequence[str] | None = None
    ) -> list[TagGroup]:
        """All groups, or those asked for (given both, WeCom takes the groups)."""
        found = self.read(f"{_API}/get_corp_tag_list", compact(tag_id=tag_ids, group_id=group_ids))
        return [_group(item) for item in objects(found, "tag_group")]

    def add_corp_tag(
        self,
        tags: Sequence[NewTag],
        *,
        group_id: str | None = None,
        group_name: str | None = None,
        order: int | None = None,
        agent_id: int | None = None,
    ) -> TagGroup:
        """Make tags in a group; an existing `group_name` is extended. `agent_id`: old suites only. Raises TooLong."""
        limits.TAG_GROUP_NAME.check(group_name or "")
        new = [compact(name=limits.TAG_NAME.check(tag.name), order=tag.order) for tag in tags]
        body = compact(group_id=group_id, group_name=group_name, order=order, tag=new, agentid=agent_id)
        return _group(mapping(self.write(f"{_API}/add_corp_tag", body), "tag_group"))

    def edit_corp_tag(
        self, item_id: str, *, name: str | None = None, order: int | None = None, agent_id: int | None = None
    ) -> None:
        """Rename or reorder a tag or a group. Raises TooLong."""
        limits.TAG_NAME.check(name or "")
        self.write(f"{_API}/edit_corp_tag", compact(id=item_id, name=name, order=order, agentid=agent_id))

    def del_corp_tag(
        self,
        *,
        tag_ids: Sequence[str] | None = None,
        group_ids: Sequence[str] | None = None,
        agent_id: int | None = None,
    ) -> None:
        """Delete tags or groups; a group disappears with its last tag. Raises ValueError when nothing is named."""
        if not tag_ids and not group_ids:
            raise ValueError("name a tag or a group")
        self.write(f"{_API}/del_corp_tag", compact(tag_id=tag_ids, group_id=group_ids, agentid=agent_id))

    def mark_tag(
        self,
        *,
        userid: str,
        external_userid: str,
        add: Sequence[str] | None = None,
        remove: Sequence[str] | None = None,
    ) -> None:
        """Set and take tags of one customer as seen by one member. Raises ValueError when nothing is named."""
        if not add and not remove:
            raise ValueError("name a tag")
        body = compact(userid=userid, external_userid=external_userid, add_tag=add, remove_tag=remove)
        self.write(f"{_API}/mark_tag", body)


def _group(data: Json) -> TagGroup:
    return TagGroup(
        group_id=text(data, "group_id"),
        group_name=text(data, "group_name"),
        create_time=number(data, "create_time"),
        order=number(data, "order"),
        deleted=flag(data, "deleted"),
        tags=tuple(
            CorpTag(
                id=text(tag, "id"),
                name=text(tag, "name"),
                create_time=number(tag, "create_time"),
                order=number(tag, "order"),
                deleted=flag(tag, "deleted"),
            )
            for tag in objects(data, "tag")
        ),
    )
