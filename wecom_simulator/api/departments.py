"""Departments (documents 90208, 95350, 95351)."""

from __future__ import annotations

from wecom_simulator.api.gate import Call, endpoint
from wecom_simulator.errors import WecomError
from wecom_simulator.model import Department
from wecom_simulator.router import Json
from wecom_simulator.store import Corp


def subtree(corp: Corp, root: int) -> set[int]:
    """A department's id and those of all below it; empty when there is no such department."""
    if str(root) not in corp.departments:
        return set()
    found, edge = {root}, {root}
    while edge:
        edge = {entry.id for entry in corp.departments.values() if entry.parentid in edge} - found
        found |= edge
    return found


def _asked(call: Call) -> list[Department]:
    wanted = call.query.get("id", "")
    if not wanted:
        return list(call.corp.departments.values())
    if not wanted.isdigit():
        raise WecomError(60123)
    ids = subtree(call.corp, int(wanted))
    if not ids:
        raise WecomError(60003)
    return [entry for entry in call.corp.departments.values() if entry.id in ids]


def _full(entry: Department) -> Json:
    return {
        "id": entry.id,
        "name": entry.name,
        "name_en": entry.name_en,
        "department_leader": entry.department_leader,
        "parentid": entry.parentid,
        "order": entry.order,
    }


@endpoint("GET", "/cgi-bin/department/list", empty={"department": []})
def department_list(call: Call) -> Json:
    """A department and all below it, or all."""
    return {"department": [_full(entry) for entry in _asked(call)]}


@endpoint("GET", "/cgi-bin/department/simplelist", empty={"department_id": []})
def department_simplelist(call: Call) -> Json:
    """Ids only."""
    found = [{"id": entry.id, "parentid": entry.parentid, "order": entry.order} for entry in _asked(call)]
    return {"department_id": found}


@endpoint("GET", "/cgi-bin/department/get")
def department_get(call: Call) -> Json:
    """One department."""
    entry = call.corp.departments.get(call.query.get("id", ""))
    if entry is None:
        raise WecomError(60003)
    return {"department": _full(entry)}
