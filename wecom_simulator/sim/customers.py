"""Customers: making them, and what they do on their phone: add, delete, write."""

from __future__ import annotations

import secrets

from wecom_simulator import friendships, scanning
from wecom_simulator.friendships import Door, Refused, external_id
from wecom_simulator.model import Follow, Json, Person
from wecom_simulator.portraits import CITIES, NICKNAMES, colour_of
from wecom_simulator.router import BadRequest, NotFound, Request, Response, json_response, route
from wecom_simulator.store import Corp
from wecom_simulator.world import World


def person_of(request: Request) -> Person:
    """The customer named in the path; NotFound otherwise."""
    person = request.world.store.people.get(request.params["person_id"])
    if person is None:
        raise NotFound(request.params["person_id"])
    return person


def make_person(world: World, body: Json) -> Person:
    """A new customer; names, places and colours come from a list unless given."""
    number = len(world.store.people) + 1
    person_id = str(body.get("person_id") or f"p{number:04d}{secrets.token_hex(2)}")
    city, address = CITIES[number % len(CITIES)]
    person = Person(
        person_id=person_id,
        nickname=str(body.get("nickname") or NICKNAMES[(number - 1) % len(NICKNAMES)]),
        gender=int(body.get("gender", number % 3)),
        colour=colour_of(person_id),
        unionid=f"oz{secrets.token_hex(13)}",
        openid=f"o{secrets.token_hex(13)}",
        city=str(body.get("city") or city),
        address=str(body.get("address") or address),
        created=world.clock.now(),
    )
    world.store.people[person_id] = person
    world.store.save_people()
    return person


@route("POST", "/sim/customers")
async def make_customers(request: Request) -> Response:
    """One customer, or `count` of them."""
    body = request.json()
    people = [make_person(request.world, body) for _ in range(min(int(body.get("count", 1)), 5000))]
    return json_response({"customers": people, **vars(people[0])} if people else {"customers": []})


@route("GET", "/sim/customers")
async def list_customers(request: Request) -> Response:
    """Customers, the newest first; `limit` cuts (default 200)."""
    limit = int(request.query["limit"]) if request.query.get("limit", "").isdigit() else 200
    people = list(reversed(request.world.store.people.values()))
    return json_response({"total": len(people), "customers": people[:limit]})


@route("POST", "/sim/codes")
async def print_codes(request: Request) -> Response:
    """Printed codes that lie on the desk, to be chosen on the phone: a list `codes` of `name`, `url`, `place`."""
    codes = request.json().get("codes", [])
    for code in codes:
        if not isinstance(code, dict) or not code.get("url"):
            raise BadRequest("each code needs a url")
        request.world.store.codes[str(code["url"])] = {"name": str(code["url"]), "place": "", **code}
    request.world.store.save_codes()
    return json_response({"codes": list(request.world.store.codes.values())})


@route("GET", "/sim/codes")
async def printed_codes(request: Request) -> Response:
    """The printed codes."""
    return json_response({"codes": list(request.world.store.codes.values())})


@route("DELETE", "/sim/customers/{person_id}/cookies")
async def clear_cookies(request: Request) -> Response:
    """Forget the cookies and close the page, as on a new phone."""
    person = person_of(request)
    person.cookies.clear()
    request.world.browsers.close(person)
    request.world.store.save_people()
    return json_response({"ok": True})


@route("POST", "/sim/customers/{person_id}/add")
async def add(request: Request) -> Response:
    """Tap 添加. By a code: `text` (what a QR says). Without our codes: `corp_id`, `userid` and `add_way`."""
    person, body, world = person_of(request), request.json(), request.world
    try:
        corp, door = _door(world, person, body)
        follow = friendships.add(world, corp, person, door)
    except Refused as error:
        world.timeline.add(world.clock.now(), "bad", str(error), person_id=person.person_id)
        return json_response({"status": "refused", "error": str(error)}, 409)
    return json_response(friendships.as_json(world, corp, follow))


def _door(world: World, person: Person, body: Json) -> tuple[Corp, Door]:
    text = body.get("text")
    userid = body.get("userid")
    if isinstance(text, str) and text:
        found = scanning.resolve(world, person, text)
        if found.corp is None or found.door is None:
            raise BadRequest("this code adds nobody")
        # The confirm page has already named one of several: it stays that one.
        chosen = found.door if not userid else Door(**{**vars(found.door), "userid": str(userid)})
        return found.corp, chosen
    if not userid:
        raise BadRequest("text, or corp_id and userid, are required")
    corp = world.corp(str(body.get("corp_id", "")))
    skip = bool(body.get("skip_verify", True))
    state = str(body.get("state", ""))
    return corp, Door(str(userid), int(body.get("add_way", friendships.BY_CARD)), state, skip)


def _friend(request: Request) -> tuple[Corp, Follow]:
    person, body = person_of(request), request.json()
    corp = request.world.corp(str(body.get("corp_id", "")))
    follow = corp.follow(str(body.get("userid", "")), external_id(corp.corp_id, person.person_id))
    if follow is None:
        raise NotFound("no such friend")
    return corp, follow


@route("POST", "/sim/customers/{person_id}/delete")
async def customer_deletes(request: Request) -> Response:
    """Delete an employee (`corp_id`, `userid`)."""
    corp, follow = _friend(request)
    try:
        friendships.delete(request.world, corp, follow, by_staff=False)
    except Refused as error:
        raise BadRequest(str(error)) from error
    return json_response(friendships.as_json(request.world, corp, follow))


@route("POST", "/sim/customers/{person_id}/message")
async def customer_says(request: Request) -> Response:
    """Write to an employee (`corp_id`, `userid`, `text`)."""
    corp, follow = _friend(request)
    try:
        friendships.say(request.world, corp, follow, str(request.json().get("text", "")), by_staff=False)
    except Refused as error:
        raise BadRequest(str(error)) from error
    return json_response(friendships.as_json(request.world, corp, follow))


@route("GET", "/sim/customers/{person_id}")
async def phone(request: Request) -> Response:
    """All that a customer's phone shows: the friends with their chats, and the page that is open."""
    person, world = person_of(request), request.world
    friends: list[Json] = []
    for corp in world.store.corps.values():
        external = external_id(corp.corp_id, person.person_id)
        own = [follow for follow in corp.follows.values() if follow.external_userid == external]
        friends += [friendships.as_json(world, corp, follow) for follow in own]
    friends.sort(key=lambda friend: -friend["createtime"])
    tab = world.browsers.tab(person)
    page = {"url": tab.url, "status": tab.status, "title": tab.title, "error": tab.error, "redirects": tab.redirects}
    return json_response({"customer": person, "friends": friends, "page": page})
