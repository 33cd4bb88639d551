"""「以此人视角查看」: an owner's session that looks at one tenant with another member's eyes, and changes nothing.

What is kept in the session says whom, and since when; `permissions.guards` makes the rights of it. Real seconds, as
all that belongs to a session.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from django.contrib.sessions.backends.base import SessionBase
from django.db import InternalError, connection
from django.http import HttpResponseBase

from permissions.access import Denied
from tenants.context import tenant_context

_View = TypeVar("_View", bound=Callable[..., HttpResponseBase])
KEY = "viewing_as"
SECONDS = 30 * 60
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# PostgreSQL's read_only_sql_transaction.
READ_ONLY = "25006"
_PAGES = ("text/html", "image/", "text/plain", "application/json")
ONLY_LOOKING = "正在以他人视角查看，只能看，不能修改。请先退出查看再操作"
NO_FILES = "正在以他人视角查看，不能导出或下载。请先退出查看再操作"


@dataclass(frozen=True)
class Viewing:
    """Whose eyes the session looks with in one tenant. ``since``: seconds since 1970."""

    tenant_id: int
    tenant_slug: str
    member_id: int
    user_id: int
    name: str
    since: int

    @property
    def is_over(self) -> bool:
        """Whether its 30 minutes have passed."""
        return not 0 <= time.time() - self.since < SECONDS

    @property
    def minutes_left(self) -> int:
        """Whole minutes that are left, the begun one counted."""
        return max(0, -(-(self.since + SECONDS - int(time.time())) // 60))


class ViewingRefused(Denied):
    """Something else than looking was tried while looking as somebody else; ``plain`` says so in Chinese."""

    def __init__(self, plain: str) -> None:
        super().__init__("", what="以他人视角查看")
        self.missing = ()
        self.plain = plain


class ViewingOver(Exception):
    """The view has come to its end; ``why`` in Chinese. The request that found it so is not carried out."""

    def __init__(self, viewing: Viewing, why: str) -> None:
        super().__init__(why)
        self.viewing = viewing
        self.why = why


def viewing_begin(session: SessionBase, viewing: Viewing) -> None:
    """Look with this member's eyes in this tenant from the next request on."""
    session[KEY] = {**session.get(KEY, {}), str(viewing.tenant_id): asdict(viewing)}


def viewing_of(session: SessionBase, tenant_id: int) -> Viewing | None:
    """Whose eyes the session looks with in the tenant; None: the person's own."""
    kept: dict[str, Any] | None = session.get(KEY, {}).get(str(tenant_id))
    return Viewing(**kept) if kept else None


def viewings(session: SessionBase) -> list[Viewing]:
    """All views that the session has open, one a tenant at most."""
    return [Viewing(**kept) for kept in session.get(KEY, {}).values()]


def viewing_stop(session: SessionBase, tenant_id: int) -> None:
    """Look with one's own eyes again."""
    left = {key: kept for key, kept in session.get(KEY, {}).items() if key != str(tenant_id)}
    session.pop(KEY, None)
    if left:
        session[KEY] = left


def ends_viewing(view: _View) -> _View:
    """Below its guard: the one view that may be posted to while looking as somebody else, with the owner's rights."""
    view.ends_viewing = True  # type: ignore[attr-defined]
    return view


def make_read_only() -> None:
    """From here on the current transaction can write nothing: PostgreSQL refuses it."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")


@contextmanager
def reading_context(tenant_id: int) -> Iterator[None]:
    """`tenant_context` in which nothing can be written."""
    with tenant_context(tenant_id):
        make_read_only()
        yield


def is_refused_write(error: InternalError) -> bool:
    """Whether the database refused to write because the transaction only reads."""
    return getattr(error.__cause__, "sqlstate", None) == READ_ONLY


def is_file(response: HttpResponseBase) -> bool:
    """Whether the answer takes data out of the page: a download, or anything that is no page, picture or part."""
    kind = response.get("Content-Type", "text/html").partition(";")[0].strip()
    return "attachment" in response.get("Content-Disposition", "") or not kind.startswith(_PAGES)
