"""QR images, faces, and the files of the pages."""

from __future__ import annotations

from pathlib import Path

from wecom_simulator import pages, portraits, qr, scanning
from wecom_simulator.router import NotFound, Request, Response, route

STATIC = Path(__file__).parent.parent / "static"
KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
LASTING = [("Cache-Control", "max-age=86400")]


@route("GET", "/sim/qr/{config_id}.png")
async def qr_picture(request: Request) -> Response:
    """The QR of a contact way or a join way."""
    config_id = request.params["config_id"]
    for corp in request.world.store.corps.values():
        if config_id in corp.ways:
            return Response(qr.draw(scanning.way_text(corp.ways[config_id])), content_type="image/png", headers=LASTING)
        if config_id in corp.join_ways:
            text = scanning.join_text(corp.join_ways[config_id])
            return Response(qr.draw(text), content_type="image/png", headers=LASTING)
    raise NotFound(config_id)


@route("GET", "/sim/qr")
async def any_qr(request: Request) -> Response:
    """A QR of any `text`."""
    return Response(qr.draw(request.query.get("text", "")[:1000]), content_type="image/png")


@route("GET", "/sim/avatar/{person_id}.svg")
async def customer_face(request: Request) -> Response:
    """A customer's picture."""
    person = request.world.store.people.get(request.params["person_id"])
    if person is None:
        raise NotFound(request.params["person_id"])
    return Response(portraits.svg(person.nickname, person.colour), content_type="image/svg+xml", headers=LASTING)


@route("GET", "/sim/avatar/{corp_id}/{userid}.svg")
async def staff_face(request: Request) -> Response:
    """An employee's picture."""
    member = request.world.corp(request.params["corp_id"]).member(request.params["userid"])
    if member is None:
        raise NotFound(request.params["userid"])
    colour = portraits.colour_of(member.userid)
    return Response(portraits.svg(member.name, colour), content_type="image/svg+xml", headers=LASTING)


@route("GET", "/ca/{link_id}")
async def link_page(request: Request) -> Response:
    """An acquisition link in an ordinary browser: only WeChat can use it."""
    return pages.page("获客链接", '<section class="card narrow"><h1>请在微信中打开</h1></section>')


@route("GET", "/static/{name}")
async def static_file(request: Request) -> Response:
    """Style sheet and script of the simulator's pages."""
    path = STATIC / request.params["name"]
    if path.suffix not in KINDS or path.name not in {entry.name for entry in STATIC.iterdir()}:
        raise NotFound(request.params["name"])
    return Response(path.read_bytes(), content_type=KINDS[path.suffix], headers=[("Cache-Control", "no-cache")])
