"""The browser inside WeChat on each customer's phone: fetches our pages server-side, with the customer's cookies.

Pages are shown in a frame without scripts, their addresses rewritten so that links, forms and pictures come
through here again.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from html import escape, unescape
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urljoin, urlsplit

from wecom_simulator.model import Person
from wecom_simulator.outgoing import Answer, Outgoing
from wecom_simulator.store import Store

MOST_REDIRECTS = 10
AGENTS = {
    "wechat": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Mobile/15E148 MicroMessenger/8.0.50(0x18003231) NetType/WIFI Language/zh_CN",
    "wechat_android": "Mozilla/5.0 (Linux; Android 14; V2304A Build/UP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160117 MicroMessenger/8.0.50.2701(0x28003252) "
    "WeChat/arm64 Weixin NetType/5G Language/zh_CN ABI/arm64",
    "alipay": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Mobile/15E148 Ariver/1.1.0 AliApp(AP/10.6.20.6000) Nebula WK RVKType(0) AlipayDefined(nt:WIFI)",
    "douyin": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Mobile/15E148 aweme_31.0.0 JsSdk/2.0 NetType/WIFI",
    "safari": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.6 Mobile/15E148 Safari/604.1",
    "pc": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 "
    "Safari/537.36",
}
_ATTRIBUTE = re.compile(r"""(?P<name>\b(?:src|href|action))\s*=\s*(?P<q>["'])(?P<url>.*?)(?P=q)""", re.I | re.S)
_IMAGE = re.compile(r"""<img\b[^>]*?\bsrc\s*=\s*(["'])(?P<url>.*?)\1""", re.I | re.S)
_CSS_URL = re.compile(r"""url\(\s*(["']?)(?P<url>[^"')]+)\1\s*\)""", re.I)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.I | re.S)


@dataclass
class Tab:
    """The page that a phone shows. `redirects` are the addresses on the way to it."""

    url: str = ""
    status: int = 0
    title: str = ""
    html: str = ""
    error: str = ""
    redirects: list[str] = field(default_factory=list)
    pictures: dict[str, tuple[str, bytes]] = field(default_factory=dict)


class Browsers:
    """One tab for each person."""

    def __init__(self, outgoing: Outgoing, store: Store, base_url: str) -> None:
        self._outgoing = outgoing
        self._store = store
        self._own = urlsplit(base_url).netloc
        self._tabs: dict[str, Tab] = {}

    def tab(self, person: Person) -> Tab:
        """The person's tab; an empty one at first."""
        return self._tabs.setdefault(person.person_id, Tab())

    def close(self, person: Person) -> None:
        """Close the person's tab."""
        self._tabs.pop(person.person_id, None)

    def clear(self) -> None:
        """Close all tabs."""
        self._tabs.clear()

    async def open(
        self, person: Person, url: str, *, agent: str = "wechat", method: str = "GET", content: bytes = b""
    ) -> str:
        """Open an address and what it redirects to, pictures too; returns WeCom's own address if it ends at one."""
        tab = self._tabs[person.person_id] = Tab(url=url)
        for _ in range(MOST_REDIRECTS):
            if self._is_wecom(tab.url):
                return tab.url
            answer = await self._fetch(person, tab.url, agent=agent, method=method, content=content)
            location = answer.headers.get("location", "")
            if answer.status not in (301, 302, 303, 307, 308) or not location:
                await self._show(person, tab, answer, agent)
                return ""
            tab.redirects.append(tab.url)
            tab.url = urljoin(tab.url, location)
            if answer.status in (301, 302, 303):
                method, content = "GET", b""
        tab.error = "重定向次数过多"
        return ""

    def _is_wecom(self, url: str) -> bool:
        parts = urlsplit(url)
        own = parts.netloc == self._own and parts.path.startswith("/ca/")
        return own or parts.hostname == "work.weixin.qq.com" or parts.scheme == "weixin"

    async def _show(self, person: Person, tab: Tab, answer: Answer, agent: str) -> None:
        tab.status = answer.status
        tab.error = answer.error
        tab.html = answer.body.decode(errors="replace")
        title = _TITLE.search(tab.html)
        tab.title = unescape(title.group(1)).strip() if title else ""
        for match in _IMAGE.finditer(tab.html):
            source = urljoin(tab.url, unescape(match.group("url")))
            if source.startswith("data:"):
                tab.pictures[source] = ("image/png", _inline(source))
            elif self._outgoing.may_open(source):
                picture = await self._fetch(person, source, agent=agent, referer=tab.url)
                kind = picture.headers.get("content-type", "application/octet-stream")
                tab.pictures[source] = (kind, picture.body if picture.status == 200 else b"")

    async def picture(self, person: Person, url: str) -> tuple[str, bytes]:
        """A file of the page: from the tab if it was loaded with it, else fetched with the person's cookies."""
        found = self.tab(person).pictures.get(url)
        if found is not None:
            return found
        answer = await self._fetch(person, url, referer=self.tab(person).url)
        return answer.headers.get("content-type", "application/octet-stream"), answer.body

    async def _fetch(
        self,
        person: Person,
        url: str,
        *,
        agent: str = "wechat",
        method: str = "GET",
        content: bytes = b"",
        referer: str = "",
    ) -> Answer:
        host = urlsplit(url).hostname or ""
        headers = {"User-Agent": AGENTS.get(agent, agent), "Accept-Language": "zh-CN,zh;q=0.9"}
        headers["Accept"] = "image/webp,image/*,*/*;q=0.8" if referer else "text/html,application/xhtml+xml,*/*;q=0.8"
        cookies = person.cookies.get(host, {})
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        if person.address:
            headers["X-Forwarded-For"] = person.address
        if content:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        answer = await self._outgoing.open_page(method, url, content=content, headers=headers)
        self._keep_cookies(person, host, answer.headers.get_list("set-cookie"))
        return answer

    def _keep_cookies(self, person: Person, host: str, lines: list[str]) -> None:
        jar = person.cookies.setdefault(host, {})
        for line in lines:
            try:
                morsels = SimpleCookie(line)
            except CookieError:
                continue
            for name, morsel in morsels.items():
                if morsel["max-age"] == "0":
                    jar.pop(name, None)
                else:
                    jar[name] = morsel.coded_value
        if lines:
            self._store.save_people()


def _inline(source: str) -> bytes:
    try:
        return base64.b64decode(source.partition(",")[2])
    except ValueError:
        return b""


def rewritten(tab: Tab, person_id: str) -> str:
    """The page with every address led back through the simulator."""

    def proxied(url: str, room: str) -> str:
        target = urljoin(tab.url, unescape(url))
        if not target.startswith(("http://", "https://", "weixin://")):
            return url
        return escape(f"/sim/customers/{person_id}/{room}?u={quote(target, safe='')}")

    def attribute(match: re.Match[str]) -> str:
        name, quoted, url = match.group("name"), match.group("q"), match.group("url")
        before = match.string[max(0, match.start() - 200) : match.start()].rpartition("<")[2].lower()
        room = "navigate" if before.startswith(("a ", "form ", "a\n", "area ")) else "file"
        return f"{name}={quoted}{proxied(url, room)}{quoted}"

    text = _ATTRIBUTE.sub(attribute, tab.html)
    return _CSS_URL.sub(lambda match: f"url('{proxied(match.group('url'), 'file')}')", text)
