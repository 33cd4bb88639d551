"""What a message to a customer may carry besides text (documents 92137, 92572)."""

from __future__ import annotations

from dataclasses import dataclass

from wecom import limits
from wecom.client.decode import Json, compact, mapping, text


@dataclass(frozen=True)
class Image:
    """An image: a media id (3 days), or a URL from `upload_image`. The media id wins."""

    media_id: str | None = None
    pic_url: str | None = None

    def body(self) -> dict[str, object]:
        """As WeCom wants it."""
        return compact(media_id=self.media_id, pic_url=self.pic_url)


@dataclass(frozen=True)
class Link:
    """A link card: title ≤ 128 bytes, description ≤ 512 bytes."""

    title: str
    url: str
    picurl: str | None = None
    desc: str | None = None

    def body(self) -> dict[str, object]:
        """As WeCom wants it. Raises TooLong."""
        limits.LINK_TITLE.check(self.title)
        limits.LINK_DESCRIPTION.check(self.desc or "")
        return compact(title=self.title, picurl=self.picurl, desc=self.desc, url=self.url)


@dataclass(frozen=True)
class MiniProgram:
    """A mini program card: title ≤ 64 bytes; the app must be linked to the corp."""

    title: str
    pic_media_id: str
    appid: str
    page: str

    def body(self) -> dict[str, object]:
        """As WeCom wants it. Raises TooLong."""
        limits.MINI_PROGRAM_TITLE.check(self.title)
        return compact(title=self.title, pic_media_id=self.pic_media_id, appid=self.appid, page=self.page)


@dataclass(frozen=True)
class Video:
    """A video by media id."""

    media_id: str

    def body(self) -> dict[str, object]:
        """As WeCom wants it."""
        return compact(media_id=self.media_id)


@dataclass(frozen=True)
class File:
    """A file by media id."""

    media_id: str

    def body(self) -> dict[str, object]:
        """As WeCom wants it."""
        return compact(media_id=self.media_id)


Attachment = Image | Link | MiniProgram | Video | File
_NAMES: dict[type, str] = {Image: "image", Link: "link", MiniProgram: "miniprogram", Video: "video", File: "file"}


def attachment_body(attachment: Attachment) -> dict[str, object]:
    """`{"msgtype": "link", "link": {…}}`. Raises TooLong."""
    name = _NAMES[type(attachment)]
    return {"msgtype": name, name: attachment.body()}


@dataclass(frozen=True)
class Conclusions:
    """What ends a temporary session: text ≤ 4000 bytes and one of image, link, mini program."""

    text: str | None = None
    image: Image | None = None
    link: Link | None = None
    miniprogram: MiniProgram | None = None

    def body(self) -> dict[str, object]:
        """As WeCom wants it. Raises TooLong."""
        limits.WELCOME_TEXT.check(self.text or "")
        return compact(
            text=None if self.text is None else {"content": self.text},
            image=self.image and self.image.body(),
            link=self.link and self.link.body(),
            miniprogram=self.miniprogram and self.miniprogram.body(),
        )


def conclusions_of(data: Json) -> Conclusions | None:
    """The conclusions in an answer; None when there are none."""
    if not data:
        return None
    image, link, program = mapping(data, "image"), mapping(data, "link"), mapping(data, "miniprogram")
    return Conclusions(
        text=text(mapping(data, "text"), "content") or None,
        image=Image(text(image, "media_id") or None, text(image, "pic_url") or None) if image else None,
        link=Link(text(link, "title"), text(link, "url"), text(link, "picurl") or None, text(link, "desc") or None)
        if link
        else None,
        miniprogram=MiniProgram(
            text(program, "title"), text(program, "pic_media_id"), text(program, "appid"), text(program, "page")
        )
        if program
        else None,
    )
