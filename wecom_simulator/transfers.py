"""Handing customers over: taken after 24 hours unless the customer refuses (documents 92125, 94081)."""

from __future__ import annotations

from wecom_simulator.model import Follow, Transfer
from wecom_simulator.store import Corp, follow_key
from wecom_simulator.world import World

DAY = 86_400
DONE, WAITING, REFUSED, FULL = 1, 2, 3, 4
ASSIGNED = 202
TWICE_WITHIN = 90 * DAY


def begin(world: World, corp: Corp, giver: str, taker: str, external_userid: str, *, resigned: bool) -> int:
    """Start for one customer; 0, or WeCom's code for this customer."""
    follow = corp.follow(giver, external_userid)
    if follow is None:
        known = any(entry.external_userid == external_userid for entry in corp.follows.values())
        return 40131 if known and not resigned else 40096
    if giver.lower() == taker.lower():
        return 40130
    if follow.status not in ("friend", "lost"):
        return 40131
    past = [entry for entry in corp.transfers.values() if entry.external_userid == external_userid]
    if any(entry.status == WAITING for entry in past):
        return 40129
    now = world.clock.seconds()
    recent = [entry for entry in past if not entry.resigned and entry.started > now - TWICE_WITHIN]
    if not resigned and len(recent) >= 2:
        return 40128
    transfer = Transfer(follow.userid, taker, external_userid, WAITING, now, resigned)
    corp.transfers[f"{now}/{len(corp.transfers)}"] = transfer
    corp.touch("transfers")
    return 0


def settle(world: World) -> None:
    """Let every transfer that has waited for 24 hours take place."""
    now = world.clock.seconds()
    for corp in world.store.corps.values():
        for transfer in corp.transfers.values():
            if transfer.status == WAITING and transfer.started + DAY <= now:
                decide(world, corp, transfer, accept=True)


def decide(world: World, corp: Corp, transfer: Transfer, *, accept: bool) -> None:
    """The customer accepts, or lets it happen; or refuses."""
    old = corp.follow(transfer.giver, transfer.external_userid)
    taker = corp.member(transfer.taker)
    corp.touch("transfers", "follows")
    if not accept or taker is None or taker.full or old is None:
        transfer.status = REFUSED if not accept else FULL
        reason = "customer_refused" if not accept else "customer_limit_exceed"
        fields = {"FailReason": reason, "UserID": transfer.taker, "ExternalUserID": transfer.external_userid}
        world.callbacks.emit(corp, "change_external_contact", "transfer_fail", fields)
        return
    transfer.status, transfer.takeover_time = DONE, world.clock.seconds()
    old.status = "dropped"
    new = Follow(taker.userid, old.external_userid, old.person_id, "friend", world.clock.seconds(), ASSIGNED)
    new.tags, new.remark, new.description, new.oper_userid = old.tags, old.remark, old.description, taker.userid
    corp.follows[follow_key(taker.userid, old.external_userid)] = new
    gone = {"UserID": old.userid, "ExternalUserID": old.external_userid, "Source": "DELETE_BY_TRANSFER"}
    world.callbacks.emit(corp, "change_external_contact", "del_external_contact", gone, old.person_id)
    come = {"UserID": new.userid, "ExternalUserID": new.external_userid}
    world.callbacks.emit(corp, "change_external_contact", "add_external_contact", come, old.person_id)
