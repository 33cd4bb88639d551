"""Acquisition links 获客助手 (documents 97297, 97298, 97375, 97400)."""

from __future__ import annotations

import secrets

from wecom_simulator.api import params
from wecom_simulator.api.departments import subtree
from wecom_simulator.api.gate import Call, endpoint
from wecom_simulator.api.members import check_receiver, expand
from wecom_simulator.errors import WecomError
from wecom_simulator.model import Link
from wecom_simulator.router import Json
from wecom_simulator.store import Corp

PREFIX = "/cgi-bin/externalcontact/customer_acquisition"
MOST_PEOPLE = 500
DAY = 86_400


@endpoint("POST", PREFIX + "/list_link", empty={"link_id_list": []})
def list_link(call: Call) -> Json:
    """The ids of all links."""
    limit = params.integer(call.body, "limit", 100)
    if not 1 <= limit <= 100:
        raise WecomError(40058, "limit")
    shown, cursor = params.page(list(call.corp.links), params.text(call.body, "cursor"), limit)
    return {"link_id_list": shown, "next_cursor": cursor}


@endpoint("POST", PREFIX + "/get")
def get_link(call: Call) -> Json:
    """One link."""
    link = _link(call)
    answer: Json = {
        "link": {
            "link_name": link.link_name,
            "url": link.url,
            "create_time": link.create_time,
            "skip_verify": link.skip_verify,
            "mark_source": link.mark_source,
        },
        "range": link.range,
    }
    if link.priority_option:
        answer["priority_option"] = link.priority_option
    return answer


@endpoint("POST", PREFIX + "/create_link")
def create_link(call: Call) -> Json:
    """A new link; its address is on this simulator."""
    link_id = f"caw{secrets.token_hex(8)}"
    link = Link(link_id, "", f"{call.world.config.base_url}/ca/{link_id}", call.now)
    if not params.text(call.body, "link_name") or "range" not in call.body:
        raise WecomError(40058, "link_name and range are required")
    _apply(call.corp, link, call.body)
    call.corp.links[link_id] = link
    call.corp.touch("links")
    shown = {"link_id": link_id, "link_name": link.link_name, "url": link.url, "create_time": link.create_time}
    return {"link": shown}


@endpoint("POST", PREFIX + "/update_link")
def update_link(call: Call) -> Json:
    """Change a link; range and priority replace what was there."""
    _apply(call.corp, _link(call), call.body)
    call.corp.touch("links")
    return {}


@endpoint("POST", PREFIX + "/delete_link")
def delete_link(call: Call) -> Json:
    """Delete a link for good."""
    del call.corp.links[_link(call).link_id]
    call.corp.touch("links")
    return {}


def _link(call: Call) -> Link:
    link = call.corp.links.get(params.required(call.body, "link_id"))
    if link is None:
        raise WecomError(40058, "link_id")
    return link


def _apply(corp: Corp, link: Link, body: Json) -> None:
    name = params.text(body, "link_name", chars=30) or link.link_name
    skip_verify = params.boolean(body, "skip_verify", link.skip_verify)
    mark_source = params.boolean(body, "mark_source", link.mark_source)
    if "range" in body:
        link.range = _checked_range(corp, params.table(body, "range"))
    if "priority_option" in body:
        option = params.table(body, "priority_option")
        params.texts(option, "priority_userid_list", most=1000)
        if params.integer(option, "priority_type") not in (1, 2):
            raise WecomError(40058, "priority_type")
        link.priority_option = option
    link.link_name, link.skip_verify, link.mark_source = name, skip_verify, mark_source


def _checked_range(corp: Corp, wanted: Json) -> Json:
    users, parties = params.texts(wanted, "user_list"), params.integers(wanted, "department_list")
    if not users and not parties:
        raise WecomError(40058, "range is empty")
    for userid in users:
        check_receiver(corp, userid)
    if any(not subtree(corp, party) for party in parties):
        raise WecomError(60123)
    if len(expand(corp, users, parties)) > MOST_PEOPLE:
        raise WecomError(41041)
    return {"user_list": users, "department_list": parties}


@endpoint("POST", PREFIX + "/customer", empty={"customer_list": []})
def customer(call: Call) -> Json:
    """The customers that came by a link. chat_status: 0 nothing sent, 1 sent."""
    link = _link(call)
    limit = params.integer(call.body, "limit", 1000)
    if not 1 <= limit <= 1000:
        raise WecomError(40058, "limit")
    keys = [key for key, follow in call.corp.follows.items() if follow.link_id == link.link_id]
    keys = [key for key in keys if call.corp.follows[key].status in ("friend", "lost", "dropped")]
    shown, cursor = params.page(keys, params.text(call.body, "cursor"), limit)
    found = [call.corp.follows[key] for key in shown]
    entries = [
        {
            "external_userid": follow.external_userid,
            "userid": follow.userid,
            "chat_status": int(follow.started_chat),
            "state": follow.state,
        }
        for follow in found
    ]
    return {"customer_list": entries, "next_cursor": cursor}


@endpoint("GET", PREFIX + "_quota")
def quota(call: Call) -> Json:
    """Adds bought and left."""
    settings = call.corp.settings
    batch = {"expire_date": (call.now // DAY + 180) * DAY, "balance": settings.quota_balance}
    return {"total": settings.quota_total, "balance": settings.quota_balance, "quota_list": [batch]}


@endpoint("POST", PREFIX + "/statistic")
def statistic(call: Call) -> Json:
    """Clicks and adds of a link in a period of at most 30 days, at most 180 days back."""
    link = _link(call)
    start, end = params.integer(call.body, "start_time"), params.integer(call.body, "end_time")
    if not call.now - 181 * DAY <= start <= end or end - start > 30 * DAY:
        raise WecomError(40058, "time range")
    adds = [f for f in call.corp.follows.values() if f.link_id == link.link_id and start <= f.createtime <= end + DAY]
    clicks = sum(1 for moment in link.clicks if start <= moment <= end + DAY)
    return {"click_link_customer_cnt": clicks, "new_customer_cnt": len(adds)}


@endpoint("POST", PREFIX + "/get_chat_info")
def get_chat_info(call: Call) -> Json:
    """Who a message_from_customer event was about; the key is good for 30 minutes."""
    key = params.required(call.body, "chat_key")
    moment, _, follow_key = key.partition("|")
    follow = call.corp.follows.get(follow_key)
    if follow is None or not moment.isdigit() or call.now - int(moment) > 1800:
        raise WecomError(40058, "chat_key")
    info = {"recv_msg_cnt": follow.received, "link_id": follow.link_id, "state": follow.state}
    return {"userid": follow.userid, "external_userid": follow.external_userid, "chat_info": info}
