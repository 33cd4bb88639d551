"""Members of the contact list (documents 90196, 90200, 90201, 96067) and those with 客户联系 (92571).

As for an app made after 2022-06-20: no avatar, gender, mobile, e-mail or QR code.
"""

from __future__ import annotations

from wecom_simulator.api import params
from wecom_simulator.api.departments import subtree
from wecom_simulator.api.gate import Call, endpoint
from wecom_simulator.errors import WecomError
from wecom_simulator.model import Member
from wecom_simulator.router import Json
from wecom_simulator.store import Corp


def full(corp: Corp, member: Member) -> Json:
    """A member as user/get and user/list return it."""
    return {
        "userid": member.userid,
        "name": member.name,
        "department": member.department,
        "order": [0 for _ in member.department],
        "position": member.position,
        "is_leader_in_dept": [int(member.leader) for _ in member.department],
        "direct_leader": [],
        "telephone": "",
        "alias": member.alias,
        "status": member.status,
        "main_department": member.department[0] if member.department else 1,
        "extattr": {"attrs": []},
        "external_position": member.position,
        "external_profile": {"external_corp_name": corp.settings.name, "external_attr": []},
    }


def _of_department(call: Call) -> list[Member]:
    wanted = call.query.get("department_id", "")
    if not wanted.isdigit():
        raise WecomError(60123)
    ids = {int(wanted)}
    if wanted not in call.corp.departments:
        raise WecomError(60003)
    if call.query.get("fetch_child") == "1":
        ids = subtree(call.corp, int(wanted))
    return [member for member in call.corp.members.values() if member.status != 5 and ids & set(member.department)]


@endpoint("GET", "/cgi-bin/user/get")
def user_get(call: Call) -> Json:
    """One member; 60111 when there is none or they have left."""
    member = call.corp.member(call.query.get("userid", ""))
    if member is None or member.status == 5:
        raise WecomError(60111)
    return full(call.corp, member)


@endpoint("GET", "/cgi-bin/user/list", empty={"userlist": []})
def user_list(call: Call) -> Json:
    """The members of a department with details."""
    return {"userlist": [full(call.corp, member) for member in _of_department(call)]}


@endpoint("GET", "/cgi-bin/user/simplelist", empty={"userlist": []})
def user_simplelist(call: Call) -> Json:
    """The members of a department by name."""
    found = [{"userid": m.userid, "name": m.name, "department": m.department} for m in _of_department(call)]
    return {"userlist": found}


@endpoint("POST", "/cgi-bin/user/list_id")
def user_list_id(call: Call) -> Json:
    """All pairs of member and department."""
    limit = params.integer(call.body, "limit", 10_000)
    if not 1 <= limit <= 10_000:
        raise WecomError(40058, "limit")
    present = [member for member in call.corp.members.values() if member.status != 5]
    pairs = [f"{department}:{member.userid}" for member in present for department in member.department]
    shown, cursor = params.page(pairs, params.text(call.body, "cursor"), limit)
    entries = [pair.split(":", 1) for pair in shown]
    return {"next_cursor": cursor, "dept_user": [{"userid": user, "department": int(dep)} for dep, user in entries]}


@endpoint("GET", "/cgi-bin/externalcontact/get_follow_user_list", empty={"follow_user": []})
def get_follow_user_list(call: Call) -> Json:
    """Members with 客户联系 in the app's visible scope."""
    found = [m.userid for m in call.corp.members.values() if m.customer_contact and m.in_scope and m.status != 5]
    return {"follow_user": found}


def check_receiver(corp: Corp, userid: str) -> Member:
    """A member that may stand in a contact way or link; refused with WeCom's codes otherwise (document 92572)."""
    member = corp.member(userid)
    if member is None or member.status == 5:
        raise WecomError(40003, userid)
    if not member.in_scope:
        raise WecomError(60011, userid)
    if member.status != 1:
        raise WecomError(41054, userid)
    if not member.customer_contact:
        raise WecomError(84074, userid)
    if not member.verified:
        raise WecomError(40098, userid)
    return member


def expand(corp: Corp, users: list[str], parties: list[int]) -> list[str]:
    """The members named and those of the departments and below, each once; 60123 for an unknown department."""
    found: dict[str, str] = {}
    for userid in users:
        member = corp.member(userid)
        found.setdefault(userid.lower(), member.userid if member else userid)
    for party in parties:
        ids = subtree(corp, party)
        if not ids:
            raise WecomError(60123)
        for member in corp.members.values():
            if member.customer_contact and member.status == 1 and ids & set(member.department):
                found.setdefault(member.userid.lower(), member.userid)
    return list(found.values())
