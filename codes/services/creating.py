"""Creating and editing codes; every field goes through the field table (permissions, field_capabilities.csv)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from codes import naming, rules
from codes.models import CodeFolder, CodeParticipant, LiveCode
from codes.rules import Refused
from codes.selectors import time_zone
from codes.services.changing import code_to_change, in_words, note, require_on_code, search_key
from codes.services.filing import channel_ensure
from livecode_admin.kernel.ids import new_slug
from permissions.access import Access, Denied, Scope

SLUG_ATTEMPTS = 5
# Field of the model → field of the table; these a form may change.
EDITABLE: Mapping[str, str] = {
    "name": "name",
    "folder_id": "folder",
    "channel_id": "channel",
    "purpose": "purpose",
    "purpose_text": "purpose",
    "owner_id": "owner",
    "department_id": "department",
    "expires_at": "expires_at",
    "landing_text": "landing_text",
    "remark_suffix": "remark_suffix",
    "description": "description",
}
LENGTHS = {"name": 30, "purpose_text": 30, "landing_text": 120, "remark_suffix": 20, "description": 150}


@transaction.atomic
def code_create(
    *,
    access: Access,
    now: datetime,
    name: str,
    purpose: str,
    purpose_text: str,
    kind: str = "several",
    delivery: str = "hosted",
    channel_id: int | None = None,
    channel_name: str = "",
    folder_id: int | None = None,
    owner_id: int | None = None,
    department_id: int | None = None,
    expires_at: datetime | None = None,
    landing_text: str = "",
    remark_suffix: str = "",
    description: str = "",
    make_slug: Callable[[], str] = new_slug,
) -> int:
    """A new code as a draft; returns its id. Publishing is routing's, once somebody can receive.

    ``expires_at``: None is 永久有效. Owner and department are the creator's own unless given; ``channel_name`` makes
    the channel when there is none of that name.

    Raises:
        Denied: a capability is missing for creating, or for a field that differs from what a plain new code has.
        Refused: a value is wrong or the name is taken; says which field.
    """
    access.require("codes.create")
    channel_id = channel_id or channel_ensure(access=access, name=channel_name, now=now)
    owner_id, department_id = owner_id or access.member_id, department_id or access.department_id
    values: dict[str, Any] = {
        "name": name.strip(),
        "purpose": purpose,
        "purpose_text": purpose_text.strip(),
        "kind": kind,
        "delivery": delivery,
        "channel_id": channel_id,
        "folder_id": folder_id,
        "owner_id": owner_id,
        "department_id": department_id,
        "expires_at": expires_at,
        "landing_text": landing_text.strip(),
        "remark_suffix": remark_suffix.strip(),
        "description": description.strip(),
    }
    access.require_fields("code", _beyond_plain(access, values, now))
    _check_values(values, now)
    _check_placement(access, "codes.create", owner_id, department_id)
    code = _insert(values | {"created_at": now, "created_by_id": access.member_id}, make_slug)
    note(access, code, "created", before={}, after=in_words(code, ["slug", "state", *values]), now=now)
    return code.pk


@transaction.atomic
def code_update(*, access: Access, code_id: int, now: datetime, **changes: Any) -> list[str]:
    """Change fields of a code (the keys of ``EDITABLE``); returns the names of those that did change.

    Raises:
        NotFound, Denied: as code_to_change; also when one changed field's capability is missing: nothing is saved.
        Refused: a value is wrong, the name is taken, or the code is retired.
        TypeError: a field that isn't editable here.
    """
    if unknown := changes.keys() - EDITABLE.keys():
        raise TypeError(f"not editable: {sorted(unknown)}")
    code = code_to_change(access, code_id, "codes.view")
    wanted = {key: value.strip() if isinstance(value, str) else value for key, value in changes.items()}
    before = {key: getattr(code, key) for key, value in wanted.items() if getattr(code, key) != value}
    if not before:
        return []
    fields = {EDITABLE[key] for key in before}
    require_on_code(access, code_id, sorted(fields))
    if code.state == LiveCode.State.RETIRED:
        raise Refused("已归档的活码不能修改")
    after = {key: wanted[key] for key in before}
    told_before = in_words(code, before)
    _check_values(after, now)
    for key, value in after.items():
        setattr(code, key, value)
    if fields & {"owner", "department"}:
        _check_placement(access, "codes.edit", code.owner_id, code.department_id)
    _save(code, after)
    note(access, code, "updated", before=told_before, after=in_words(code, after), now=now)
    return sorted(before)


@transaction.atomic
def participants_set(*, code_id: int, member_ids: Iterable[int]) -> None:
    """Who has a seat of the code, by member: what scope *own* goes by. Called by routing with its roster changes."""
    wanted = set(member_ids)
    rows = CodeParticipant.objects.filter(code=code_id)
    present = set(rows.values_list("member_id", flat=True))
    if gone := present - wanted:
        rows.filter(member__in=gone).delete()
    CodeParticipant.objects.bulk_create(
        [CodeParticipant(code_id=code_id, member_id=member_id) for member_id in sorted(wanted - present)],
        ignore_conflicts=True,
    )


def _beyond_plain(access: Access, values: Mapping[str, Any], now: datetime) -> list[str]:
    """The fields of the table in which a new code differs from a plain one; creating covers the rest."""
    plain_end = rules.default_end(now=now, zone=time_zone())
    differs = {
        "channel": values["channel_id"] is not None,
        "folder": values["folder_id"] is not None,
        "owner": values["owner_id"] != access.member_id,
        "department": values["department_id"] != access.department_id,
        "expires_at": values["expires_at"] != plain_end,
        **{field: bool(values[field]) for field in ("landing_text", "remark_suffix", "description")},
    }
    return [field for field, differs_ in differs.items() if differs_]


def _check_values(values: Mapping[str, Any], now: datetime) -> None:
    """Refuse what forms and imports alike must not save; each message is for the field it names."""
    for field, label in (("name", "名称"), ("purpose_text", "用途")):
        if field in values and not values[field]:
            raise Refused(f"请填写{label}", field=field)
    for field, length in LENGTHS.items():
        if len(values.get(field) or "") > length:
            raise Refused(f"最多 {length} 个字", field=field)
    choices = (("purpose", LiveCode.Purpose), ("kind", LiveCode.Kind), ("delivery", LiveCode.Delivery))
    for field, allowed in choices:
        if field in values and values[field] not in allowed.values:
            raise Refused("请选择一项", field=field)
    if "expires_at" in values:
        rules.check_end(expires_at=values["expires_at"], now=now)
    folder_id = values.get("folder_id")
    if folder_id is not None and not CodeFolder.objects.filter(pk=folder_id).exists():
        raise Refused("该分类不存在", field="folder_id")


def _check_placement(access: Access, capability: str, owner_id: int | None, department_id: int | None) -> None:
    """A member gives codes only to where their own scope reaches: nobody files a code out of their own sight.

    Raises:
        Denied: the department or owner lies outside of the scope of ``capability``.
    """
    scope = access.scope(capability)
    if scope is Scope.ALL or (owner_id is not None and owner_id == access.member_id):
        return
    if scope is Scope.DEPARTMENT and department_id in access.department_ids:
        return
    raise Denied(capability)


def _insert(values: Mapping[str, Any], make_slug: Callable[[], str]) -> LiveCode:
    """The row with a slug that nobody has; slugs are unique over all companies, so only the database can tell."""
    for _ in range(SLUG_ATTEMPTS):
        slug = make_slug()
        code = LiveCode(slug=slug, **values)
        try:
            _save(code)
        except IntegrityError as error:
            if "codes_livecode_slug" not in str(error):
                raise _refusal(error) from error
            continue
        return code
    raise RuntimeError(f"no free slug in {SLUG_ATTEMPTS} attempts")


def _save(code: LiveCode, changed: Iterable[str] | None = None) -> None:
    """Save with the derived columns; a savepoint, so that a refused row leaves the transaction usable."""
    code.purpose_abbreviation = naming.abbreviation(code.purpose_text)
    code.search_key = search_key(name=code.name, slug=code.slug, purpose_text=code.purpose_text)
    try:
        with transaction.atomic():
            if changed is None:
                code.save(force_insert=True)
            else:
                code.save(update_fields=[*changed, "purpose_abbreviation", "search_key"])
    except IntegrityError as error:
        if changed is not None:
            raise _refusal(error) from error
        raise


def _refusal(error: IntegrityError) -> Exception:
    """The plain words for a constraint of codes_livecode, or the error itself."""
    said = str(error)
    if "codes_livecode_name" in said:
        return Refused("已有同名活码，请换一个名称", field="name")
    for field, label in (("channel", "渠道"), ("owner", "负责人"), ("department", "部门")):
        if f"codes_livecode_{field}_tenant" in said:
            return Refused(f"该{label}不存在", field=f"{field}_id")
    return error
