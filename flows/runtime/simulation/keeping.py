"""Large values beside the journal of the simulated server: kept, needed, let go and swept.

Each function is what a named statement of the product does to the tables, and is held to PostgreSQL by playing the
statement there. That nobody lacks what it needs is looked at by `bounds` and `judging`.
"""

from typing import Any, Final

from flows.journal import kept, unneeded
from flows.runtime import equipment
from flows.runtime.simulation.rows import Kept
from flows.runtime.simulation.server import SECOND, Answer, Server, Session, Statement, columns

DAY: Final = 86_400 * SECOND
OLD: Final = 3 * DAY
"""So long nobody has used what was left behind before the history begins."""
# Days go by, for values alone.
AGE: Final = "UPDATE flows_payload SET last_used_at = last_used_at - interval '2 days'"


def keep(server: Server, session: Session, values: Any) -> Answer:
    """One that is there already is used once more: whoever writes it has its row until the end of the transaction."""
    now = server.clock()
    for name, _ in columns(values):
        server.lock(session, ("payload", name))

    def store() -> None:
        for name, data in columns(values):
            server.payloads[name] = Kept(data, now)

    session.later.append(store)
    server.watch.kept()
    return []


def _need(server: Server, session: Session, values: Any) -> Answer:
    needed = [row for row in columns(values) if server.seen(session, row[0]) is not None]

    def need() -> None:
        for row in needed:
            server.needed.setdefault(row, False)
        server.watch.needed(needed)

    session.later.append(need)
    return []


def _payloads(server: Server, session: Session, values: Any) -> Answer:
    return [(name, server.payloads[name].data) for name in values[0] if name in server.payloads]


def _let_go(server: Server, session: Session, values: Any) -> Answer:
    due = sorted(
        use for use, is_gone in server.needed.items()
        if not is_gone and (row := server.runs[use[0]]).finished_at is not None and row.owner is None
    )  # fmt: skip
    for use in due:
        server.lock(session, ("use", *use))
    session.later.append(lambda: server.needed.update(dict.fromkeys(due, True)))
    return list(due)


def sweep(server: Server, session: Session, values: Any) -> Answer:
    """What is old, and nobody's, and in nobody's hands."""
    wanted = {name for (_, name), is_gone in server.needed.items() if not is_gone}
    gone = [
        name for name, one in sorted(server.payloads.items())
        if one.last_used < server.clock() - DAY and name not in wanted
        and server.locks.get(("payload", name), session) is session
    ]  # fmt: skip
    for name in gone:
        server.lock(session, ("payload", name))

    def delete() -> None:
        for name in gone:
            del server.payloads[name]
        server.watch.swept(gone)

    session.later.append(delete)
    return [(name,) for name in gone]


def _age(server: Server, session: Session, values: Any) -> Answer:
    there = sorted(server.payloads)
    for name in there:
        server.lock(session, ("payload", name))

    def age() -> None:
        for name in there:
            server.payloads[name].last_used -= 2 * DAY

    session.later.append(age)
    return []


STATEMENTS: Final[dict[str, Statement]] = {
    kept.KEEP: keep,
    kept.NEED: _need,
    equipment.PAYLOADS: _payloads,
    unneeded.LET_GO: _let_go,
    unneeded.SWEEP: sweep,
    AGE: _age,
}
