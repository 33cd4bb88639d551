"""A person at the console over HTTP: signs in, fills in the page that creates a code, reads pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

import httpx

from tests.authenticator import code_of
from tests.story.stack import Stack, until

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_CHOICE = r'name="{name}" value="(\d+)"[^>]*>.*?<span>{label}</span>'


@dataclass
class Console:
    """A signed-in browser without scripts."""

    stack: Stack
    http: httpx.Client

    @property
    def home(self) -> str:
        """The company's home page."""
        return f"/t/{self.stack.tenant['slug']}/"

    def page(self, path: str) -> str:
        """A page of the company; fails unless it is there."""
        reply = self.http.get(self.home + path)
        assert reply.status_code == 200, f"{path}: {reply.status_code}"
        return reply.text

    def create(self, called: str, /, *staff: str, **changes: str | list[str]) -> httpx.Response:
        """Send the page that creates a code, with these colleagues in this order; the answer to the form."""
        page = self.page("codes/new/")
        token = _TOKEN.search(page)
        assert token is not None
        form: dict[str, str | list[str]] = {
            "csrfmiddlewaretoken": token.group(1),
            "purpose": "campaign",
            "purpose_text": "故障演练",
            "channel_name": "演练海报",
            "name": called,
            "kind": "several",
            "validity": "months",
            "roster": [_choice(page, "roster", one) for one in staff],
            "template": template_of(page),
        }
        return self.http.post(f"{self.home}codes/new/", data={**form, **changes})

    def live_code(self, name: str, *staff: str) -> tuple[int, str]:
        """Create a code and wait until it is live; its id and its printed URL."""
        code_id = self.created(self.create(name, *staff))
        until(lambda: self.state_of(code_id) == "live", what=f"{name} is live")
        return code_id, self.url_of(code_id)

    def batch(self, do: str, *code_ids: int) -> str:
        """Do one action to codes through the list's dialog; the dialog's answer."""
        token = _TOKEN.search(self.page("codes/new/"))
        assert token is not None
        form = {"csrfmiddlewaretoken": token.group(1), "do": do, "confirm": "1", "ids": [str(pk) for pk in code_ids]}
        reply = self.http.post(f"{self.home}codes/batch/", data=form)
        assert reply.status_code == 200, reply.text
        return reply.text

    def created(self, answer: httpx.Response) -> int:
        """The id of the code that a form has made; fails when the form was refused."""
        place = re.search(r"/codes/(\d+)/$", answer.headers.get("location", ""))
        assert place is not None, answer.text
        return int(place.group(1))

    def state_of(self, code_id: int) -> str:
        """The state that the database holds."""
        return str(self.stack.rows("SELECT state FROM codes_livecode WHERE id = %s", code_id)[0][0])

    def url_of(self, code_id: int) -> str:
        """What is printed."""
        ((slug,),) = self.stack.rows("SELECT slug FROM codes_livecode WHERE id = %s", code_id)
        return f"{self.stack.place.url('edge')}/c/{slug}"


def sign_in(stack: Stack, bundle: str) -> Console:
    """The demo's person with this bundle, signed in."""
    account = stack.account(bundle)
    http = httpx.Client(base_url=stack.place.url("console"), timeout=60, trust_env=False)
    token = _TOKEN.search(http.get("/login/").text)
    assert token is not None
    words = {name: account[name] for name in ("username", "password")}
    reply = http.post("/login/", data={"csrfmiddlewaretoken": token.group(1), **words})
    assert reply.status_code == 302, reply.text
    if account["totp_secret"]:
        token = _TOKEN.search(http.get(reply.headers["location"]).text)
        assert token is not None
        code = {"csrfmiddlewaretoken": token.group(1), "code": code_of(account["totp_secret"])}
        assert http.post("/login/verify/", data=code).status_code == 302
    return Console(stack, http)


def _choice(page: str, name: str, label: str) -> str:
    """The value of a picker's entry by its label."""
    for entry in re.findall(r"<li data-search=.*?</li>", page, re.DOTALL):
        found = re.search(_CHOICE.format(name=name, label=re.escape(label)), unescape(entry), re.DOTALL)
        if found:
            return str(found.group(1))
    raise AssertionError(f"{label} can't be chosen as {name}")


def template_of(page: str) -> str:
    """The greeting that names customer and colleague."""
    found = re.search(r'<option value="(\d+)"[^>]*>[^<]*课程顾问</option>', page)
    assert found is not None
    return str(found.group(1))
