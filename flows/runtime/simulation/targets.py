"""What all executors know together of the targets of effects: circuit breakers and the rates of credentials.

Each function is what a named statement of the product does to the tables, and is held to PostgreSQL by playing the
statement there. Whether a breaker may change so, and an attempt go on, is looked at by `bounds`.
"""

from typing import Any, Final
from uuid import UUID

from flows.dsl.instants import Instant
from flows.runtime import breakers, equipment, rates
from flows.runtime.breakers import LONGEST, PAUSE, THRESHOLD, TRY, WINDOW
from flows.runtime.simulation.server import Answer, Breaker, Server, Session, Statement

RESET: Final = """
UPDATE flows_breaker SET state = 'closed', failures = 0, trips = 0, until = NULL
WHERE workspace_id = %s AND target = %s RETURNING target
"""


def _changed(server: Server, breaker: Breaker, state: str, at: Instant, *, by_hand: bool = False) -> None:
    server.watch.breaker(breaker, state, at, by_hand=by_hand)
    breaker.state, breaker.changed_at = state, at


def _troubled(server: Server, session: Session, values: Any) -> Answer:
    return [
        (*key, breaker.state, breaker.until) for key, breaker in server.breakers.items()
        if breaker.state != "closed" or breaker.failures > 0
    ]  # fmt: skip


def _count(server: Server, session: Session, values: Any) -> Answer:
    _, workspace, target, at, _, _ = values
    found = server.breakers.get((workspace, target))
    if found is None:
        found = server.breakers[workspace, target] = Breaker(target, first_failed_at=at, changed_at=at)
    elif found.failures == 0 or found.first_failed_at < at - WINDOW:
        found.failures, found.first_failed_at = 0, at
    found.failures += 1
    return [(found.state, found.failures)]


def _open(server: Server, session: Session, values: Any) -> Answer:
    at, _, wait, *key = values
    found = server.breakers.get(tuple(key))
    if found is None or not (found.state == "half_open" or (found.state == "closed" and found.failures >= THRESHOLD)):
        return []
    _changed(server, found, "open", at)
    found.until = int(at + max(wait, min(LONGEST, PAUSE * 2 ** min(found.trips, 10))))
    found.trips += 1
    return [(found.until,)]


def try_first(server: Server, session: Session, values: Any) -> Answer:
    at, _, *key, _ = values
    found = server.breakers.get(tuple(key))
    if found is None or found.state == "closed" or found.until is None or found.until > at:
        return []
    _changed(server, found, "half_open", at)
    found.until = at + TRY
    return [(found.target,)]


def _closed(server: Server, breaker: Breaker | None) -> Answer:
    if breaker is None:
        return []
    breaker.failures, breaker.trips, breaker.until = 0, 0, None
    return [(breaker.target,)]


def _close(server: Server, session: Session, values: Any) -> Answer:
    at, *key = values
    found = server.breakers.get(tuple(key))
    if found is None or found.state == "open":
        return []
    _changed(server, found, "closed", at)
    return _closed(server, found)


def _reset(server: Server, session: Session, values: Any) -> Answer:
    found = server.breakers.get(tuple(values))
    if found is not None:
        _changed(server, found, "closed", server.clock(), by_hand=True)
    return _closed(server, found)


def _credential(server: Server, session: Session, values: Any) -> Answer:
    found = server.credentials.get(tuple(values))
    return [] if found is None else [(found.id, "simulated", [], found.secret, True)]


def _reserve(server: Server, session: Session, values: Any) -> Answer:
    at, *key = values
    found = server.credentials.get(tuple(key))
    if found is None:
        return []
    turn = max(found.next_turn, at) if found.next_turn is not None else at
    found.next_turn = turn + found.apart
    server.watch.reserved((key[0], key[1]), turn, found.apart)
    return [(turn,)]


class Hearsay:
    """What one process was told of targets in trouble, and where it was told to try first."""

    def __init__(self) -> None:
        self._states: dict[tuple[UUID, str], tuple[str, Instant | None]] = {}
        self._tries: set[tuple[UUID, str]] = set()

    def hear(self, query: str, values: Any, rows: Answer) -> None:
        match query:
            case breakers.TROUBLED:
                self._states = {(workspace, target): (state, until) for workspace, target, state, until in rows}
            case breakers.COUNT if rows[0][0] == "closed":
                self._states[values[1], values[2]] = "closed", None
            case breakers.OPEN if rows:
                self._states[values[3], values[4]] = "open", rows[0][0]
            case breakers.TRY_FIRST if rows:
                self._tries.add((values[2], values[3]))
            case _:
                pass

    def lets(self, workspace: UUID, target: str) -> bool:
        """Whether who was told this may reach for the target."""
        key = workspace, target
        if key in self._tries:
            self._tries.discard(key)
            return True
        return self._states.get(key, ("closed", None))[0] == "closed"


STATEMENTS: Final[dict[str, Statement]] = {
    breakers.TROUBLED: _troubled,
    breakers.COUNT: _count,
    breakers.OPEN: _open,
    breakers.TRY_FIRST: try_first,
    breakers.CLOSE: _close,
    RESET: _reset,
    equipment.CREDENTIAL: _credential,
    rates.RESERVE: _reserve,
}
