"""A customer's way from the printed code to the chat, through a real page, by the JSON that the phone page uses."""

from __future__ import annotations

import base64

import pytest

from tests.wecom_simulator.conftest import CorpInUse
from tests.wecom_simulator.console import Console

PAGE = """<!doctype html><html><head><title>知行教育</title><style>.x{{background:url('/bg.png')}}</style></head>
<body><a href="?next=1">换一位</a>
<form action="/pick" method="post"></form><img class="qr" src="{src}"></body></html>"""


def _landing(corp: CorpInUse, console: Console) -> str:
    """A landing page with the QR of a contact way; the way's config id."""
    config_id = str(corp.way(state="hosted1")["config_id"])
    console.files["/qr.png"] = corp.sim.client.get(f"/sim/qr/{config_id}.png").content
    console.page = PAGE.format(src="/qr.png")
    return config_id


def test_a_picture_of_our_code_opens_our_page_as_wechat_does(corp: CorpInUse, console: Console) -> None:
    _landing(corp, console)
    console.redirects["/c/abc"] = "/landing"
    picture = corp.sim.client.get("/sim/qr", params={"text": f"{console.url}/c/abc"}).content
    person = corp.customer()
    files = {"picture": ("photo.png", picture, "image/png")}
    screen = corp.sim.client.post(f"/sim/customers/{person}/scan", files=files).json()
    assert (screen["kind"], screen["title"], screen["url"]) == ("page", "知行教育", f"{console.url}/landing")
    paths = [path for path, _ in console.requests]
    assert paths == ["/c/abc", "/landing", "/qr.png"]
    agents = {headers["User-Agent"] for _, headers in console.requests}
    assert all("MicroMessenger" in agent for agent in agents)
    assert console.requests[2][1]["Cookie"] == "visitor=v1"


def test_long_press_leads_to_the_person_and_adding_to_the_chat(corp: CorpInUse, console: Console) -> None:
    config_id = _landing(corp, console)
    person = corp.customer()
    corp.sim.post(f"/sim/customers/{person}/scan", {"text": f"{console.url}/c/abc"})
    screen = corp.sim.post(f"/sim/customers/{person}/recognise")
    assert (screen["kind"], screen["name"], screen["config_id"]) == ("contact", "林晓彤", config_id)
    friend = corp.sim.post(f"/sim/customers/{person}/add", {"text": screen["text"], "userid": screen["userid"]})
    assert (friend["status"], friend["state"]) == ("friend", "hosted1")
    entries = corp.sim.get("/sim/timeline", person=person)["entries"]
    kinds = [entry["kind"] for entry in entries if entry["person_id"] == person]
    assert kinds[:5] == ["scan", "page", "scan", "add", "friend"]


def test_the_whole_walk_in_one_call(corp: CorpInUse, console: Console) -> None:
    _landing(corp, console)
    walked = corp.sim.post(f"/sim/customers/{corp.customer()}/walk", {"text": f"{console.url}/c/abc"})
    assert [screen["kind"] for screen in walked["screens"]] == ["page", "contact"]
    assert walked["friend"]["status"] == "friend"


def test_two_codes_on_one_page_collide(corp: CorpInUse, console: Console) -> None:
    _landing(corp, console)
    console.files["/other.png"] = corp.sim.client.get("/sim/qr?text=https://example.com").content
    console.page += '<img src="/other.png">'
    person = corp.customer()
    corp.sim.post(f"/sim/customers/{person}/scan", {"text": f"{console.url}/c/abc"})
    assert corp.sim.post(f"/sim/customers/{person}/recognise")["count"] == 2


def test_an_inline_picture_is_recognised_too(corp: CorpInUse, console: Console) -> None:
    _landing(corp, console)
    inline = base64.b64encode(console.files["/qr.png"]).decode()
    console.page = PAGE.format(src=f"data:image/png;base64,{inline}")
    person = corp.customer()
    corp.sim.post(f"/sim/customers/{person}/open", {"url": f"{console.url}/c/abc"})
    assert corp.sim.post(f"/sim/customers/{person}/recognise")["kind"] == "contact"


def test_a_redirect_to_an_acquisition_link_leads_straight_to_the_person(corp: CorpInUse, console: Console) -> None:
    body = {"link_name": "地铁", "range": {"user_list": ["chensy"]}}
    url = corp.api("externalcontact/customer_acquisition/create_link", body)["link"]["url"]
    console.redirects["/c/link"] = f"{url}?customer_channel=ch9"
    screen = corp.sim.post(f"/sim/customers/{corp.customer()}/scan", {"text": f"{console.url}/c/link"})
    assert (screen["kind"], screen["userid"], screen["state"]) == ("contact", "chensy", "ch9")


def test_cookies_stay_with_their_customer_until_the_phone_is_new(corp: CorpInUse, console: Console) -> None:
    _landing(corp, console)
    first, second = corp.customer(), corp.customer()
    for person in (first, first, second):
        corp.sim.post(f"/sim/customers/{person}/open", {"url": f"{console.url}/landing"})
    corp.sim.delete(f"/sim/customers/{first}/cookies")
    corp.sim.post(f"/sim/customers/{first}/open", {"url": f"{console.url}/landing"})
    sent = [headers.get("Cookie") for path, headers in console.requests if path == "/landing"]
    assert sent == [None, "visitor=v1", None, None]


def test_the_frame_leads_every_address_through_the_simulator(corp: CorpInUse, console: Console) -> None:
    _landing(corp, console)
    person = corp.customer()
    corp.sim.post(f"/sim/customers/{person}/open", {"url": f"{console.url}/landing"})
    shown = corp.sim.client.get(f"/sim/customers/{person}/page")
    assert "script" not in shown.headers["content-security-policy"]
    assert f'src="/sim/customers/{person}/file?u=' in shown.text
    assert f'href="/sim/customers/{person}/navigate?u=' in shown.text
    assert f'action="/sim/customers/{person}/navigate?u=' in shown.text
    assert console.url not in shown.text
    before = len(console.requests)
    picture = corp.sim.client.get(f"/sim/customers/{person}/file", params={"u": f"{console.url}/qr.png"})
    assert picture.content == console.files["/qr.png"]
    assert len(console.requests) == before
    followed = corp.sim.client.get(
        f"/sim/customers/{person}/navigate", params={"u": f"{console.url}/landing?next=1"}, follow_redirects=True
    )
    assert followed.status_code == 200
    assert "/landing?next=1" in [path for path, _ in console.requests]


@pytest.mark.parametrize(
    "url", ["http://example.com/", "http://169.254.169.254/", "file:///etc/passwd", "http://[::1]/"]
)
def test_a_phone_opens_no_foreign_host(corp: CorpInUse, url: str) -> None:
    screen = corp.sim.post(f"/sim/customers/{corp.customer()}/open", {"url": url})
    assert screen["kind"] in ("refused", "text")


def test_a_picture_without_a_code_says_so(corp: CorpInUse) -> None:
    files = {"picture": ("photo.png", b"no picture at all", "image/png")}
    reply = corp.sim.client.post(f"/sim/customers/{corp.customer()}/scan", files=files)
    assert (reply.status_code, reply.json()["error"]) == (400, "图片里没有找到二维码")


def test_someone_who_is_full_or_left_cannot_be_added(corp: CorpInUse) -> None:
    text = corp.qr_text(corp.way()["config_id"])
    corp.set(members=[{"userid": "linxt", "full": True}])
    refused = corp.sim.post(f"/sim/customers/{corp.customer()}/add", {"text": text}, status=409)
    assert refused["error"] == "对方添加好友过于频繁，请稍后再试"
    corp.sim.delete(f"/sim/corps/{corp.corp_id}/members/linxt")
    refused = corp.sim.post(f"/sim/customers/{corp.customer()}/add", {"text": text}, status=409)
    assert refused["error"] == "该二维码已失效"


def test_messages_of_a_link_customer_are_told_as_wecom_does(corp: CorpInUse) -> None:
    body = {"link_name": "地铁", "range": {"user_list": ["linxt"]}}
    link = corp.api("externalcontact/customer_acquisition/create_link", body)["link"]
    person = corp.customer()
    friend = corp.sim.post(f"/sim/customers/{person}/add", {"text": f"{link['url']}?customer_channel=c1"})
    for number in range(3):
        words = {"corp_id": corp.corp_id, "userid": "linxt", "text": f"第 {number} 句"}
        corp.sim.post(f"/sim/customers/{person}/message", words)
    newest, before = corp.events()[:2]
    assert (newest["change_type"], before["change_type"]) == ("message_from_customer", "customer_start_chat")
    key = {"chat_key": newest["fields"]["ChatKey"]}
    info = corp.api("externalcontact/customer_acquisition/get_chat_info", key)
    assert info["external_userid"] == friend["external_userid"]
    assert info["chat_info"] == {"recv_msg_cnt": 3, "link_id": link["link_id"], "state": "c1"}
