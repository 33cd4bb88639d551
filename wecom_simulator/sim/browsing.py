"""Scanning, the page in WeChat's browser, and 长按识别."""

from __future__ import annotations

import base64

from wecom_simulator import friendships, multipart, qr, scanning
from wecom_simulator.browser import rewritten
from wecom_simulator.friendships import Refused
from wecom_simulator.model import Json, Person
from wecom_simulator.outgoing import HostRefused
from wecom_simulator.router import BadRequest, Request, Response, html_response, json_response, redirect, route
from wecom_simulator.sim.customers import person_of
from wecom_simulator.world import World

FRAME_POLICY = (
    "sandbox allow-forms; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline' 'self'; "
    "font-src 'self'; form-action 'self'"
)


async def follow_text(world: World, person: Person, text: str, agent: str = "wechat") -> Json:
    """What the phone does with a code's text: the next screen, with the page already loaded if it is one."""
    try:
        found = scanning.resolve(world, person, text)
        if found.url:
            ended = await world.browsers.open(person, found.url, agent=agent)
            if ended:
                found = scanning.resolve(world, person, ended)
        screen = scanning.as_json(world, person, found)
    except Refused as error:
        return {"kind": "refused", "error": str(error)}
    except HostRefused as error:
        return {"kind": "refused", "error": f"手机不能打开这个地址：{error}"}
    if screen["kind"] == "page":
        tab = world.browsers.tab(person)
        screen |= {"url": tab.url, "status": tab.status, "title": tab.title, "error": tab.error}
        note = f"打开页面 {tab.title or tab.url}" if tab.status else f"页面打不开：{tab.error}"
        world.timeline.add(world.clock.now(), "page" if tab.status else "bad", note, person_id=person.person_id)
    return screen


@route("POST", "/sim/customers/{person_id}/scan")
async def scan(request: Request) -> Response:
    """扫一扫: a picture (form file, or `image_base64`) or the `text` of a code; `agent` chooses another app."""
    person, world = person_of(request), request.world
    text, agent = _scanned(request)
    world.timeline.scanned(person.person_id)
    world.timeline.add(world.clock.now(), "scan", "扫码", person_id=person.person_id)
    return json_response(await follow_text(world, person, text, agent))


def _scanned(request: Request) -> tuple[str, str]:
    parts = multipart.parse(request.headers.get("content-type", ""), request.body)
    if parts:
        picture = next((part.data for part in parts if part.filename), b"")
        return _only(qr.read(picture)), "wechat"
    body = request.json()
    agent = str(body.get("agent", "wechat"))
    if body.get("image_base64"):
        try:
            return _only(qr.read(base64.b64decode(str(body["image_base64"])))), agent
        except ValueError as error:
            raise BadRequest("image_base64 is not base64") from error
    if not body.get("text"):
        raise BadRequest("a picture, image_base64 or text is required")
    return str(body["text"]), agent


def _only(texts: tuple[str, ...]) -> str:
    if not texts:
        raise BadRequest("图片里没有找到二维码")
    return texts[0]


@route("POST", "/sim/customers/{person_id}/open")
async def open_page(request: Request) -> Response:
    """Open the `url` as if tapped in a chat; `agent`: wechat, wechat_android, alipay, douyin, safari, pc."""
    person, body = person_of(request), request.json()
    url, agent = str(body.get("url", "")), str(body.get("agent", "wechat"))
    return json_response(await follow_text(request.world, person, url, agent))


@route("POST", "/sim/customers/{person_id}/close")
async def close_page(request: Request) -> Response:
    """Close the page."""
    request.world.browsers.close(person_of(request))
    return json_response({"ok": True})


@route("GET", "/sim/customers/{person_id}/page")
async def show_page(request: Request) -> Response:
    """The open page for the phone's frame, without scripts."""
    person = person_of(request)
    tab = request.world.browsers.tab(person)
    response = html_response(rewritten(tab, person.person_id), tab.status or 200)
    response.headers.append(("Content-Security-Policy", FRAME_POLICY))
    return response


@route("GET", "/sim/customers/{person_id}/file")
async def page_file(request: Request) -> Response:
    """A picture or style sheet of the page, with the customer's cookies."""
    try:
        kind, body = await request.world.browsers.picture(person_of(request), request.query.get("u", ""))
    except HostRefused as error:
        raise BadRequest(f"host not allowed: {error}") from error
    return Response(body, 200 if body else 404, kind, [("X-Content-Type-Options", "nosniff")])


@route("GET", "/sim/customers/{person_id}/navigate")
@route("POST", "/sim/customers/{person_id}/navigate")
async def navigate(request: Request) -> Response:
    """A link or a form of the page was used: open its target and show it in the same frame."""
    person, url = person_of(request), request.query.get("u", "")
    extra = [pair for pair in request.raw_query.split("&") if pair and not pair.startswith("u=")]
    if extra:
        url = f"{url}{'&' if '?' in url else '?'}{'&'.join(extra)}"
    if scanning.is_wecom(request.world, url):
        return html_response("<p>已交给企业微信打开</p>")
    try:
        await request.world.browsers.open(person, url, method=request.method, content=request.body)
    except HostRefused as error:
        return html_response(f"<p>手机不能打开这个地址：{friendly(str(error))}</p>")
    return redirect(f"/sim/customers/{person.person_id}/page")


def friendly(url: str) -> str:
    """An address that is safe to show."""
    return url.replace("<", "").replace("&", "&amp;")[:200]


@route("POST", "/sim/customers/{person_id}/recognise")
async def recognise(request: Request) -> Response:
    """长按识别: read the one QR code of the open page. Several codes collide, as in WeChat."""
    return json_response(await _recognise(request.world, person_of(request)))


async def _recognise(world: World, person: Person) -> Json:
    texts = [text for _, picture in world.browsers.tab(person).pictures.values() for text in qr.read(picture)]
    if not texts:
        return {"kind": "refused", "error": "页面上没有可识别的二维码"}
    if len(set(texts)) > 1:
        return {"kind": "refused", "error": "页面上有多个二维码，微信无法确定识别哪一个", "count": len(set(texts))}
    world.timeline.add(world.clock.now(), "scan", "长按识别二维码", person_id=person.person_id)
    return await follow_text(world, person, texts[0])


@route("POST", "/sim/customers/{person_id}/walk")
async def walk(request: Request) -> Response:
    """The whole way in one call: scan `text`, recognise the page's code, and add unless `add` is false.

    The answer has `screens`, and `friend` or `error` at the end.
    """
    person, world, body = person_of(request), request.world, request.json()
    world.timeline.scanned(person.person_id)
    world.timeline.add(world.clock.now(), "scan", "扫码", person_id=person.person_id)
    screen = await follow_text(world, person, str(body.get("text", "")), str(body.get("agent", "wechat")))
    screens = [screen]
    if screen["kind"] == "page":
        screen = await _recognise(world, person)
        screens.append(screen)
    answer: Json = {"screens": screens, "error": screen.get("error", "")}
    if screen["kind"] == "contact" and body.get("add", True):
        try:
            found = scanning.resolve(world, person, screen["text"])
            if found.corp is not None and found.door is not None:
                door = friendships.Door(**{**vars(found.door), "userid": screen["userid"]})
                follow = friendships.add(world, found.corp, person, door)
                answer["friend"] = friendships.as_json(world, found.corp, follow)
        except Refused as error:
            answer["error"] = str(error)
    return json_response(answer)
