"""Members from a list (CSV or xlsx): every row is checked, then all are invited or none (product.md §5.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from permissions.access import Access
from permissions.models import Department, Invitation, Member, RoleBundle
from permissions.rules import Scope
from permissions.selectors.reach import departments_within
from permissions.services.handing_out import BundleRefused, check_givable, giver_now
from permissions.services.invitations import Issued, Plan, invitations_create
from permissions.wording import needs_department

MOST_ROWS = 500
NAME_LENGTH = 40
COLUMNS = ("姓名", "部门", "角色权限包", "邮箱")
_BETWEEN = re.compile(r"[、,，;；\n]+")


class ImportRefused(ValueError):
    """Something is wrong with some row: nobody was invited. ``rows`` is what the preview shows."""

    def __init__(self, rows: Sequence[ImportRow]) -> None:
        super().__init__("nobody was invited")
        self.rows = rows


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row of the list as it was read. ``number``: its line in the file; ``errors``: what is wrong, in Chinese."""

    number: int
    name: str
    department: str
    bundles: str
    email: str
    department_id: int | None = None
    bundle_keys: tuple[str, ...] = ()
    bundle_names: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Invited:
    """A row that became an invitation."""

    row: ImportRow
    issued: Issued


def read_rows(cells: Sequence[Sequence[str]]) -> list[tuple[int, tuple[str, str, str, str]]]:
    """The rows of a sheet with their line numbers (from 1): columns by their heads, else in the order of COLUMNS.

    Lines without anything are left out.
    """
    head = [cell.strip() for cell in cells[0]] if cells else []
    named = "姓名" in head
    places = [head.index(column) if column in head else None for column in COLUMNS] if named else [0, 1, 2, 3]
    rows = []
    for number, line in enumerate(cells, start=1):
        if (named and number == 1) or not any(line):
            continue
        name, department, bundles, email = (
            line[place].strip() if place is not None and place < len(line) else "" for place in places
        )
        rows.append((number, (name, department, bundles, email)))
    return rows


def import_check(
    access: Access, rows: Sequence[tuple[int, tuple[str, str, str, str]]], *, now: datetime
) -> list[ImportRow]:
    """Every row with what is wrong with it. Raises Denied without ``members.manage``. Nothing is written."""
    check = _Check(access, now)
    return [check.row(number, *cells) for number, cells in rows]


@transaction.atomic
def members_import(
    *, access: Access, rows: Sequence[tuple[int, tuple[str, str, str, str]]], days: int, now: datetime
) -> list[Invited]:
    """Invite everybody of the list, or nobody. Two imports of one member wait for each other: none is made twice.

    Raises Denied, ImportRefused with the rows, ValueError for more than 500 rows, for none, or for other days.
    """
    access.require("members.manage")
    if not 0 < len(rows) <= MOST_ROWS or access.member_id is None:
        raise ValueError(f"1 to {MOST_ROWS} rows, by a member")
    access = giver_now(access, now=now)
    checked = import_check(access, rows, now=now)
    if any(row.errors for row in checked):
        raise ImportRefused(checked)
    plans = [Plan(row.name, row.department_id, row.bundle_keys) for row in checked]
    issued = invitations_create(access=access, plans=plans, days=days, now=now)
    return [Invited(row, one) for row, one in zip(checked, issued, strict=True)]


class _Check:
    """What rows are checked against, read once."""

    def __init__(self, access: Access, now: datetime) -> None:
        self.access = access
        self.within = departments_within(access)
        self.departments = _by_name()
        bundles = list(RoleBundle.objects.exclude(capabilities=[]).values_list("name", "key", "scope"))
        self.bundles = {name: key for name, key, _ in bundles}
        self.by_department = {name for name, _, scope in bundles if scope == Scope.DEPARTMENT}
        self.refused: dict[str, str] = {}
        waiting = Invitation.objects.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=now)
        self.invited = set(waiting.values_list("display_name", "department_id"))
        self.members = set(Member.objects.filter(is_active=True).values_list("display_name", "department_id"))
        self.lines: dict[tuple[str, int | None], int] = {}
        self.emails: dict[str, int] = {}

    def row(self, number: int, name: str, department: str, bundles: str, email: str) -> ImportRow:
        """One row; call in the order of the file."""
        department_id, errors = self._department(department)
        names = tuple(dict.fromkeys(filter(None, (word.strip() for word in _BETWEEN.split(bundles)))))
        if not department and not errors and (missing := [one for one in names if one in self.by_department]):
            errors = [needs_department(missing)]
        errors = [*self._name(number, name, department_id), *errors, *self._bundles(names), *self._email(number, email)]
        return ImportRow(
            number=number,
            name=name,
            department=department,
            bundles=bundles,
            email=email,
            department_id=department_id,
            bundle_keys=tuple(self.bundles[one] for one in names if one in self.bundles),
            bundle_names=names,
            errors=tuple(errors),
        )

    def _name(self, number: int, name: str, department_id: int | None) -> list[str]:
        if not name:
            return ["请填写姓名"]
        if len(name) > NAME_LENGTH:
            return [f"姓名不能超过 {NAME_LENGTH} 个字"]
        who = (name, department_id)
        first = self.lines.setdefault(who, number)
        if first != number:
            return [f"与第 {first} 行重复，同名的人请在姓名后加以区分"]
        if who in self.invited:
            return ["已有未接受的邀请"]
        return ["部门中已有同名成员，请在姓名后加以区分"] if who in self.members else []

    def _department(self, text: str) -> tuple[int | None, list[str]]:
        if not text:
            return None, [] if self.within is None else ["请填写部门"]
        found = self.departments.get("/".join(part.strip() for part in text.split("/")), [])
        if not found:
            return None, [f"没有部门「{text}」"]
        if len(found) > 1:
            return None, [f"有 {len(found)} 个部门叫「{text}」，请写出上级，例如 总部/{text}"]
        if self.within is not None and found[0] not in self.within:
            return None, [f"部门「{text}」不在您的权限范围内"]
        return found[0], []

    def _bundles(self, names: Sequence[str]) -> list[str]:
        if not names:
            return ["请填写角色权限包"]
        errors = [f"没有角色权限包「{name}」" for name in names if name not in self.bundles]
        return errors + [why for name in names if name in self.bundles and (why := self._why_not(name))]

    def _why_not(self, name: str) -> str:
        if name not in self.refused:
            try:
                check_givable(self.access, [self.bundles[name]])
                self.refused[name] = ""
            except BundleRefused as refused:
                self.refused[name] = f"您不能授予「{name}」，缺少：{refused.lacks}"
        return self.refused[name]

    def _email(self, number: int, email: str) -> list[str]:
        if not email:
            return []
        try:
            validate_email(email)
        except ValidationError:
            return ["邮箱格式不正确"]
        first = self.emails.setdefault(email.lower(), number)
        return [f"邮箱与第 {first} 行重复"] if first != number else []


def _by_name() -> Mapping[str, list[int]]:
    """Departments by name and by each longer path upwards (部门, 总部/部门)."""
    rows = list(Department.objects.values_list("id", "name", "path"))
    names = {pk: name for pk, name, _ in rows}
    found: dict[str, list[int]] = {}
    for pk, _, path in rows:
        line = [names[int(part)] for part in path.split("/") if part and int(part) in names]
        for start in range(len(line)):
            found.setdefault("/".join(line[start:]), []).append(pk)
    return found
