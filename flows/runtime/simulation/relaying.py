"""The outbox of the simulated server: messages laid down with what they speak of, and deliveries taken by relays.

Each function is what a named statement of the product does to the tables, and is held to PostgreSQL by playing the
statement there. That what arrives arrives in order, and all of it, is looked at by `receivers`.
"""

from typing import Any, Final

from flows.journal import outbox
from flows.journal.outbox import NOBODY
from flows.runtime import parcels
from flows.runtime.simulation.rows import Delivery, Destination, Message
from flows.runtime.simulation.server import SECOND, Answer, Server, Session, Statement

# What people send: all that is dead once more, each at its old place.
AGAIN: Final = """
UPDATE flows_delivery SET state = 'waiting', blocks = true, tries = 0, since = now(), next_try_at = now(), done_at = NULL,
  owner = NULL
WHERE state = 'dead' AND destination_id IS NOT NULL
"""


def _send(server: Server, session: Session, values: Any) -> Answer:
    names = ("ids", "runs", "steps", "topics", "keys", "payloads", "headers")
    for found, run, *rest in zip(*(values[name] for name in names), strict=True):
        row = server.seen(session, run)
        if row is not None and found not in server.outbox:
            session.laid[found] = Message(found, run, row.workspace, *rest)
    laid = dict(session.laid)
    session.later.append(lambda: server.outbox.update(laid))
    return []


def _route(server: Server, session: Session, values: Any) -> Answer:
    routed: list[Delivery] = []
    there = {delivery.message.id for delivery in server.deliveries.values()}
    for name in values["ids"]:
        message = session.laid.get(name) or server.outbox.get(name)
        if message is not None and name not in there:
            routed += [_delivery(server, message, taker) for taker in _takers(server, message) or [None]]

    def keep() -> None:
        for delivery in routed:
            delivery.came = server.commits
            server.deliveries[delivery.position] = delivery

    session.later.append(keep)
    return []


def _takers(server: Server, message: Message) -> list[Destination | None]:
    if not message.step:
        return []
    return [
        one for one in sorted(server.destinations, key=lambda one: one.id)
        if one.workspace == message.workspace and one.takes(message.topic)
    ]  # fmt: skip


def _delivery(server: Server, message: Message, taker: Destination | None) -> Delivery:
    server.positions_drawn += 1
    is_lost = message.step != "" and taker is None
    way = str(taker.id) if taker is not None else message.topic
    return Delivery(
        position=server.positions_drawn, message=message, destination=taker,
        lane=f"{way}:{message.key}" if message.key else "", state="dead" if is_lost else "waiting", blocks=not is_lost,
        since=server.clock(), next_try_at=server.clock(), drawn=server.commits, last_error=NOBODY if is_lost else "",
    )  # fmt: skip


# --- the relays' ----------------------------------------------------------------------------------------------


def _free(server: Server, session: Session, values: Any) -> Answer:
    for delivery in server.deliveries.values():
        if delivery.owner is not None and not server.is_locked_by_anyone(delivery.owner):
            delivery.owner = None
    return []


def is_behind(server: Server, delivery: Delivery) -> bool:
    """Whether one that isn't done stands before it in its lane."""
    return delivery.lane != "" and any(
        one.lane == delivery.lane and one.blocks and one.position < delivery.position
        for one in server.deliveries.values()
    )


def take(server: Server, session: Session, values: Any) -> Answer:
    """So many of each way, the first first."""
    now, room = server.clock(), dict[str, int]()
    waiting = [one for _, one in sorted(server.deliveries.items()) if one.state == "waiting"]
    server.watch.due([one for one in waiting if one.next_try_at <= now])
    taken: list[Delivery] = []
    for delivery in waiting:
        way = str(delivery.destination.id) if delivery.destination is not None else ""
        left = room.setdefault(way, values["each"] - values["busy"].obj.get(way, 0))
        if left > 0 and delivery.owner is None and delivery.next_try_at <= now and not is_behind(server, delivery):
            room[way] -= 1
            taken.append(delivery)
    for delivery in taken:
        delivery.owner = values["me"]
    return [_row(one, now) for one in taken]


def _row(delivery: Delivery, now: int) -> tuple[Any, ...]:
    message, target = delivery.message, delivery.destination
    age = (now - delivery.since) / SECOND
    said = (message.id, message.workspace, message.run, message.step, message.topic, message.key, message.payload)
    way: tuple[Any, ...] = (None,) * 8
    if target is not None:
        way = (target.name, "simulated", {}, "", "", target.max_attempts, 86_400, target.waits_for_dead)
    where = target.id if target is not None else None
    return (delivery.id, where, delivery.tries, age, *said, message.headers, None, *way)


def _ours(server: Server, values: Any) -> Delivery | None:
    found = server.deliveries.get(values["id"].int)
    if found is None or found.owner != values["me"] or found.state != "waiting":
        return None
    server.has_news = True
    found.owner, found.tries = None, found.tries + 1
    return found


def _sent(server: Server, session: Session, values: Any) -> Answer:
    found = _ours(server, values)
    if found is not None:
        found.state, found.blocks, found.last_error = "sent", False, ""
    return []


def _later(server: Server, session: Session, values: Any) -> Answer:
    found = _ours(server, values)
    if found is not None:
        found.last_error, found.next_try_at = values["error"], server.clock() + round(values["pause"] * SECOND)
    return []


def _dead(server: Server, session: Session, values: Any) -> Answer:
    found = _ours(server, values)
    if found is not None:
        found.state, found.blocks, found.last_error = "dead", values["blocks"], values["error"]
        _tell_of_dead(server, values)
    return []


def _tell_of_dead(server: Server, values: Any) -> None:
    """One alert, until somebody has seen it."""
    workspace = server.runs[values["run"]].workspace
    known = {
        message for run, _, code, message in server.alerts
        if code == "message_dead" and server.runs[run].workspace == workspace
    }  # fmt: skip
    if values["message"] not in known:
        server.alerts.append((values["run"], values["step"], "message_dead", values["message"]))


def _again(server: Server, session: Session, values: Any) -> Answer:
    for delivery in server.deliveries.values():
        if delivery.state == "dead" and delivery.destination is not None:
            delivery.state, delivery.blocks, delivery.tries, delivery.owner = "waiting", True, 0, None
            delivery.since = delivery.next_try_at = server.clock()
            delivery.is_again = True
    return []


STATEMENTS: Final[dict[str, Statement]] = {
    outbox.SEND: _send,
    outbox.ROUTE: _route,
    parcels.FREE: _free,
    parcels.TAKE: take,
    parcels.SENT: _sent,
    parcels.LATER: _later,
    parcels.DEAD: _dead,
    AGAIN: _again,
}
