"""One statement, carried out at the simulated server as it comes in: within its transaction, or committed by itself.

It decides what opens and ends a transaction, and keeps the statements in the order in which they took effect. How a
statement travels is `wire`'s business, what it does to the tables is `statements`'.
"""

from typing import TYPE_CHECKING, Any

import psycopg

from flows.journal.flush import ADVANCE, AT_ONCE, COPY_EVENTS
from flows.runtime.simulation.server import Session
from flows.runtime.simulation.statements import CLAIMS, STATEMENTS, copy_events

if TYPE_CHECKING:
    from flows.runtime.simulation.world import World


def performed(world: "World", session: Session, query: str, values: Any) -> list[Any]:
    """Its answer. Raises Locked, and what PostgreSQL refuses with."""
    server = world.server
    if query == "BEGIN":
        world.recorded(session, query, values, [])
        server.begin(session)
        return []
    if query == "ROLLBACK":
        world.recorded(session, query, values, [])
        server.roll_back(session)
        return []
    if query.endswith("COMMIT"):
        world.recorded(session, query, values, [])
        server.commit(session)
        return []
    if session.is_aborted:
        raise psycopg.errors.InFailedSqlTransaction("current transaction is aborted")
    if query in (ADVANCE, AT_ONCE) and world.is_troubled and world.net.random() < 0.01:
        raise psycopg.errors.DeadlockDetected("deadlock detected")
    rows = _done(world, session, query, values)
    world.recorded(session, query, values, rows)
    if not session.is_open:
        server.commit(session)
    return rows


def _done(world: "World", session: Session, query: str, values: Any) -> list[Any]:
    if query == COPY_EVENTS:
        copy_events(world.server, session, values)
        return []
    if query in CLAIMS:
        return CLAIMS[query](world.server, session, values)
    return STATEMENTS[query](world.server, session, values)
