"""The form of a group: its name, the department that it follows, or its people, picked, pasted or from a file."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from livecode_admin.kernel.web.parameters import whole_number, whole_numbers
from people.selectors import GroupRow, StaffCard

FILE_MAX = 512 * 1024
# First cells of a list's head.
HEADS = frozenset({"姓名", "名称", "客服", "账号", "帐号", "成员", "userid", "user_id", "name", "wecom_userid"})
CHANGED_BY_OTHERS = "分组刚刚被其他人修改过：下面是您的版本，请核对后再保存一次"
_BETWEEN = re.compile(r"[\n\r,，、;；\t]+")


@dataclass(slots=True)
class GroupForm:
    """What was sent. ``department_id`` None: the group holds ``staff_ids``. ``errors`` is by field."""

    name: str
    department_id: int | None
    staff_ids: list[int]
    errors: dict[str, str] = field(default_factory=dict)
    pasted: str = ""


def group_stamp(group: GroupRow) -> str:
    """What the group held when the page was opened, so that two people editing it are told."""
    return hashlib.sha256(repr((group.name, group.department_id, group.staff_ids)).encode()).hexdigest()[:16]


def read_group(
    data: QueryDict, upload: UploadedFile[Any] | None, group: GroupRow, staff: Sequence[StaffCard]
) -> GroupForm:
    """Read the form. ``staff``: those whom the member may move; others who are in the group stay in it.

    ``add`` and ``remove`` (a drag, a ×) change the present people by one; otherwise ``people`` are all of them.
    """
    if "add" in data or "remove" in data:
        gone = set(whole_numbers(data.getlist("remove")))
        ids = [pk for pk in group.staff_ids if pk not in gone] + whole_numbers(data.getlist("add"))
        return GroupForm(group.name, None, list(dict.fromkeys(ids)))
    form = GroupForm(data.get("name", group.name).strip(), None, [], pasted=data.get("pasted", ""))
    if data.get("stamp") != group_stamp(group):
        form.errors["stamp"] = CHANGED_BY_OTHERS
    if data.get("follow") == "department":
        form.department_id = whole_number(data.get("department"))
        form.staff_ids = [] if group.department_id else group.staff_ids
        if form.department_id is None:
            form.errors["department"] = "请选择部门"
        return form
    movable = {card.id for card in staff}
    kept = [] if group.department_id else [pk for pk in group.staff_ids if pk not in movable]
    # Somebody whom the member may not move is for the service to refuse.
    picked = [pk for pk in whole_numbers(data.getlist("people")) if pk not in kept]
    words = [*_BETWEEN.split(form.pasted), *_of_file(upload, form)]
    # Who was there stays where they were; who is new comes after them.
    wanted = {*kept, *picked}
    present = [pk for pk in group.staff_ids if pk in wanted]
    form.staff_ids = list(dict.fromkeys([*present, *picked, *_of_words(words, staff, form)]))
    return form


def _of_words(words: Iterable[str], staff: Sequence[StaffCard], form: GroupForm) -> list[int]:
    """The people whom user ids or names mean; unknown and ambiguous ones are told."""
    by_id = {card.wecom_userid.lower(): card.id for card in staff}
    by_name: dict[str, list[int]] = {}
    for card in staff:
        by_name.setdefault(card.name, []).append(card.id)
    found: list[int] = []
    unknown: list[str] = []
    several: list[str] = []
    for word in filter(None, (word.strip() for word in words)):
        if word.lower() in by_id:
            found.append(by_id[word.lower()])
        elif len(by_name.get(word, ())) == 1:
            found.append(by_name[word][0])
        else:
            (several if word in by_name else unknown).append(word)
    told = [f"找不到：{'、'.join(unknown[:10])}"] if unknown else []
    told += [f"有同名的人，请改用企业微信账号：{'、'.join(several[:10])}"] if several else []
    if told:
        form.errors["pasted"] = "；".join(told)
    return found


def _of_file(upload: UploadedFile[Any] | None, form: GroupForm) -> list[str]:
    """The first cell of each line of a CSV file, in UTF-8 or GB18030, without its head."""
    if upload is None:
        return []
    if (upload.size or 0) > FILE_MAX:
        form.errors["file"] = "文件不能超过 512 KB"
        return []
    raw = upload.read()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        form.errors["file"] = "无法读取文件，请另存为 UTF-8 编码的 CSV"
        return []
    cells = [row[0].strip() for row in csv.reader(io.StringIO(text)) if row and row[0].strip()]
    return cells[1:] if cells and cells[0].lower() in HEADS else cells
