"""Other work of the console while greetings are measured: a tag job over customers, and an import.

The tag job gives old customers one tag after the other, each a ``mark_tag`` call. The import syncs the contacts again
and again and makes codes, each with fifteen contact ways to order, fetch, decode and draw.
"""

from __future__ import annotations

import itertools
import threading
from types import TracebackType

from codes.selectors import name_proposal
from livecode_admin.console.services import NewCode, code_launch
from livecode_admin.devstack.benches.ground import Ground
from livecode_admin.kernel import clock
from permissions.access import Access, access_for
from tagging.selectors import tags_tree
from tagging.services import code_tags_apply, code_tags_set
from tenants.context import tenant_context
from tenants.selectors import tenant_facts
from tenants.tasks import enqueue_now

QUEUED_MOST = 60
SEATS = 5
SYNC_SECONDS = 2.0


class Load:
    """A context manager: the load runs in threads while its body runs. ``pairs``: (customer id, staff id) to tag."""

    def __init__(self, ground: Ground, code_id: int, pairs: list[tuple[int, int]]) -> None:
        self.ground = ground
        self.code_id = code_id
        self.pairs = pairs
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self._tag, self._sync, self._make)]
        self.before = self._done()

    def __enter__(self) -> Load:
        """Begin."""
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End; what is queued is still worked off."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(30)

    def work_done(self) -> dict[str, int]:
        """What the workers have done beside the greetings since the load began."""
        return {name: count - self.before[name] for name, count in self._done().items()}

    def _done(self) -> dict[str, int]:
        sql = (
            "SELECT (SELECT count(*) FROM tagging_customertag WHERE state = 'set'),"
            " (SELECT count(*) FROM routing_contactway WHERE status = 'live')"
        )
        ((tags, ways),) = self.ground.rows(sql)
        return {"tags_set": tags, "ways_made": ways}

    def _tag(self) -> None:
        access = self._owner()
        with tenant_context(self.ground.tenant_id):
            tags = [node.id for node in tags_tree(access) if node.is_leaf and node.depth > 0]
        for tag_id in itertools.cycle(tags):
            with tenant_context(self.ground.tenant_id):
                code_tags_set(access=access, code_id=self.code_id, tag_ids=[tag_id], now=clock.now())
            for customer_id, staff_id in self.pairs:
                if not self._room("tagging_customertag", "state = 'pending'"):
                    return
                with tenant_context(self.ground.tenant_id):
                    code_tags_apply(code_id=self.code_id, customer_id=customer_id, staff_id=staff_id, now=clock.now())

    def _sync(self) -> None:
        while not self.stopping.wait(SYNC_SECONDS):
            enqueue_now("people.tasks.sync_contacts", tenant_id=self.ground.tenant_id)

    def _make(self) -> None:
        access = self._owner()
        staff = [pk for (pk,) in self.ground.rows("SELECT id FROM people_staff WHERE can_receive ORDER BY id")]
        for number in itertools.count():
            if not self._room("routing_contactway", "status = 'pending'"):
                return
            with tenant_context(self.ground.tenant_id):
                zone, now = tenant_facts().time_zone, clock.now()
                name = name_proposal(now=now, zone=zone, purpose_text=f"导入{number}", channel="导入")
                code_launch(access=access, new=_new_code(name, staff[:SEATS]), now=now)

    def _room(self, table: str, waiting: str) -> bool:
        """Wait until the queue has room; False when the load is to end."""
        sql = f"SELECT count(*) FROM {table} WHERE {waiting}"  # noqa: S608  # both are words of this module
        while not self.stopping.is_set():
            if self.ground.rows(sql)[0][0] < QUEUED_MOST:
                return True
            self.stopping.wait(0.1)
        return False

    def _owner(self) -> Access:
        """The company's owner: the load is what people do."""
        username = next(one["username"] for one in self.ground.tenant["accounts"] if one["bundle"] == "owner")
        ((user_id,),) = self.ground.rows("SELECT id FROM permissions_user WHERE username = %s", username)
        with tenant_context(self.ground.tenant_id):
            access = access_for(user_id, tenant_facts(), clock.now())
        assert access is not None
        return access


def _new_code(name: str, roster: list[int]) -> NewCode:
    return NewCode(
        name=name,
        purpose="campaign",
        purpose_text="导入",
        kind="several",
        channel_name="导入",
        folder_id=None,
        owner_id=None,
        department_id=None,
        expires_at=None,
        landing_text="",
        roster=roster,
        backups=[],
        tag_ids=[],
        template_id=None,
    )
